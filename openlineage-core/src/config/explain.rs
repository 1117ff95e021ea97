use std::fmt;

use serde::{Serialize, Serializer};

use super::{ConfigValue, Node, Source, secret};

/// One value of the merged configuration, fit to be printed: `path: value (source)`.
///
/// Serialized it is an object with the texts `path`, `value` and `source`.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Line {
    /// Dotted path of the key.
    pub path: String,
    /// The value, `***` where it may be a secret.
    pub value: String,
    /// Where it comes from.
    #[serde(serialize_with = "as_text")]
    pub source: Source,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.value, self.source)
    }
}

fn as_text<S: Serializer>(source: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(source)
}

/// A line of the tree: a value, or the heading of a map or a list.
pub(super) struct Row {
    path: Vec<String>,
    value: Option<String>,
    source: Source,
}

impl Row {
    /// The rows of a tree from top to bottom.
    pub(super) fn all(tree: &ConfigValue) -> Vec<Self> {
        let mut rows = Vec::new();
        walk(tree, &mut Vec::new(), &mut rows);
        rows
    }

    pub(super) fn into_line(self) -> Option<Line> {
        Some(Line { path: self.path.join("."), value: self.value?, source: self.source })
    }

    pub(super) fn render(rows: &[Self]) -> String {
        let texts: Vec<_> = rows.iter().map(Self::text).collect();
        let width =
            texts.iter().map(|text| text.chars().count()).filter(|width| *width <= 60).max().unwrap_or_default();
        let lines = rows.iter().zip(texts).map(|(row, text)| match row.value {
            Some(_) => format!("{text:width$}  # {}\n", row.source),
            None => format!("{text}\n"),
        });
        lines.collect()
    }

    fn text(&self) -> String {
        let indent = "  ".repeat(self.path.len().saturating_sub(1));
        let key = self.path.last().map(String::as_str).unwrap_or_default();
        match &self.value {
            Some(value) => format!("{indent}{key}: {value}"),
            None => format!("{indent}{key}:"),
        }
    }
}

fn walk(value: &ConfigValue, path: &mut Vec<String>, rows: &mut Vec<Row>) {
    let leaf = leaf(value, path);
    let branch = leaf.is_none();
    if !path.is_empty() {
        rows.push(Row { path: path.clone(), value: leaf, source: value.source().clone() });
    }
    if branch {
        for (key, child) in value.children() {
            path.push(key);
            walk(child, path, rows);
            path.pop();
        }
    }
}

/// What to print for a value; nothing if that is left to what it holds.
fn leaf(value: &ConfigValue, path: &[String]) -> Option<String> {
    let secret = || secret::is_secret(path);
    match value.node() {
        Node::List(items) => items.is_empty().then(|| "[]".to_owned()),
        Node::Map(map) => match map.as_slice() {
            [] => Some("{}".to_owned()),
            [(key, to)] if matches!(key.as_str(), "env" | "file") && secret() => {
                to.text().map(|to| format!("{{{key}: {}}}", secret::shown(to)))
            }
            _ => None,
        },
        Node::Null => Some("null".to_owned()),
        Node::Scalar { .. } if secret() => Some(secret::MASK.to_owned()),
        Node::Scalar { text, .. } => Some(secret::shown(text)),
    }
}

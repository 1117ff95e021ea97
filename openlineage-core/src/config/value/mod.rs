mod json;
mod yaml;

use std::fmt;

use super::{ConfigError, Source};

/// How deep maps and lists may be nested.
const DEPTH: usize = 64;

/// A part of the configuration as it was written: scalars are text, maps keep their order, and everything remembers
/// where it comes from.
///
/// What a text means is decided where it is read: the same `12` is a number to `timeout` and a text to `apiKey`.
///
/// ```
/// use std::path::Path;
/// use openlineage_core::config::{ConfigValue, Source};
///
/// let value = ConfigValue::from_yaml("transport:\n  type: http", &Source::file(Path::new("openlineage.yml")))?;
/// let kind = value.at("transport.type").unwrap();
/// assert_eq!((kind.text(), kind.source().to_string()), (Some("http"), "openlineage.yml:2".to_owned()));
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct ConfigValue {
    node: Node,
    source: Source,
}

/// What a [`ConfigValue`] is.
#[non_exhaustive]
#[derive(Clone, Eq, PartialEq)]
pub enum Node {
    /// Values in order.
    List(Vec<ConfigValue>),
    /// Keys with their values, in order; each key is there once.
    Map(Vec<(String, ConfigValue)>),
    /// `null`, `~`, or nothing after the colon.
    Null,
    /// A text as it was written.
    Scalar {
        /// The text, without its quotes and with its escapes resolved.
        text: String,
        /// It had quotes, or was a block of text.
        quoted: bool,
    },
}

impl ConfigValue {
    /// Reads JSON. Numbers keep their digits; `//` comments and the like are refused.
    ///
    /// # Errors
    ///
    /// It is not JSON, nested deeper than 64, or holds a key twice; the error names the line.
    pub fn from_json(text: &str, source: &Source) -> Result<Self, ConfigError> {
        json::parse(text, source)
    }

    /// Reads one YAML 1.2 document, with anchors and merge keys.
    ///
    /// # Errors
    ///
    /// It is not YAML, nested deeper than 64, holds a key twice, has more than one document or more than 10,000 keys and values
    /// once its aliases are written out, or uses tags of its own; the error names the line.
    pub fn from_yaml(text: &str, source: &Source) -> Result<Self, ConfigError> {
        yaml::parse(text, source)
    }

    /// A value of this program's own making.
    #[must_use]
    pub fn from_value(value: &serde_json::Value, source: &Source) -> Self {
        json::convert(value, source)
    }

    /// A text without quotes: what a variable holds.
    #[must_use]
    pub fn plain(text: impl Into<String>, source: Source) -> Self {
        Self::new(Node::Scalar { text: text.into(), quoted: false }, source)
    }

    /// A map. Of keys that are there twice the last one counts.
    #[must_use]
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>, source: Source) -> Self {
        let mut map = Self::new(Node::Map(Vec::new()), source);
        for (key, value) in entries {
            map.insert(&key.into(), value);
        }
        map
    }

    pub(super) fn new(node: Node, source: Source) -> Self {
        Self { node, source }
    }

    /// What it is.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Takes it apart.
    #[must_use]
    pub fn into_node(self) -> Node {
        self.node
    }

    /// Where it comes from; of a map or a list, where that begins.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The same value, all of it from `source`.
    #[must_use]
    pub fn sourced(self, source: &Source) -> Self {
        let node = match self.node {
            Node::List(items) => Node::List(items.into_iter().map(|item| item.sourced(source)).collect()),
            Node::Map(map) => Node::Map(map.into_iter().map(|(key, value)| (key, value.sourced(source))).collect()),
            leaf => leaf,
        };
        Self::new(node, source.clone())
    }

    /// The text of a scalar. It may be a secret.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a key, where this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value at a dotted path, such as `transport.url`; items of lists are numbered from 0.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        Some(self.closest(path)).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
    }

    pub(super) fn is_null(&self) -> bool {
        self.node == Node::Null
    }

    pub(super) fn entries(&self) -> Option<&Vec<(String, Self)>> {
        match &self.node {
            Node::Map(map) => Some(map),
            _ => None,
        }
    }

    /// What is in a map or a list, with its key or its number.
    pub(super) fn children(&self) -> Vec<(String, &Self)> {
        match &self.node {
            Node::List(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
            Node::Map(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
            Node::Null | Node::Scalar { .. } => Vec::new(),
        }
    }

    /// Calls `visit` with what is in a map or a list.
    pub(super) fn each_child(&self, visit: impl FnMut(&Self)) {
        match &self.node {
            Node::List(items) => items.iter().for_each(visit),
            Node::Map(map) => map.iter().map(|(_, value)| value).for_each(visit),
            Node::Null | Node::Scalar { .. } => {}
        }
    }

    /// Puts a key into a map, in its old place if it has one.
    pub(super) fn insert(&mut self, key: &str, value: Self) {
        let Node::Map(map) = &mut self.node else { return };
        match map.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => map.push((key.to_owned(), value)),
        }
    }

    /// The value at the end of a path of maps that hold nothing else.
    pub(super) fn below<'k>(self, path: impl DoubleEndedIterator<Item = &'k str>) -> Self {
        let source = self.source.clone();
        path.rev().fold(self, |value, key| Self::map([(key, value)], source.clone()))
    }

    /// Takes a key out of a map.
    pub(super) fn remove(&mut self, key: &str) -> Option<Self> {
        let Node::Map(map) = &mut self.node else { return None };
        let index = map.iter().position(|(name, _)| name == key)?;
        Some(map.remove(index).1)
    }

    /// The deepest value on a dotted path, and what is left of the path. Keys may hold dots themselves.
    pub(super) fn closest<'p>(&self, path: &'p str) -> (&Self, &'p str) {
        let mut found = (self, path);
        for (name, child) in self.children() {
            let Some(rest) = path.strip_prefix(name.as_str()) else { continue };
            let below = match rest.strip_prefix('.') {
                Some(rest) => child.closest(rest),
                None if rest.is_empty() => (child, rest),
                None => continue,
            };
            if below.1.len() < found.1.len() {
                found = below;
            }
        }
        found
    }
}

/// Shows keys and sources, never a scalar.
impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::List(items) => f.debug_list().entries(items).finish(),
            Node::Map(map) => f.debug_map().entries(map.iter().map(|(key, value)| (key, value))).finish(),
            Node::Null => write!(f, "null ({})", self.source),
            Node::Scalar { .. } => write!(f, "*** ({})", self.source),
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(map) => f.debug_map().entries(map.iter().map(|(key, value)| (key, value))).finish(),
            Self::Null => f.write_str("null"),
            Self::Scalar { .. } => f.write_str("***"),
        }
    }
}

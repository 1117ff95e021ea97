use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{ConfigValue, DEPTH, Node};
use crate::config::{ConfigError, Source};

/// How many keys and values a document may hold once its aliases are written out.
const VALUES: usize = 10_000;

/// Tags that say what is plain without them; `!!str` makes a text of anything.
const TAGS: [&str; 7] = ["bool", "float", "int", "map", "null", "seq", "str"];

pub(super) fn parse(text: &str, source: &Source) -> Result<ConfigValue, ConfigError> {
    let mut builder = Builder { source, open: Vec::new(), anchors: HashMap::new(), root: None, values: 0 };
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        // What the parser says is fixed text and at most one character of the document, so no secret.
        let (event, span) = event.map_err(|error| {
            let (line, column) = (error.marker().line(), error.marker().col() + 1);
            builder.wrong(line, format!("not valid YAML at column {column}, {}", error.info()))
        })?;
        builder.take(event, span.start.line())?;
    }
    Ok(builder.root.unwrap_or_else(|| ConfigValue::new(Node::Null, source.at(1))))
}

struct Builder<'a> {
    source: &'a Source,
    open: Vec<Open>,
    anchors: HashMap<usize, ConfigValue>,
    root: Option<ConfigValue>,
    values: usize,
}

/// A list or a map that has not ended yet.
struct Open {
    anchor: usize,
    line: usize,
    content: Content,
}

enum Content {
    List(Vec<ConfigValue>),
    Map { entries: Vec<(String, ConfigValue)>, merged: Vec<(String, ConfigValue)>, key: Option<Key> },
}

struct Key {
    text: String,
    line: usize,
    merges: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), ConfigError> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.wrong(line, "a second document").cure("keep one document in a file"))
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), line)?;
                self.add(node, anchor, line)
            }
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.wrong(line, "an alias inside of what it stands for"));
                };
                let (values, depth) = size(&value);
                self.values += values;
                if self.open.len() + depth > DEPTH {
                    return Err(self.wrong(line, format!("nested deeper than {DEPTH}")));
                }
                self.add(value.into_node(), 0, line)
            }
            Event::SequenceStart(anchor, tag) => self.begin(anchor, tag.as_deref(), line, Content::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), merged: Vec::new(), key: None };
                self.begin(anchor, tag.as_deref(), line, content)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(open.content.end(), open.anchor, open.line),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, line: usize, content: Content) -> Result<(), ConfigError> {
        self.check(tag, line)?;
        if self.open.len() >= DEPTH {
            return Err(self.wrong(line, format!("nested deeper than {DEPTH}")));
        }
        self.open.push(Open { anchor, line, content });
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, line: usize) -> Result<Node, ConfigError> {
        self.check(tag, line)?;
        let quoted = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
        Ok(match text {
            "" | "~" | "null" | "Null" | "NULL" if !quoted => Node::Null,
            text => Node::Scalar { text: text.to_owned(), quoted },
        })
    }

    fn check(&self, tag: Option<&Tag>, line: usize) -> Result<(), ConfigError> {
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() || !TAGS.contains(&tag.suffix.as_str()) => {
                Err(self.wrong(line, "a tag").cure("leave it out"))
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, node: Node, anchor: usize, line: usize) -> Result<(), ConfigError> {
        self.values += 1;
        if self.values > VALUES {
            return Err(self.wrong(line, format!("more than {VALUES} keys and values")));
        }
        let value = ConfigValue::new(node, self.source.at(line));
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        let problem = match self.open.last_mut().map(|open| &mut open.content) {
            None => {
                self.root = Some(value);
                return Ok(());
            }
            Some(Content::List(items)) => {
                items.push(value);
                return Ok(());
            }
            Some(Content::Map { entries, merged, key }) => match key.take() {
                None => read_key(value, line).map(|read| *key = Some(read)),
                Some(key) if key.merges => merge(merged, value),
                Some(key) => add_entry(entries, key, value.node, self.source),
            },
        };
        problem.map_err(|problem| self.wrong(line, problem))
    }

    fn wrong(&self, line: usize, problem: impl Into<String>) -> ConfigError {
        ConfigError::new("configuration", problem).at(&self.source.at(line))
    }
}

impl Content {
    fn end(self) -> Node {
        match self {
            Self::List(items) => Node::List(items),
            Self::Map { entries, mut merged, .. } => {
                merged.retain(|(key, _)| entries.iter().all(|(own, _)| own != key));
                merged.extend(entries);
                Node::Map(merged)
            }
        }
    }
}

fn read_key(value: ConfigValue, line: usize) -> Result<Key, String> {
    match value.node {
        Node::Scalar { text, quoted } => Ok(Key { merges: text == "<<" && !quoted, text, line }),
        Node::Null => Ok(Key { text: "null".to_owned(), line, merges: false }),
        Node::List(_) | Node::Map(_) => Err("a key that is a list or a map".to_owned()),
    }
}

fn add_entry(entries: &mut Vec<(String, ConfigValue)>, key: Key, node: Node, source: &Source) -> Result<(), String> {
    if entries.iter().any(|(known, _)| *known == key.text) {
        return Err(format!("{} is there twice", key.text));
    }
    entries.push((key.text, ConfigValue::new(node, source.at(key.line))));
    Ok(())
}

/// Takes in what stands after `<<`: a map, or a list of maps of which the first that has a key wins.
fn merge(merged: &mut Vec<(String, ConfigValue)>, value: ConfigValue) -> Result<(), String> {
    match value.node {
        Node::Map(map) => {
            let new = map.into_iter().filter(|(key, _)| merged.iter().all(|(known, _)| known != key));
            let new: Vec<_> = new.collect();
            merged.extend(new);
            Ok(())
        }
        Node::List(items) => items.into_iter().try_for_each(|item| merge(merged, item)),
        _ => Err("<< without a map".to_owned()),
    }
}

/// How many values there are, and how deep they are nested.
fn size(value: &ConfigValue) -> (usize, usize) {
    let add = |(values, depth): (usize, usize), child| {
        let (more, below) = size(child);
        (values + more, depth.max(below + 1))
    };
    match &value.node {
        Node::List(items) => items.iter().fold((1, 1), add),
        Node::Map(map) => map.iter().map(|(_, value)| value).fold((1, 1), add),
        _ => (1, 0),
    }
}

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ConfigValue, DEPTH, Node};
use crate::config::{ConfigError, Source};

pub(super) fn parse(text: &str, source: &Source) -> Result<ConfigValue, ConfigError> {
    Reader { text, source }.read(text, 0)
}

pub(super) fn convert(value: &Value, source: &Source) -> ConfigValue {
    let node = match value {
        Value::Null => Node::Null,
        Value::Bool(flag) => Node::Scalar { text: flag.to_string(), quoted: false },
        Value::Number(number) => Node::Scalar { text: number.to_string(), quoted: false },
        Value::String(text) => Node::Scalar { text: text.clone(), quoted: true },
        Value::Array(items) => Node::List(items.iter().map(|item| convert(item, source)).collect()),
        Value::Object(map) => Node::Map(map.iter().map(|(key, item)| (key.clone(), convert(item, source))).collect()),
    };
    ConfigValue::new(node, source.clone())
}

struct Reader<'a> {
    text: &'a str,
    source: &'a Source,
}

impl<'a> Reader<'a> {
    /// Reads a part of the text, one level at a time: what is below stays raw until its turn.
    fn read(&self, part: &'a str, depth: usize) -> Result<ConfigValue, ConfigError> {
        let part = part.trim();
        let line = self.line(part);
        let wrong = |problem: String| ConfigError::new("configuration", problem).at(&self.source.at(line));
        if depth > DEPTH {
            return Err(wrong(format!("nested deeper than {DEPTH}")));
        }
        let broken = |error: serde_json::Error| {
            let line = line + error.line().saturating_sub(1);
            let error = ConfigError::new("configuration", format!("not valid JSON at column {}", error.column()));
            error.at(&self.source.at(line))
        };
        let node = match part.as_bytes().first() {
            Some(b'{') => {
                let Entries(entries) = serde_json::from_str(part).map_err(broken)?;
                let mut map: Vec<(String, ConfigValue)> = Vec::with_capacity(entries.len());
                for (key, raw) in entries {
                    if map.iter().any(|(known, _)| *known == key) {
                        return Err(wrong(format!("{key} is there twice")));
                    }
                    map.push((key, self.read(raw.get(), depth + 1)?));
                }
                Node::Map(map)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(part).map_err(broken)?;
                Node::List(items.into_iter().map(|raw| self.read(raw.get(), depth + 1)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Node::Scalar { text: serde_json::from_str(part).map_err(broken)?, quoted: true },
            _ => match serde_json::from_str::<&RawValue>(part).map_err(broken)?.get() {
                "null" => Node::Null,
                text => Node::Scalar { text: text.to_owned(), quoted: false },
            },
        };
        Ok(ConfigValue::new(node, self.source.at(line)))
    }

    fn line(&self, part: &str) -> usize {
        let before = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        1 + self.text.bytes().take(before).filter(|byte| *byte == b'\n').count()
    }
}

/// The entries of an object in their order, repeated ones included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

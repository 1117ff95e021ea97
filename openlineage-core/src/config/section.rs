use std::fmt;

use serde_json::{Map, Value};

use super::ConfigError;

/// One transport as configuration describes it: its kind, perhaps its name, and the options of that kind.
///
/// ```
/// use openlineage_core::config::TransportSpec;
///
/// let spec = TransportSpec::from_json(r#"{"type": "file", "name": "audit", "log_file_path": "events.ndjson"}"#)?;
/// assert_eq!((spec.kind(), spec.name()), ("file", Some("audit")));
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct TransportSpec {
    kind: String,
    name: Option<String>,
    options: Map<String, Value>,
}

impl TransportSpec {
    /// A kind without options.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: None, options: Map::new() }
    }

    /// Reads a JSON object whose `type` is the kind.
    ///
    /// # Errors
    ///
    /// The text is not a JSON object, or `type` is missing or not a string.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let value = serde_json::from_str(text)
            .map_err(|error| ConfigError::new("transport", "not valid JSON").because(error))?;
        Self::from_value(value)
    }

    /// The same from a parsed value.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn from_value(value: Value) -> Result<Self, ConfigError> {
        let Value::Object(mut options) = value else {
            return Err(ConfigError::new("transport", "not an object").cure(r#"write {"type": "console"}"#));
        };
        let kind = match options.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(ConfigError::new("transport.type", "not a string")),
            None => return Err(ConfigError::new("transport.type", "missing").cure("name a kind, such as http")),
        };
        let name = match options.remove("name") {
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(ConfigError::new("transport.name", "not a string")),
            None => None,
        };
        Ok(Self { kind, name, options })
    }

    /// The kind, as `type` spells it.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Is nothing configured but the kind?
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.name.is_none() && self.options.is_empty()
    }

    pub(super) fn section(&self) -> Section {
        Section { path: "transport".to_owned(), options: self.options.clone() }
    }
}

/// Shows the option keys, never the values.
impl fmt::Debug for TransportSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSpec")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("options", &self.options.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The options of one transport, each to be taken once.
///
/// A factory takes what it knows and calls [`finish`](Self::finish), which refuses what is left over with a suggestion.
pub struct Section {
    path: String,
    options: Map<String, Value>,
}

impl Section {
    /// Dotted path of the section itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Dotted path of an option, as errors name it.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// Takes an option out; `null` counts as absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.options.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text.
    ///
    /// # Errors
    ///
    /// It is there and not a string.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ConfigError::new(self.key(name), "not a string")),
        }
    }

    /// Takes a text that must be there.
    ///
    /// # Errors
    ///
    /// It is missing, empty or not a string.
    pub fn required(&mut self, name: &str) -> Result<String, ConfigError> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(ConfigError::new(self.key(name), "empty")),
            None => Err(ConfigError::new(self.key(name), "missing")),
        }
    }

    /// Takes a yes or no.
    ///
    /// # Errors
    ///
    /// It is there and not a boolean.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(ConfigError::new(self.key(name), "neither true nor false")),
        }
    }

    /// Takes a number that is not negative.
    ///
    /// # Errors
    ///
    /// It is there and not such a number.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_f64().filter(|number| number.is_finite() && *number >= 0.0) {
                Some(number) => Ok(Some(number)),
                None => Err(ConfigError::new(self.key(name), "not a number of zero or more")),
            },
        }
    }

    /// Takes a whole number, negative ones included.
    ///
    /// # Errors
    ///
    /// It is there and not a whole number.
    pub fn whole(&mut self, name: &str) -> Result<Option<i64>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(ConfigError::new(self.key(name), "not a whole number")),
            },
        }
    }

    /// Takes a nested object.
    ///
    /// # Errors
    ///
    /// It is there and not an object.
    pub fn section(&mut self, name: &str) -> Result<Option<Self>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(options)) => Ok(Some(Self { path: self.key(name), options })),
            Some(_) => Err(ConfigError::new(self.key(name), "not an object")),
        }
    }

    /// Names of the options not yet taken, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }

    /// Ends the reading; whatever was not taken is unknown.
    ///
    /// # Errors
    ///
    /// Names the first unknown key, and the known key that it resembles.
    pub fn finish(self, known: &[&str]) -> Result<(), ConfigError> {
        let Some(unknown) = self.options.keys().next() else { return Ok(()) };
        let error = ConfigError::new(self.key(unknown), "unknown option");
        Err(match closest(unknown, known) {
            Some(near) => error.cure(format!("did you mean {near}?")),
            None => error.cure(format!("known are {}", known.join(", "))),
        })
    }
}

/// Shows the option keys, never the values.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section").field("path", &self.path).field("options", &self.names().collect::<Vec<_>>()).finish()
    }
}

/// The known word that `word` resembles enough to be a slip of it.
pub(super) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|near| (strsim::damerau_levenshtein(&word.to_lowercase(), &near.to_lowercase()), *near))
        .filter(|(distance, near)| *distance <= 2.max(near.len() / 3))
        .min()
        .map(|(_, near)| near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_is_named_with_its_neighbour() {
        let mut section = TransportSpec::from_json(r#"{"type":"http","url":"x","custom_header":1}"#).unwrap().section();
        section.text("url").unwrap();
        let error = section.finish(&["url", "custom_headers"]).unwrap_err();
        assert_eq!(error.to_string(), "transport.custom_header: unknown option; did you mean custom_headers?");
    }

    #[test]
    fn debug_shows_no_value() {
        let spec = TransportSpec::from_json(r#"{"type":"http","auth":{"apiKey":"canary"}}"#).unwrap();
        assert!(!format!("{spec:?} {:?}", spec.section()).contains("canary"));
    }
}

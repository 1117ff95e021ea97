use std::fmt;
use std::time::Duration;

use super::spec::Scope;
use super::{ConfigError, ConfigValue, Environment, Node, Secret, Source, TransportSpec, coerce, secret};

/// The options of one transport, or of a part of one, each to be taken once.
///
/// A factory takes what it knows and calls [`finish`](Self::finish), which reports what is left over.
pub struct Section {
    path: String,
    value: ConfigValue,
    scope: Scope,
}

impl Section {
    /// A map that is read at `path`.
    pub(super) fn new(path: String, value: ConfigValue, scope: Scope) -> Result<Self, ConfigError> {
        match value.node() {
            Node::Map(_) => Ok(Self { path, value, scope }),
            _ => Err(ConfigError::new(path, "not an object").at(value.source()).cure("write a map, like {key: value}")),
        }
    }

    pub(super) fn over(path: String, value: ConfigValue, scope: Scope) -> Self {
        Self { path, value, scope }
    }

    pub(super) fn into_parts(self) -> (String, ConfigValue, Scope) {
        (self.path, self.value, self.scope)
    }

    /// Dotted path of the section itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Dotted path of an option, as errors name it.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Where the section itself was written.
    #[must_use]
    pub fn source(&self) -> &Source {
        self.value.source()
    }

    /// Takes an option out; `null` counts as absent.
    ///
    /// The name of a variable has no capitals, so what it gives may be spelled without them.
    pub fn take(&mut self, name: &str) -> Option<ConfigValue> {
        let spelled = match self.value.get(name) {
            Some(_) => name.to_owned(),
            None => name.to_lowercase(),
        };
        let meant = |value: &ConfigValue| spelled == name || matches!(value.source(), Source::Env(_));
        if !self.value.get(&spelled).is_some_and(meant) {
            return None;
        }
        self.value.remove(&spelled).filter(|value| !value.is_null())
    }

    /// Takes a text, exactly as it was written.
    ///
    /// # Errors
    ///
    /// It is there and a list or a map.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, ConfigError> {
        self.read(name, coerce::text)
    }

    /// Takes a text that must be there.
    ///
    /// # Errors
    ///
    /// It is missing, empty, a list or a map.
    pub fn required(&mut self, name: &str) -> Result<String, ConfigError> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(self.wrong(name, "empty")),
            None => Err(self.wrong(name, "missing")),
        }
    }

    /// Takes a yes or no: `true`, `yes`, `on`, `1` or `false`, `no`, `off`, `0`, in any case.
    ///
    /// # Errors
    ///
    /// It is there and none of these.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, ConfigError> {
        self.read(name, coerce::flag)
    }

    /// Takes a number that is not negative, in decimal notation.
    ///
    /// # Errors
    ///
    /// It is there and not such a number.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>, ConfigError> {
        self.read(name, coerce::number)
    }

    /// Takes a time in seconds, fractions included.
    ///
    /// # Errors
    ///
    /// It is there and not such a number, or too large for a time.
    pub fn seconds(&mut self, name: &str) -> Result<Option<Duration>, ConfigError> {
        let Some(seconds) = self.number(name)? else { return Ok(None) };
        let duration = Duration::try_from_secs_f64(seconds);
        duration.map(Some).map_err(|_| ConfigError::new(self.key(name), "too many seconds"))
    }

    /// Takes a whole number, negative ones included.
    ///
    /// # Errors
    ///
    /// It is there and not a whole number.
    pub fn whole(&mut self, name: &str) -> Result<Option<i64>, ConfigError> {
        self.read(name, coerce::whole)
    }

    /// Takes several texts: a list of them, or one text in which they are separated by `;`.
    ///
    /// # Errors
    ///
    /// It is there and neither.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, ConfigError> {
        self.read(name, coerce::texts)
    }

    /// Takes a secret: a text, or a reference `{env: NAME}` or `{file: PATH}` to one, which is followed now, or was when
    /// the description got its [fingerprint](super::Registry::fingerprint).
    ///
    /// A file is read without the line feed at its end; a relative path starts at the working directory.
    ///
    /// # Errors
    ///
    /// It is neither, the variable is not set, or the file cannot be read or is longer than 64 KiB.
    pub fn secret(&mut self, name: &str) -> Result<Option<Secret>, ConfigError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Some(secret) = self.scope.known(&value) {
            return Ok(Some(secret));
        }
        let resolved = match &self.scope.environment {
            Some(environment) => secret::resolve(&self.key(name), value, environment),
            None => secret::resolve(&self.key(name), value, &Environment::of_process()),
        };
        resolved.map(Some)
    }

    /// A variable of the environment in which the configuration is read, where it is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match &self.scope.environment {
            Some(environment) => environment.get(name).map(str::to_owned),
            None => std::env::var(name).ok(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Takes a nested map.
    ///
    /// # Errors
    ///
    /// It is there and not a map.
    pub fn section(&mut self, name: &str) -> Result<Option<Self>, ConfigError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        Self::new(self.key(name), value, self.scope.clone()).map(Some)
    }

    /// Takes the description of another transport, for [`BuildContext::child`](super::BuildContext::child).
    ///
    /// # Errors
    ///
    /// It is missing, not a map, or has no `type`.
    pub fn child(&mut self, name: &str) -> Result<TransportSpec, ConfigError> {
        let Some(value) = self.take(name) else {
            return Err(self.wrong(name, "missing").cure("describe a transport, such as {type: console}"));
        };
        TransportSpec::read(self.key(name), value, self.scope.clone())
    }

    /// Takes the descriptions of several transports: a list of them, or a map whose keys are their names.
    ///
    /// They stay in the order in which they are written. Empty ones, `{}` and `null`, are left out.
    ///
    /// # Errors
    ///
    /// It is missing, neither a list nor a map, or one of them is not a map or has no `type`.
    pub fn children(&mut self, name: &str) -> Result<Vec<TransportSpec>, ConfigError> {
        let key = self.key(name);
        let wrong =
            |problem| ConfigError::new(&key, problem).cure("write a list of transports, or a map of name to transport");
        let Some(value) = self.take(name) else { return Err(wrong("missing")) };
        let place = value.source().clone();
        let read = |step: &str, value| TransportSpec::read(format!("{key}.{step}"), value, self.scope.clone());
        match value.into_node() {
            Node::List(items) => {
                let items = items.into_iter().enumerate().filter(|(_, item)| !is_empty(item));
                items.map(|(index, item)| read(&index.to_string(), item)).collect()
            }
            Node::Map(map) => {
                let legs = map.into_iter().filter(|(_, leg)| !is_empty(leg));
                legs.map(|(name, leg)| Ok(read(&name, leg)?.named(&name))).collect()
            }
            _ => Err(wrong("neither a list nor a map").at(&place)),
        }
    }

    /// Names of the options not yet taken, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.value.entries().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Ends the reading; whatever was not taken is unknown.
    ///
    /// An unknown key in a file or a variable is a warning, because other clients read those as well. In an argument or
    /// in code it is an error, because nobody else does.
    ///
    /// # Errors
    ///
    /// Names the first unknown key that is no other client's, or any where warnings are refused, and the known key that
    /// it resembles.
    pub fn finish(self, known: &[&str]) -> Result<(), ConfigError> {
        for (name, value) in self.value.entries().into_iter().flatten() {
            let mistake = ConfigError::new(self.key(name), "unknown option").at(value.source());
            let mistake = match closest(name, known) {
                Some(near) => mistake.cure(format!("did you mean {near}?")),
                None if known.is_empty() => mistake.cure("leave it out"),
                None => mistake.cure(format!("known are {}", known.join(", "))),
            };
            if value.source().is_ours() {
                return Err(mistake);
            }
            self.scope.warnings.report(mistake)?;
        }
        Ok(())
    }

    /// Reports what looks like a mistake and does not keep the option from being used.
    ///
    /// # Errors
    ///
    /// The mistake, where warnings are refused.
    pub fn warn(&self, mistake: ConfigError) -> Result<(), ConfigError> {
        self.scope.warnings.report(mistake.located(&self.path, &self.value))
    }

    fn read<T>(
        &mut self,
        name: &str,
        coerce: impl FnOnce(&ConfigValue) -> Result<T, coerce::Misfit>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let misfit = |misfit: coerce::Misfit| {
            ConfigError::new(self.key(name), misfit.problem).cure(misfit.cure).at(value.source())
        };
        coerce(&value).map(Some).map_err(misfit)
    }

    fn wrong(&self, name: &str, problem: &str) -> ConfigError {
        ConfigError::new(self.key(name), problem).at(self.value.source())
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

fn is_empty(value: &ConfigValue) -> bool {
    value.is_null() || value.entries().is_some_and(Vec::is_empty)
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

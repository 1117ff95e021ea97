use std::fmt;
use std::sync::Arc;

use once_cell::race::OnceBox;
use serde_json::Value;

use super::fingerprint::{self, Resolved};
use super::{ConfigError, ConfigValue, Environment, Node, Secret, Section, Source, Warnings};

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
    path: String,
    kind: String,
    named_at: Source,
    name: Option<String>,
    priority: i64,
    options: ConfigValue,
    scope: Scope,
    /// Worked out once, and shared by clones. There is no lock in it: it may be wanted in a forked child.
    fingerprint: Arc<OnceBox<u128>>,
}

/// What options are read with.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Where references to variables and files lead; that of the process where nobody said otherwise.
    pub(super) environment: Option<Environment>,
    pub(super) warnings: Warnings,
    /// What references lead to, once they were followed all together.
    resolved: Arc<OnceBox<Resolved>>,
}

impl Scope {
    pub(super) fn new(environment: Option<Environment>, warnings: Warnings) -> Self {
        Self { environment, warnings, resolved: Arc::default() }
    }

    /// The secret that a reference was found to lead to.
    pub(super) fn known(&self, value: &ConfigValue) -> Option<Secret> {
        let found = self.resolved.get()?.get(&fingerprint::reference(value)?)?;
        Some(Secret::new(found.as_str()))
    }
}

impl TransportSpec {
    /// A kind without options.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            path: "transport".to_owned(),
            kind: kind.into(),
            named_at: Source::Code,
            name: None,
            priority: 0,
            options: ConfigValue::new(Node::Map(Vec::new()), Source::Code),
            scope: Scope::default(),
            fingerprint: Arc::default(),
        }
    }

    /// Reads a JSON object whose `type` is the kind.
    ///
    /// # Errors
    ///
    /// The text is not a JSON object, `type` is missing, or `type`, `name` or `priority` is not what it should be.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let value = ConfigValue::from_json(text, &Source::Code).map_err(|error| error.keyed("transport"))?;
        Self::from_config(value)
    }

    /// The same from a parsed value.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn from_value(value: Value) -> Result<Self, ConfigError> {
        Self::from_config(ConfigValue::from_value(&value, &Source::Code))
    }

    /// The same from a value that knows where it comes from.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn from_config(value: ConfigValue) -> Result<Self, ConfigError> {
        Self::read("transport".to_owned(), value, Scope::default())
    }

    pub(super) fn read(path: String, value: ConfigValue, scope: Scope) -> Result<Self, ConfigError> {
        let named_at = value.get("type").unwrap_or(&value).source().clone();
        let mut section = Section::new(path, value, scope)?;
        let Some(kind) = section.text("type")?.filter(|kind| !kind.trim().is_empty()) else {
            return Err(ConfigError::new(section.key("type"), "missing")
                .cure("name a kind, such as http")
                .at(&named_at));
        };
        let (name, priority) = (section.text("name")?, section.whole("priority")?);
        let (path, options, scope) = section.into_parts();
        let (priority, fingerprint) = (priority.unwrap_or(0), Arc::default());
        Ok(Self { path, kind, named_at, name, priority, options, scope, fingerprint })
    }

    /// Lets references to variables and files lead there, instead of to those of the process.
    #[must_use]
    pub fn within(mut self, environment: &Environment) -> Self {
        self.scope.environment = Some(environment.clone());
        self.scope.resolved = Arc::default();
        self.fingerprint = Arc::default();
        self
    }

    /// Sends warnings about the options there, instead of to the log.
    #[must_use]
    pub fn warn(mut self, warnings: &Warnings) -> Self {
        self.scope.warnings = warnings.clone();
        self.fingerprint = Arc::default();
        self
    }

    /// The kind, as `type` spells it.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Where the kind was written.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.named_at
    }

    /// The name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it stands among its siblings: higher comes first. Default 0.
    #[must_use]
    pub fn priority(&self) -> i64 {
        self.priority
    }

    /// Dotted path of the key that describes it: `transport`, or `transport.transports.audit`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is configured beside kind, name and priority. It may hold secrets.
    #[must_use]
    pub fn options(&self) -> &ConfigValue {
        &self.options
    }

    /// Is nothing configured but the kind?
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.name.is_none() && self.options.entries().is_none_or(Vec::is_empty)
    }

    /// The same without its name, for a transport that several names share.
    #[must_use]
    pub fn unnamed(mut self) -> Self {
        self.name = None;
        self
    }

    /// Fingerprint of kind and options. References are followed for it, once: later they lead to the same.
    ///
    /// None where warnings are collected: whoever wants to read them has to have the transport built.
    pub(super) fn fingerprint(&self) -> Option<u128> {
        if self.scope.warnings.are_collected() {
            return None;
        }
        Some(*self.fingerprint.get_or_init(|| {
            let resolved = self.scope.resolved.get_or_init(|| {
                let mut found = Resolved::new();
                fingerprint::resolve(&self.options, self.scope.environment.as_ref(), &mut found);
                Box::new(found)
            });
            let is_strict = self.scope.warnings.are_refused();
            Box::new(fingerprint::of_spec(&self.kind, &self.options, is_strict, resolved))
        }))
    }

    pub(super) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    pub(super) fn section(&self) -> Section {
        Section::over(self.path.clone(), self.options.clone(), self.scope.clone())
    }
}

/// Shows the option keys, never the values.
impl fmt::Debug for TransportSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.options.entries().into_iter().flatten().map(|(key, _)| key);
        f.debug_struct("TransportSpec")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("priority", &self.priority)
            .field("options", &keys.collect::<Vec<_>>())
            .finish()
    }
}

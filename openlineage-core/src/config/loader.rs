use std::path::PathBuf;

use super::spec::Scope;
use super::{ConfigError, ConfigValue, Environment, Loaded, Node, Settings, Source, Warnings, layers, settings};

/// Puts the configuration together. Building and loading start nothing.
///
/// From the strongest to the weakest: the value of [`config`](Self::config); a file; variables `OPENLINEAGE__A__B`; the
/// variables `OPENLINEAGE_URL`, `OPENLINEAGE_ENDPOINT`, `OPENLINEAGE_API_KEY`; [`defaults`](Self::defaults). Maps are
/// merged key by key; lists, texts and `null` replace what is below.
///
/// ```
/// use openlineage_core::config::{Environment, Loader};
///
/// let environment = Environment::of([
///     ("OPENLINEAGE__TRANSPORT__TYPE", "file"),
///     ("OPENLINEAGE__TRANSPORT__LOG_FILE_PATH", "events.ndjson"),
/// ]);
/// let loaded = Loader::new(environment).load()?;
/// assert_eq!(loaded.settings.transport.unwrap().kind(), "file");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loader {
    environment: Environment,
    config: Option<ConfigValue>,
    file: Option<PathBuf>,
    defaults: Option<ConfigValue>,
    strict: bool,
}

impl Loader {
    /// Reads this environment; see [`Environment::of_process`].
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self { environment, config: None, file: None, defaults: None, strict: false }
    }

    /// A value that is stronger than everything else: a map of sections.
    #[must_use]
    pub fn config(mut self, config: ConfigValue) -> Self {
        self.config = Some(config);
        self
    }

    /// This file instead of the one that `OPENLINEAGE_CONFIG` names or that lies about. It must be there.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// A value that is weaker than everything else: a map of sections. Its `transport` counts only where nobody else
    /// names another kind.
    #[must_use]
    pub fn defaults(mut self, defaults: ConfigValue) -> Self {
        self.defaults = Some(defaults.sourced(&Source::Default));
        self
    }

    /// Makes an error of each warning. Default: off.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Reads, merges and checks.
    ///
    /// With `OPENLINEAGE_DISABLED` it does none of it.
    ///
    /// # Errors
    ///
    /// The named file is not there; a file is no YAML map, longer than 1 MiB or not UTF-8; a value does not fit its
    /// key. The options of a transport are checked when it is built.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let disabled = self.environment.get("OPENLINEAGE_DISABLED");
        if disabled.is_some_and(|word| word.trim().eq_ignore_ascii_case("true")) {
            let settings = Settings { disabled: true, ..Settings::default() };
            return Ok(Loaded { settings, tree: empty(), warnings: Vec::new() });
        }
        let warnings = if self.strict { Warnings::refused() } else { Warnings::collected() };
        let tree = self.merge(&warnings)?;
        let scope = Scope::new(Some(self.environment.clone()), warnings.clone());
        let mut settings = settings::read(&tree, &scope)?;
        settings.namespace = self.environment.filled("OPENLINEAGE_NAMESPACE").map(str::to_owned);
        if !self.strict {
            settings.transport = settings.transport.map(|spec| spec.warn(&Warnings::logged()));
        }
        Ok(Loaded { settings, tree, warnings: warnings.take() })
    }

    fn merge(&self, warnings: &Warnings) -> Result<ConfigValue, ConfigError> {
        let variables = layers::variables(&self.environment, warnings)?;
        let mut tree = variables.clone();
        if let Some(file) = layers::file(&self.environment, self.file.as_deref(), warnings)? {
            tree = layers::merge(tree, file);
        }
        if let Some(config) = &self.config {
            tree = layers::merge(tree, sections(config)?);
        }
        if let Some(legacy) = layers::legacy(&self.environment, &variables, &mut tree, warnings)? {
            tree = layers::merge(legacy, tree);
        }
        Ok(match &self.defaults {
            Some(defaults) => layers::merge(fitting(sections(defaults)?, &tree), tree),
            None => tree,
        })
    }
}

fn empty() -> ConfigValue {
    ConfigValue::new(Node::Map(Vec::new()), Source::Default)
}

/// A value in code, which must be a map.
fn sections(value: &ConfigValue) -> Result<ConfigValue, ConfigError> {
    match value.node() {
        Node::Map(_) => Ok(value.clone()),
        _ => Err(ConfigError::new("configuration", "not an object").cure("write a map of sections, such as transport")),
    }
}

/// The defaults without a transport of another kind than the tree's.
fn fitting(mut defaults: ConfigValue, tree: &ConfigValue) -> ConfigValue {
    let kind = |value: &ConfigValue| value.at("transport.type").and_then(ConfigValue::text).map(str::to_owned);
    if kind(tree).is_some_and(|kind_of_tree| kind(&defaults) != Some(kind_of_tree)) {
        drop(defaults.remove("transport"));
    }
    defaults
}

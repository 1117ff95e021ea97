use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ConfigError, Source};

/// What looks like a mistake in a configuration and does not keep it from being used: an unknown key, above all.
///
/// Reads like an error: key, problem, place, cure. Never holds the value of a key.
#[derive(Debug)]
pub struct ConfigWarning(ConfigError);

impl ConfigWarning {
    /// The dotted path of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// Where the key was written, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<&Source> {
        self.0.place()
    }

    /// Writes it to the log, at level WARN.
    pub fn log(&self) {
        tracing::warn!("{self}");
    }
}

impl From<ConfigError> for ConfigWarning {
    fn from(error: ConfigError) -> Self {
        Self(error)
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where warnings go: to the log, to a list, or up as errors. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Way);

#[derive(Clone, Debug, Default)]
enum Way {
    Collect(Arc<Mutex<Vec<ConfigWarning>>>),
    #[default]
    Log,
    Refuse,
}

impl Warnings {
    /// To the log, each when it is found. The default.
    #[must_use]
    pub fn logged() -> Self {
        Self(Way::Log)
    }

    /// To a list, for a program that prints them.
    #[must_use]
    pub fn collected() -> Self {
        Self(Way::Collect(Arc::default()))
    }

    /// Nowhere: the first one is an error.
    #[must_use]
    pub fn refused() -> Self {
        Self(Way::Refuse)
    }

    /// Empties the list.
    #[must_use]
    pub fn take(&self) -> Vec<ConfigWarning> {
        match &self.0 {
            Way::Collect(list) => mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner)),
            Way::Log | Way::Refuse => Vec::new(),
        }
    }

    pub(super) fn are_collected(&self) -> bool {
        matches!(self.0, Way::Collect(_))
    }

    pub(super) fn are_refused(&self) -> bool {
        matches!(self.0, Way::Refuse)
    }

    /// Reports what looks like a mistake.
    ///
    /// # Errors
    ///
    /// The mistake itself, where warnings are refused.
    pub fn report(&self, mistake: ConfigError) -> Result<(), ConfigError> {
        match &self.0 {
            Way::Refuse => return Err(mistake),
            Way::Log => ConfigWarning(mistake).log(),
            Way::Collect(list) => list.lock().unwrap_or_else(PoisonError::into_inner).push(ConfigWarning(mistake)),
        }
        Ok(())
    }
}

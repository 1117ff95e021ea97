use std::error::Error;
use std::fmt;

use crate::error::BoxError;

/// What is wrong with a configuration: at which key, and what to write instead.
///
/// Never holds the value of a key: it may be a secret.
#[derive(Debug)]
pub struct ConfigError {
    key: String,
    problem: String,
    cure: Option<String>,
    source: Option<BoxError>,
}

impl ConfigError {
    /// A problem at `key`, a dotted path such as `transport.auth.type`.
    #[must_use]
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into(), cure: None, source: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// Adds the cause. It must not contain a secret.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The dotted path of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)?;
        match &self.cure {
            Some(cure) => write!(f, "; {cure}"),
            None => Ok(()),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

use std::error::Error;
use std::fmt;

use super::{ConfigValue, Source};
use crate::error::BoxError;

/// What is wrong with a configuration: at which key, where that was written, and what to write instead.
///
/// Never holds the value of a key: it may be a secret.
#[derive(Debug)]
pub struct ConfigError {
    key: String,
    problem: String,
    cure: Option<String>,
    place: Option<Box<Source>>,
    source: Option<BoxError>,
}

impl ConfigError {
    /// A problem at `key`, a dotted path such as `transport.auth.type`.
    #[must_use]
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into(), cure: None, place: None, source: None }
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

    /// Adds where the key was written. Without it, [`Registry::build`](super::Registry::build) looks the key up.
    #[must_use]
    pub fn at(mut self, place: &Source) -> Self {
        self.place = Some(Box::new(place.clone()));
        self
    }

    /// The dotted path of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the key was written, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<&Source> {
        self.place.as_deref()
    }

    /// The same under another key, where a part did not know its own.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Fills in the place from the value at `path`, below which the key is, unless it is known.
    pub(super) fn located(mut self, path: &str, value: &ConfigValue) -> Self {
        if self.place.is_none() {
            let below = self.key.strip_prefix(path).map(|rest| rest.strip_prefix('.').unwrap_or(rest));
            self.place = below.map(|below| Box::new(value.closest(below).0.source().clone()));
        }
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)?;
        // What the program or the caller's argument said is at hand; the rest has to be found.
        if let Some(place) = self.place().filter(|place| !matches!(place, Source::Argument(_) | Source::Code)) {
            write!(f, " ({place})")?;
        }
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

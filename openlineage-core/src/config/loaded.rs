use super::explain::{Line, Row};
use super::{ConfigValue, ConfigWarning, Settings};

/// What a [`Loader`](super::Loader) found.
#[non_exhaustive]
#[derive(Debug)]
pub struct Loaded {
    /// What it comes to.
    pub settings: Settings,
    /// The merged configuration, each value with its source. It may hold secrets.
    pub tree: ConfigValue,
    /// What looks like a mistake, options of the transport excepted: those are found when it is built.
    pub warnings: Vec<ConfigWarning>,
}

impl Loaded {
    /// The merged configuration, one line a value, without secrets. For machines: each line is an object in JSON.
    #[must_use]
    pub fn explain(&self) -> Vec<Line> {
        Row::all(&self.tree).into_iter().filter_map(Row::into_line).collect()
    }

    /// The merged configuration for people: an indented tree without secrets, each value with its source.
    #[must_use]
    pub fn render(&self) -> String {
        Row::render(&Row::all(&self.tree))
    }

    /// Writes the warnings to the log, at level WARN.
    pub fn log_warnings(&self) {
        self.warnings.iter().for_each(ConfigWarning::log);
    }
}

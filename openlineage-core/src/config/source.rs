use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value of the configuration comes from.
///
/// `Display` prints what a reader can look up: `openlineage.yml:12`, `$OPENLINEAGE__TRANSPORT__URL`, `default`.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// An argument of a command, such as `--transport`.
    Argument(Arc<str>),
    /// A value that the program itself gave.
    Code,
    /// Nobody gave it: the defaults layer.
    Default,
    /// A variable `OPENLINEAGE__A__B`.
    Env(Arc<str>),
    /// A line of a file, counted from 1.
    File {
        /// The file, relative to the working directory where it lies below it.
        path: Arc<Path>,
        /// The line of the key, or of the list item.
        line: usize,
    },
    /// One of `OPENLINEAGE_URL`, `OPENLINEAGE_ENDPOINT` and `OPENLINEAGE_API_KEY`.
    Legacy {
        /// Its name.
        variable: Arc<str>,
        /// The key it was turned into.
        key: Arc<str>,
    },
}

impl Source {
    /// A variable of this name.
    #[must_use]
    pub fn env(name: &str) -> Self {
        Self::Env(name.into())
    }

    /// An argument of this name.
    #[must_use]
    pub fn argument(name: &str) -> Self {
        Self::Argument(name.into())
    }

    /// The first line of a file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::File { path: path.into(), line: 1 }
    }

    /// The same file at another line; any other source stays what it is.
    #[must_use]
    pub fn at(&self, line: usize) -> Self {
        match self {
            Self::File { path, .. } => Self::File { path: Arc::clone(path), line },
            other => other.clone(),
        }
    }

    /// Does nobody but this program read it? Then a key that is unknown here is a mistake, and not another client's.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Argument(_) | Self::Code | Self::Default)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => f.write_str(name),
            Self::Code => f.write_str("code"),
            Self::Default => f.write_str("default"),
            Self::Env(name) => write!(f, "${name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Legacy { variable, key } => write!(f, "${variable} as {key}"),
        }
    }
}

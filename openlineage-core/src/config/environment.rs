use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Variables, working directory and home directory as the loader sees them.
///
/// A value, so that a test or a host can give its own and nobody has to change those of the process. Clones share it.
///
/// ```
/// use openlineage_core::config::Environment;
///
/// let environment = Environment::of([("OPENLINEAGE_URL", "http://localhost:5000")]);
/// assert_eq!(environment.get("OPENLINEAGE_URL"), Some("http://localhost:5000"));
/// ```
#[derive(Clone, Default)]
pub struct Environment(Arc<Inner>);

#[derive(Clone, Default)]
struct Inner {
    variables: BTreeMap<String, String>,
    unreadable: Vec<String>,
    folder: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Environment {
    /// These variables, and neither a working nor a home directory.
    #[must_use]
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Arc::new(Inner { variables, ..Inner::default() }))
    }

    /// What the process has at this moment. Later changes are not seen.
    #[must_use]
    pub fn of_process() -> Self {
        let mut inner = Inner { folder: env::current_dir().ok(), home: env::home_dir(), ..Inner::default() };
        for (name, value) in env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(inner.variables.insert(name, value)),
                Err(_) => inner.unreadable.push(name),
            }
        }
        Self(Arc::new(inner))
    }

    /// The same with this working directory.
    #[must_use]
    pub fn folder(self, path: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { folder: Some(path.into()), ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The same with this home directory.
    #[must_use]
    pub fn home(self, path: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { home: Some(path.into()), ..Arc::unwrap_or_clone(self.0) }))
    }

    /// The value of a variable; none if it is not Unicode.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.variables.get(name).map(String::as_str)
    }

    /// The value of a variable that is set to more than white space.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// The variables whose name starts so, ordered by name.
    pub(super) fn starting(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// The names of variables whose value is not Unicode.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = &str> {
        self.0.unreadable.iter().map(String::as_str)
    }

    /// A path as seen from the working directory.
    pub(super) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        match &self.0.folder {
            Some(folder) => folder.join(path),
            None => path.as_ref().to_owned(),
        }
    }

    /// A path as a reader in the working directory would write it.
    pub(super) fn short<'a>(&self, path: &'a Path) -> &'a Path {
        self.0.folder.as_ref().and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path)
    }

    pub(crate) fn working_directory(&self) -> Option<&Path> {
        self.0.folder.as_deref()
    }

    pub(super) fn home_directory(&self) -> Option<&Path> {
        self.0.home.as_deref()
    }
}

/// Shows the names of the variables, never their values.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.0.variables.keys().collect::<Vec<_>>())
            .field("folder", &self.0.folder)
            .field("home", &self.0.home)
            .finish()
    }
}

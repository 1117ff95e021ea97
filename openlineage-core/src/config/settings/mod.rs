mod read;

use std::fmt;

pub(super) use read::read;

use super::secret::shown;
use super::{Source, TransportSpec};

/// What the configuration comes to, section by section.
#[non_exhaustive]
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where events go; none if nobody said, and then it is the console.
    pub transport: Option<TransportSpec>,
    /// Events to leave out.
    pub filters: Vec<FilterSpec>,
    /// Tags to add.
    pub tags: TagSettings,
    /// Facets to add.
    pub facets: FacetSettings,
    /// How names of datasets are shortened.
    pub dataset: DatasetSettings,
    /// Namespace of jobs that do not name one: `OPENLINEAGE_NAMESPACE`.
    pub namespace: Option<String>,
    /// `OPENLINEAGE_DISABLED` is the word true. Then nothing else was looked at, and nothing is sent.
    pub disabled: bool,
}

impl Settings {
    /// The transport to build: `noop` when disabled, the configured one, or else the console.
    #[must_use]
    pub fn transport_or_console(&self) -> TransportSpec {
        match &self.transport {
            _ if self.disabled => TransportSpec::new("noop"),
            Some(spec) => spec.clone(),
            None => TransportSpec::new("console"),
        }
    }
}

/// Which job names a filter leaves out.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FilterKind {
    /// Those that are the pattern, `match`.
    Exact,
    /// Those that begin with what the pattern, `regex`, matches.
    Regex,
}

/// One entry of `filters`.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FilterSpec {
    /// How the pattern is compared.
    pub kind: FilterKind,
    /// The pattern as it was written; it may not compile.
    pub pattern: String,
    /// Dotted path of the pattern, for errors: `filters.0.regex`.
    pub key: String,
    /// Where it was written.
    pub source: Source,
}

/// Section `tags`: key and value, in their order.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagSettings {
    /// For jobs.
    pub job: Vec<(String, String)>,
    /// For runs.
    pub run: Vec<(String, String)>,
}

/// Section `facets`.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FacetSettings {
    /// Variables whose values go into the run facet `environmentVariables`.
    pub environment_variables: Vec<String>,
    /// The job facet `sourceCodeLocation`.
    pub source_code_location: SourceCodeLocation,
}

/// Section `facets.source_code_location`. What is not given is found out from the working copy.
#[non_exhaustive]
#[derive(Clone, Default, Eq, PartialEq)]
pub struct SourceCodeLocation {
    /// Adds no such facet. Default false.
    pub disabled: bool,
    /// Address of the repository.
    pub repo_url: Option<String>,
    /// Commit.
    pub version: Option<String>,
    /// Tag.
    pub tag: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Number of the pull request.
    pub pull_request_number: Option<String>,
}

/// Shows the address without user and password.
impl fmt::Debug for SourceCodeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceCodeLocation")
            .field("disabled", &self.disabled)
            .field("repo_url", &self.repo_url.as_deref().map(shown))
            .field("version", &self.version)
            .field("tag", &self.tag)
            .field("branch", &self.branch)
            .field("pull_request_number", &self.pull_request_number)
            .finish()
    }
}

/// Section `dataset`.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DatasetSettings {
    /// Shortens names of datasets. Default false.
    pub reducing_enabled: bool,
    /// Names of trimmers that are left out.
    pub disabled_trimmers: Vec<String>,
    /// Names of trimmers that are added.
    pub extra_trimmers: Vec<String>,
}

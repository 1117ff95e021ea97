use std::fmt;
use std::str::FromStr;

use crate::facets::{ParentJob, ParentRoot, ParentRun, ParentRunFacet};
use crate::model::RunId;

/// A run and its job, as they are handed from a program to the programs it starts: `NAMESPACE/NAME/RUNID`.
///
/// The form is that of the dbt integration; a `/` or `%` within a part is percent-encoded.
///
/// ```
/// use openlineage_core::client::ParentRunId;
///
/// let parent: ParentRunId = "etl/night%2Fly/0198b9a1-0000-7000-8000-000000000001".parse()?;
/// assert_eq!((&*parent.namespace, &*parent.name), ("etl", "night/ly"));
/// # Ok::<_, openlineage_core::client::ParentRunIdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ParentRunId {
    /// Namespace of the job.
    pub namespace: String,
    /// Name of the job.
    pub name: String,
    /// The run.
    pub run_id: RunId,
}

/// The text does not name a run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParentRunIdError {
    /// The job has no name, or its namespace none.
    #[error("namespace and name must not be empty")]
    Empty,
    /// A part is not UTF-8 once it is decoded.
    #[error("{0:?} does not decode to UTF-8")]
    Encoding(String),
    /// It does not have three parts.
    #[error("write NAMESPACE/NAME/RUNID, with %2F for a slash within a part")]
    Parts,
    /// The last part is something else.
    #[error("run id {0:?} is not a UUID")]
    RunId(String),
}

impl ParentRunId {
    /// The variable in which a program finds the run that started it.
    pub const VARIABLE: &'static str = "OPENLINEAGE_PARENT_ID";
    /// The variable in which it finds the run from which all began.
    pub const ROOT_VARIABLE: &'static str = "OPENLINEAGE_ROOT_PARENT_ID";

    /// The variable that says both as JSON, and wins over the other two.
    pub const CONTEXT_VARIABLE: &'static str = "OPENLINEAGE_CONTEXT";

    /// A run of a job.
    #[must_use]
    pub fn new(namespace: impl Into<String>, name: impl Into<String>, run_id: RunId) -> Self {
        Self { namespace: namespace.into(), name: name.into(), run_id }
    }

    /// The facet that names it as parent, without a root.
    #[must_use]
    pub fn facet(&self) -> ParentRunFacet {
        let (run, job) = self.parts();
        ParentRunFacet::new(run, job)
    }

    pub(super) fn root(&self) -> ParentRoot {
        let (run, job) = self.parts();
        ParentRoot::new(run, job)
    }

    fn parts(&self) -> (ParentRun, ParentJob) {
        (ParentRun::new(self.run_id.clone()), ParentJob::new(self.namespace.as_str(), self.name.as_str()))
    }
}

impl FromStr for ParentRunId {
    type Err = ParentRunIdError;

    fn from_str(text: &str) -> Result<Self, ParentRunIdError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [namespace, name, run] = parts[..] else { return Err(ParentRunIdError::Parts) };
        let run_id = RunId::from_str(run).map_err(|_| ParentRunIdError::RunId(run.to_owned()))?;
        let (namespace, name) = (decode(namespace)?, decode(name)?);
        if namespace.is_empty() || name.is_empty() {
            return Err(ParentRunIdError::Empty);
        }
        Ok(Self { namespace, name, run_id })
    }
}

impl fmt::Display for ParentRunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", encode(&self.namespace), encode(&self.name), self.run_id)
    }
}

impl From<ParentRunId> for ParentRunFacet {
    fn from(parent: ParentRunId) -> Self {
        parent.facet()
    }
}

fn encode(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F")
}

/// Undoes percent-encoding; a `%` that begins no code stands for itself, as others may not have encoded theirs.
fn decode(part: &str) -> Result<String, ParentRunIdError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|code| byte == b'%' && code.iter().all(u8::is_ascii_hexdigit));
        let decoded = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).map_err(|_| ParentRunIdError::Encoding(part.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slashes_within_a_part_are_encoded() {
        let run = RunId::from_str("0198b9a1-0000-7000-8000-000000000001").unwrap();
        let parent = ParentRunId::new("s3://x", "50%/2", run);
        assert_eq!(parent.to_string(), "s3:%2F%2Fx/50%25%2F2/0198b9a1-0000-7000-8000-000000000001");
        assert_eq!(parent.to_string().parse(), Ok(parent));
    }

    #[test]
    fn a_percent_sign_that_begins_no_code_stands_for_itself() {
        let parent: ParentRunId = "100%/a%+1/0198b9a1-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!((&*parent.namespace, &*parent.name), ("100%", "a%+1"));
    }

    #[test]
    fn what_is_no_parent_says_what_is_wrong() {
        let id = "0198b9a1-0000-7000-8000-000000000001";
        for (text, wrong) in [
            ("a/b".to_owned(), "NAMESPACE/NAME/RUNID"),
            ("a/b/c".to_owned(), "not a UUID"),
            (String::new(), "NAMESPACE/NAME/RUNID"),
            (format!("/b/{id}"), "must not be empty"),
            (format!("a/%FF/{id}"), "UTF-8"),
        ] {
            let error = ParentRunId::from_str(&text).unwrap_err().to_string();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_names_survive_the_variable(namespace in ".+", name in ".+") {
            let parent = ParentRunId::new(namespace, name, RunId::new());
            prop_assert_eq!(parent.to_string().parse(), Ok(parent));
        }
    }
}

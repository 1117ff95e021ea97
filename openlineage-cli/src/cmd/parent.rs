//! A run and its job, as they are handed from a program to the programs it starts.

use std::fmt;
use std::str::FromStr;

use openlineage::facets::{ParentJob, ParentRun, ParentRunFacet};
use openlineage::model::RunId;

/// The variable in which a program finds the run it belongs to: `NAMESPACE/NAME/RUNID`.
///
/// The name and the form are those of the dbt integration; a `/` or `%` within a part is percent-encoded.
pub(crate) const VARIABLE: &str = "OPENLINEAGE_PARENT_ID";

/// What that variable, or `--parent`, says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parent {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) run: RunId,
}

impl Parent {
    pub(crate) fn facet(&self) -> ParentRunFacet {
        let job = ParentJob::new(self.namespace.as_str(), self.name.as_str());
        ParentRunFacet::new(ParentRun::new(self.run.clone()), job)
    }
}

impl FromStr for Parent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let [namespace, name, run] = parts[..] else {
            return Err("write NAMESPACE/NAME/RUNID, with %2F for a slash within a part".to_owned());
        };
        let run = RunId::from_str(run).map_err(|_| format!("run id {run:?} is not a UUID"))?;
        let (namespace, name) = (decode(namespace)?, decode(name)?);
        if namespace.is_empty() || name.is_empty() {
            return Err("namespace and name must not be empty".to_owned());
        }
        Ok(Self { namespace, name, run })
    }
}

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", encode(&self.namespace), encode(&self.name), self.run)
    }
}

fn encode(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F")
}

/// Undoes percent-encoding; a `%` that begins no code stands for itself, as others may not have encoded theirs.
fn decode(part: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| format!("{part:?} does not decode to UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slashes_within_a_part_are_encoded() {
        let run = RunId::from_str("0198b9a1-0000-7000-8000-000000000001").unwrap();
        let parent = Parent { namespace: "s3://x".into(), name: "50%/2".into(), run };
        assert_eq!(parent.to_string(), "s3:%2F%2Fx/50%25%2F2/0198b9a1-0000-7000-8000-000000000001");
        assert_eq!(parent.to_string().parse(), Ok(parent));
    }

    #[test]
    fn what_is_no_parent_says_what_is_wrong() {
        for (text, wrong) in [("a/b", "NAMESPACE/NAME/RUNID"), ("a/b/c", "not a UUID"), ("", "NAMESPACE/NAME/RUNID")] {
            let error = Parent::from_str(text).unwrap_err();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_names_survive_the_variable(namespace in ".+", name in ".+") {
            let parent = Parent { namespace, name, run: RunId::new() };
            prop_assert_eq!(parent.to_string().parse(), Ok(parent));
        }
    }
}

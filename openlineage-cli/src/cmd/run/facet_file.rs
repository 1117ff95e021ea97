//! `--facet-file`: facets that the command, or whoever starts it, has to say about the run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use openlineage::model::{JobRef, RunRef};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The form of the file. Unknown keys are mistakes: a facet under a misspelt place would be lost without a word.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    #[serde(default)]
    run: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    job: BTreeMap<String, Box<RawValue>>,
}

/// A file that is read before START, if it is there by then, and again after the command's end.
#[derive(Debug)]
pub(super) struct FacetFile(PathBuf);

impl FacetFile {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Adds what the file says so far; that it is not there yet is no mistake.
    pub(super) fn add_early(&self, run: &mut RunRef, job: &mut JobRef) -> Result<()> {
        match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            text => self.add_text(&text.with_context(|| self.named())?, run, job),
        }
    }

    /// Adds what the file says at the end.
    pub(super) fn add(&self, run: &mut RunRef, job: &mut JobRef) -> Result<()> {
        self.add_text(&fs::read_to_string(&self.0).with_context(|| self.named())?, run, job)
    }

    fn add_text(&self, text: &str, run: &mut RunRef, job: &mut JobRef) -> Result<()> {
        if !text.trim_start().starts_with('{') {
            bail!("{}: not a JSON object; write {{\"run\": {{KEY: FACET}}, \"job\": {{..}}}}", self.named());
        }
        let places: Places = serde_json::from_str(text).with_context(|| self.named())?;
        for (place, facets) in [("run", &places.run), ("job", &places.job)] {
            if let Some((key, _)) = facets.iter().find(|(_, facet)| !facet.get().starts_with('{')) {
                bail!("{}: {place}.{key}: a facet is an object", self.named());
            }
        }
        places.run.into_iter().for_each(|(key, facet)| run.facets.insert_raw(key, facet));
        places.job.into_iter().for_each(|(key, facet)| job.facets.insert_raw(key, facet));
        Ok(())
    }

    fn named(&self) -> String {
        format!("--facet-file: {}", self.0.display())
    }
}

#[cfg(test)]
mod tests {
    use openlineage::model::RunId;

    use super::*;

    fn added(text: &str) -> Result<(RunRef, JobRef)> {
        let (mut run, mut job) = (RunRef::new(RunId::new()), JobRef::new("n", "j"));
        FacetFile::new(Path::new("f.json")).add_text(text, &mut run, &mut job)?;
        Ok((run, job))
    }

    #[test]
    fn facets_go_to_their_place_as_they_are() {
        let (run, job) = added(r#"{"run": {"acme_lag": {"n": 1.00}}, "job": {"acme_owner": {}}}"#).unwrap();
        assert_eq!(run.facets.keys().collect::<Vec<_>>(), ["acme_lag"]);
        assert_eq!(job.facets.keys().collect::<Vec<_>>(), ["acme_owner"]);
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_is_added() {
        for (text, wrong) in [
            ("[]", "f.json"),
            (r#"{"runs": {}}"#, "runs"),
            (r#"{"run": {"acme_lag": 1}}"#, "run.acme_lag: a facet is an object"),
        ] {
            let error = format!("{:#}", added(text).unwrap_err());
            assert!(error.contains(wrong), "{error}");
        }
    }
}

use std::sync::Arc;

use crate::facets::ParentRunFacet;
use crate::model::{Event, Facets, ModelError, RunPlace};

/// Which namespaces are renamed to what.
///
/// Rules are tried in the order in which they were added, and the first that matches decides. The old name is the whole
/// namespace, or its beginning and a star: `dev-*`. A new name that ends in a star as well keeps the rest of the old
/// one. What no rule matches stays as it is.
///
/// Jobs' rules hold for the event's job and, in the facet `parent`, for the parent's job and the root's. Datasets' rules
/// hold for inputs, outputs and the dataset of a dataset event. Namespaces that other facets name are left alone.
///
/// ```
/// use openlineage_core::builtin::Namespaces;
/// use openlineage_core::model::{Event, JobEvent, JobRef, Uri};
///
/// let names = Namespaces::new().job("staging", "qa").job("dev-*", "qa-*").dataset("s3://tmp*", "scratch");
/// let mut event = Event::from(JobEvent::of(JobRef::new("dev-eu", "daily")).build(&Uri::from_static("p")));
/// assert!(names.rename(&mut event)?);
/// let Event::Job(event) = event else { unreachable!() };
/// assert_eq!(event.job.namespace, "qa-eu");
/// # Ok::<(), openlineage_core::model::ModelError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Namespaces {
    job: Vec<Rule>,
    dataset: Vec<Rule>,
    keeps_parents: bool,
}

#[derive(Clone, Debug)]
enum Rule {
    Exact { old: String, new: String },
    Prefix { old: String, new: String, keeps_rest: bool },
}

impl Namespaces {
    /// No rules: nothing changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule for the namespaces of jobs.
    #[must_use]
    pub fn job(mut self, old: &str, new: &str) -> Self {
        self.job.push(Rule::new(old, new));
        self
    }

    /// Adds a rule for the namespaces of datasets.
    #[must_use]
    pub fn dataset(mut self, old: &str, new: &str) -> Self {
        self.dataset.push(Rule::new(old, new));
        self
    }

    /// Adds a rule that gives every job the namespace `new`, be there a star in it or not.
    pub(super) fn every_job(mut self, new: String) -> Self {
        self.job.push(Rule::Prefix { old: String::new(), new, keeps_rest: false });
        self
    }

    /// Leaves the facet `parent` alone.
    #[must_use]
    pub fn keep_parents(mut self) -> Self {
        self.keeps_parents = true;
        self
    }

    /// Renames in an event, and tells whether anything has changed.
    ///
    /// # Errors
    ///
    /// The facet `parent` cannot be read, or is to be changed and of another major version. The event is unchanged then.
    pub fn rename(&self, event: &mut Event) -> Result<bool, ModelError> {
        Ok(match event {
            Event::Run(event) => {
                let event = Arc::make_mut(event);
                let parents = self.rename_parents(&mut event.run.facets);
                parents.map_err(|error| error.within("facets").within("run"))?
                    | rename(&self.job, &mut event.job.namespace)
                    | self.rename_each(event.inputs.as_deref_mut(), |dataset| &mut dataset.namespace)
                    | self.rename_each(event.outputs.as_deref_mut(), |dataset| &mut dataset.namespace)
            }
            Event::Job(event) => {
                let event = Arc::make_mut(event);
                rename(&self.job, &mut event.job.namespace)
                    | self.rename_each(event.inputs.as_deref_mut(), |dataset| &mut dataset.namespace)
                    | self.rename_each(event.outputs.as_deref_mut(), |dataset| &mut dataset.namespace)
            }
            Event::Dataset(event) => rename(&self.dataset, &mut Arc::make_mut(event).dataset.namespace),
        })
    }

    fn rename_each<D>(&self, datasets: Option<&mut Vec<D>>, namespace: impl Fn(&mut D) -> &mut String) -> bool {
        let datasets = datasets.into_iter().flatten();
        datasets.fold(false, |changed, dataset| rename(&self.dataset, namespace(dataset)) | changed)
    }

    fn rename_parents(&self, facets: &mut Facets<RunPlace>) -> Result<bool, ModelError> {
        if self.keeps_parents || self.job.is_empty() {
            return Ok(false);
        }
        let Some(parent) = facets.get::<ParentRunFacet>()? else { return Ok(false) };
        let jobs = [Some(&parent.job), parent.root.as_ref().map(|root| &root.job)];
        // The text that came is only given up where it has to be.
        if !jobs.into_iter().flatten().any(|job| renamed(&self.job, &job.namespace).is_some()) {
            return Ok(false);
        }
        facets.edit::<ParentRunFacet>(|parent| {
            rename(&self.job, &mut parent.job.namespace);
            if let Some(root) = &mut parent.root {
                rename(&self.job, &mut root.job.namespace);
            }
        })
    }
}

impl Rule {
    fn new(old: &str, new: &str) -> Self {
        match old.strip_suffix('*') {
            None => Self::Exact { old: old.to_owned(), new: new.to_owned() },
            Some(old) => {
                let (new, keeps_rest) = new.strip_suffix('*').map_or((new, false), |new| (new, true));
                Self::Prefix { old: old.to_owned(), new: new.to_owned(), keeps_rest }
            }
        }
    }

    fn apply(&self, namespace: &str) -> Option<String> {
        match self {
            Self::Exact { old, new } => (old == namespace).then(|| new.clone()),
            Self::Prefix { old, new, keeps_rest } => {
                let rest = namespace.strip_prefix(old.as_str())?;
                Some(if *keeps_rest { format!("{new}{rest}") } else { new.clone() })
            }
        }
    }
}

fn rename(rules: &[Rule], namespace: &mut String) -> bool {
    let renamed = renamed(rules, namespace);
    let changes = renamed.is_some();
    *namespace = renamed.unwrap_or_else(|| std::mem::take(namespace));
    changes
}

/// The new name; `None` where the old one stays.
fn renamed(rules: &[Rule], namespace: &str) -> Option<String> {
    rules.iter().find_map(|rule| rule.apply(namespace)).filter(|new| new != namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rules = [("a", "exact"), ("ab*", "prefix"), ("a*", "rest-*"), ("b*", "b*"), ("b*", "never"), ("c", "d*")];
        let rules = rules.map(|(old, new)| Rule::new(old, new));
        for (old, new) in [
            ("a", Some("exact")),
            ("ab", Some("prefix")),
            ("abc", Some("prefix")),
            ("acd", Some("rest-cd")),
            ("bcd", None),
            ("c", Some("d*")),
            ("cc", None),
            ("A", None),
            ("", None),
        ] {
            assert_eq!(renamed(&rules, old).as_deref(), new, "{old}");
        }
        assert_eq!(renamed(&[Rule::new("*", "all")], "").as_deref(), Some("all"));
        assert_eq!(renamed(&[Rule::new("*", "x-*")], "y").as_deref(), Some("x-y"));
    }
}

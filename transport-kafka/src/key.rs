use std::fmt;
use std::sync::{Arc, Mutex};

use openlineage_core::event::{EncodedEvent, EventKind, JobName};

/// A facet that is longer is read for each event.
const LONGEST: usize = 4096;

/// The keys of a transport's records: one that was configured, or those that the Python client gives, by which events
/// with one key stand in one partition, in their order.
pub(crate) struct Keys {
    configured: Option<Arc<str>>,
    /// What was read last. Most events of a process have one parent, and it is long to read.
    last: Mutex<Last>,
}

/// A facet `parent`, and the key if it makes one.
#[derive(Default)]
struct Last {
    facet: Vec<u8>,
    key: Option<Arc<str>>,
}

impl Keys {
    pub(crate) fn new(configured: Option<String>) -> Self {
        Self { configured: configured.map(Arc::from), last: Mutex::default() }
    }

    /// A run is known by the job at the top of its chain of parents, else by its parent's, else by its own.
    pub(crate) fn of(&self, event: &EncodedEvent) -> Arc<str> {
        if let Some(key) = &self.configured {
            return Arc::clone(key);
        }
        let by_parent = event.parent_facet().and_then(|facet| self.by_parent(event, facet));
        by_parent.unwrap_or_else(|| by_itself(event))
    }

    fn by_parent(&self, event: &EncodedEvent, facet: &[u8]) -> Option<Arc<str>> {
        // Whoever finds it in use does without it: in a forked child it may be in use for ever.
        let Ok(mut last) = self.last.try_lock() else { return by_topmost(event) };
        if last.facet != facet {
            let key = by_topmost(event);
            if facet.len() > LONGEST {
                return key;
            }
            last.key = key;
            last.facet.clear();
            last.facet.extend_from_slice(facet);
        }
        last.key.clone()
    }
}

fn by_topmost(event: &EncodedEvent) -> Option<Arc<str>> {
    let JobName { namespace, name } = event.topmost_parent_job()?;
    (!namespace.is_empty() && !name.is_empty()).then(|| key("run", Some(&namespace), Some(&name)))
}

fn by_itself(event: &EncodedEvent) -> Arc<str> {
    match event.kind() {
        EventKind::Dataset => key("dataset", event.dataset_namespace().as_deref(), event.dataset_name().as_deref()),
        EventKind::Job => key("job", event.job_namespace().as_deref(), event.job_name().as_deref()),
        EventKind::Run => key("run", event.job_namespace().as_deref(), event.job_name().as_deref()),
    }
}

fn key(kind: &str, namespace: Option<&str>, name: Option<&str>) -> Arc<str> {
    [kind, ":", namespace.unwrap_or_default(), "/", name.unwrap_or_default()].concat().into()
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("configured", &self.configured).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = r#""job": {"namespace": "etl", "name": "orders"}"#;

    fn run(parent: &str) -> String {
        let json = format!(r#"{{"run": {{"runId": "r-1", "facets": {{{parent}}}}}, {JOB}}}"#);
        key_of(&Keys::new(None), &json)
    }

    fn key_of(keys: &Keys, json: &str) -> String {
        keys.of(&EncodedEvent::from_json(json.to_owned()).unwrap()).to_string()
    }

    #[test]
    fn a_run_is_known_by_the_topmost_job_that_it_names() {
        let root = r#""root": {"run": {"runId": "r"}, "job": {"namespace": "top", "name": "dag"}}"#;
        let parent = r#""job": {"namespace": "mid", "name": "task"}"#;
        for (facets, expected) in [
            (String::new(), "run:etl/orders"),
            (format!(r#""parent": {{{parent}}}"#), "run:mid/task"),
            (format!(r#""parent": {{{parent}, {root}}}"#), "run:top/dag"),
            (format!(r#""parent": {{{parent}, "root": null}}"#), "run:mid/task"),
            (r#""parent": {"job": {"namespace": "", "name": "task"}}"#.to_owned(), "run:etl/orders"),
            (r#""parent": {"job": {"namespace": "mid", "name": ""}}"#.to_owned(), "run:etl/orders"),
            (
                format!(r#""parent": {{{parent}, "root": {{"job": {{"namespace": "top", "name": ""}}}}}}"#),
                "run:etl/orders",
            ),
            (r#""parent": {}"#.to_owned(), "run:etl/orders"),
            (format!(r#""parentRun": {{{parent}}}"#), "run:etl/orders"),
            (r#""parent": {"job": {"namespace": "a/b", "name": "c:d \u00e9"}}"#.to_owned(), "run:a/b/c:d é"),
        ] {
            assert_eq!(run(&facets), expected, "{facets}");
        }
    }

    #[test]
    fn other_events_are_known_by_what_they_are_about() {
        for (json, expected) in [
            (format!("{{{JOB}}}"), "job:etl/orders"),
            (r#"{"dataset": {"namespace": "s3://lake", "name": "a/b"}}"#.to_owned(), "dataset:s3://lake/a/b"),
            (r#"{"dataset": {"name": "a"}}"#.to_owned(), "dataset:/a"),
            (r#"{"run": {}, "job": {"name": "only"}}"#.to_owned(), "run:/only"),
        ] {
            assert_eq!(key_of(&Keys::new(None), &json.to_string()), expected);
        }
    }

    #[test]
    fn what_was_read_last_is_taken_for_nothing_else() {
        let event = |facets: &str, job: &str| {
            let job = format!(r#""job": {{"namespace": "etl", "name": "{job}"}}"#);
            format!(r#"{{"run": {{"runId": "r", "facets": {{{facets}}}}}, {job}}}"#)
        };
        let parent = |name: &str| format!(r#""parent": {{"job": {{"namespace": "mid", "name": "{name}"}}}}"#);
        let long = "x".repeat(LONGEST);
        let keys = Keys::new(None);
        for (facets, job, expected) in [
            (String::new(), "a", "run:etl/a".to_owned()),
            (parent("one"), "a", "run:mid/one".to_owned()),
            (parent("one"), "b", "run:mid/one".to_owned()),
            (parent("two"), "b", "run:mid/two".to_owned()),
            (parent(&long), "b", format!("run:mid/{long}")),
            (parent(""), "a", "run:etl/a".to_owned()),
            (parent(""), "b", "run:etl/b".to_owned()),
            (String::new(), "b", "run:etl/b".to_owned()),
            (parent("two"), "b", "run:mid/two".to_owned()),
        ] {
            assert_eq!(key_of(&keys, &event(&facets, job)), expected);
        }
        let _in_use = keys.last.lock().unwrap();
        assert_eq!(key_of(&keys, &event(&parent("one"), "a")), "run:mid/one");
    }
}

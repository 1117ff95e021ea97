use openlineage_core::event::{EncodedEvent, EventKind, JobName};

/// The key that the Python client gives this event: events with one key stand in one partition, in their order.
///
/// A run is known by the job at the top of its chain of parents, else by its parent's, else by its own.
pub(crate) fn of(event: &EncodedEvent) -> String {
    match event.kind() {
        EventKind::Dataset => key("dataset", event.dataset_namespace().as_deref(), event.dataset_name().as_deref()),
        EventKind::Job => key("job", event.job_namespace().as_deref(), event.job_name().as_deref()),
        EventKind::Run => {
            match event
                .topmost_parent_job()
                .filter(|JobName { namespace, name }| !namespace.is_empty() && !name.is_empty())
            {
                Some(JobName { namespace, name }) => key("run", Some(&namespace), Some(&name)),
                None => key("run", event.job_namespace().as_deref(), event.job_name().as_deref()),
            }
        }
    }
}

fn key(kind: &str, namespace: Option<&str>, name: Option<&str>) -> String {
    [kind, ":", namespace.unwrap_or_default(), "/", name.unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = r#""job": {"namespace": "etl", "name": "orders"}"#;

    fn run(parent: &str) -> String {
        let json = format!(r#"{{"run": {{"runId": "r-1", "facets": {{{parent}}}}}, {JOB}}}"#);
        of(&EncodedEvent::from_json(json).unwrap())
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
            assert_eq!(of(&EncodedEvent::from_json(json).unwrap()), expected);
        }
    }
}

//! `run --facet-file`.

use std::fs;

use serde_json::Value;

use crate::common::{self, Done, openlineage};

fn run(file: &str, extra: &[&str], script: &str) -> (Done, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    if !file.is_empty() {
        fs::write(folder.path().join("facets.json"), file).unwrap();
    }
    let transport = serde_json::json!({"type": "file", "log_file_path": events, "append": true}).to_string();
    let fixed = ["run", "--namespace", "n", "--job", "j", "--facet-file", "facets.json", "--transport", &transport];
    let args = [&fixed, extra, &["--", "sh", "-c", script]].concat();
    let done = common::run(openlineage(&args).current_dir(folder.path()));
    let text = fs::read_to_string(events).unwrap_or_default();
    (done, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn facets_that_are_there_go_into_both_events() {
    let (_, events) = run(r#"{"run": {"acme_lag": {"n": 1}}, "job": {"acme_owner": {"who": "x"}}}"#, &[], "true");
    for event in &events {
        assert_eq!(event["run"]["facets"]["acme_lag"]["n"], 1);
        assert_eq!(event["job"]["facets"]["acme_owner"]["who"], "x");
    }
    assert_eq!(events.len(), 2);
}

#[test]
fn facets_that_the_command_writes_go_into_the_last_event() {
    let (done, events) = run("", &[], r#"echo '{"run": {"acme_rows": {"n": 12345678901234567890123}}}' > facets.json"#);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(events[0]["run"]["facets"].get("acme_rows").is_none());
    assert!(events[1]["run"]["facets"].get("acme_rows").is_some());
}

#[test]
fn a_broken_file_is_said_and_the_events_go_out() {
    let (done, events) = run("{", &[], "exit 4");
    assert_eq!((done.code, events.len()), (Some(4), 2));
    assert!(done.stderr.contains("--facet-file: facets.json"), "{}", done.stderr);
}

#[test]
fn a_broken_file_and_strict_keeps_the_command_from_running() {
    let (done, events) = run("{", &["--strict"], "echo ran");
    assert_eq!((done.code, done.text().as_str(), events.len()), (Some(2), "", 0));
}

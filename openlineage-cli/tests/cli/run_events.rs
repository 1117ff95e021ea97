use openlineage_core::testkit::server::Server;
use serde_json::{Value, json};

use crate::common::{arrived, http, openlineage, run};

/// The two events of a command, and its exit code.
fn events_of(args: &[&str], command: &[&str]) -> (Value, Value, Option<i32>) {
    let server = Server::start().unwrap();
    let mut process =
        openlineage(&["run", "--namespace", "etl", "--job", "orders/daily", "--transport", &http(&server)]);
    let done = run(process.args(args).arg("--").args(command));
    let mut events = arrived(&server);
    assert_eq!(events.len(), 2, "{}", done.stderr);
    assert!(done.says("START delivered (attempt 1, "), "{}", done.stderr);
    let end = events.pop().unwrap();
    (events.pop().unwrap(), end, done.code)
}

#[test]
fn a_command_that_succeeds_is_started_and_completed() {
    let datasets =
        ["--input", "postgres://db:5432:shop.orders", "--input", "s3://lake:raw", "--output", "s3://lake:a b"];
    let (start, complete, code) = events_of(&datasets, &["true"]);
    assert_eq!((code, &start["eventType"], &complete["eventType"]), (Some(0), &json!("START"), &json!("COMPLETE")));
    assert_eq!(start["run"]["runId"], complete["run"]["runId"]);
    for event in [&start, &complete] {
        assert_eq!((&event["job"]["namespace"], &event["job"]["name"]), (&json!("etl"), &json!("orders/daily")));
        assert_eq!(event["job"]["facets"]["jobType"]["jobType"], "COMMAND");
        let name = |datasets: &Value, at: usize| (datasets[at]["namespace"].clone(), datasets[at]["name"].clone());
        assert_eq!(name(&event["inputs"], 0), (json!("postgres://db:5432"), json!("shop.orders")));
        assert_eq!(name(&event["inputs"], 1), (json!("s3://lake"), json!("raw")));
        assert_eq!(name(&event["outputs"], 0), (json!("s3://lake"), json!("a b")));
        assert!(event["schemaURL"].as_str().unwrap().ends_with("/RunEvent"), "{event}");
        assert!(event["run"]["facets"].get("errorMessage").is_none(), "{event}");
    }
    let time = |event: &Value| event["eventTime"].as_str().unwrap().to_owned();
    assert!(time(&start).ends_with('Z') && time(&start) <= time(&complete));
    assert_eq!(complete["run"]["facets"]["nominalTime"]["nominalStartTime"], start["eventTime"]);
}

#[test]
fn a_command_that_fails_is_a_failed_run_with_its_error() {
    for (command, message, code) in [
        (vec!["sh", "-c", "exit 3"], "command exited with status 3", 3),
        (vec!["/no/such/program"], "/no/such/program: No such file or directory (os error 2)", 127),
    ] {
        let (start, fail, exit) = events_of(&[], &command);
        assert_eq!((exit, &fail["eventType"]), (Some(code), &json!("FAIL")));
        assert_eq!(start["run"]["runId"], fail["run"]["runId"]);
        assert_eq!(fail["run"]["facets"]["errorMessage"]["message"], message);
        assert_eq!(start["eventType"], "START");
    }
}

#[test]
fn a_command_that_a_signal_ends_is_an_aborted_run() {
    let (_, abort, code) = events_of(&[], &["sh", "-c", "kill -KILL $$"]);
    assert_eq!((code, &abort["eventType"]), (Some(137), &json!("ABORT")));
    assert_eq!(abort["run"]["facets"]["errorMessage"]["message"], "command was killed by signal 9");
}

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::json;

use crate::common::{event, openlineage, run_with_input};

#[test]
fn events_of_both_ways_go_to_datadog_with_the_key_from_the_environment() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503), Answer::status(202)]);
    let by_dbt = |number| {
        event(1, number, "RUNNING")
            .replace(r#""job":{"#, r#""job":{"facets":{"jobType":{"integration":"DBT","jobType":"MODEL"}},"#)
    };
    let input = [by_dbt(1), event(1, 2, "RUNNING"), by_dbt(3), event(2, 4, "START")].join("\n");
    let transport = json!({"type": "datadog", "site": server.url(), "retry": {"backoff_factor": 0}}).to_string();
    let mut command = openlineage(&["emit", "-", "--transport", &transport]);
    let done = run_with_input(command.env("DD_API_KEY", "canary"), input.as_bytes());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.says("4 delivered in ") && !done.says("canary"), "{}", done.stderr);
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    for request in requests {
        assert_eq!(request.header("authorization"), Some("Bearer canary"));
        assert_eq!((&*request.path, request.header("content-encoding")), ("/api/v1/lineage", Some("gzip")));
    }
}

#[test]
fn without_a_key_nothing_is_sent() {
    let mut command = openlineage(&["emit", "-", "--transport", r#"{"type": "datadog"}"#]);
    let done = run_with_input(&mut command, event(1, 1, "START").as_bytes());
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.says("transport.apiKey: missing") && done.says("DD_API_KEY"), "{}", done.stderr);
}

use openlineage_core::testkit::server::Server;
use serde_json::{Value, json};

use crate::common::{arrived, http, openlineage, run};

const PARENT: &str = "s3:%2F%2Flake/50%25%2Fa/0198b9a1-0000-7000-8000-000000000001";

fn parent_facet(event: &Value) -> Value {
    let parent = &event["run"]["facets"]["parent"];
    json!([parent["job"]["namespace"], parent["job"]["name"], parent["run"]["runId"]])
}

#[test]
fn the_parent_comes_from_the_flag_or_else_from_the_environment() {
    let other = "env/env/0198b9a1-0000-7000-8000-000000000002";
    let expected = json!(["s3://lake", "50%/a", "0198b9a1-0000-7000-8000-000000000001"]);
    for (flag, variable) in [(Some(PARENT), None), (None, Some(PARENT)), (Some(PARENT), Some(other))] {
        let server = Server::start().unwrap();
        let mut command = openlineage(&["run", "--namespace", "n", "--job", "j", "--transport", &http(&server)]);
        command.args(flag.map(|parent| format!("--parent={parent}")));
        command.envs(variable.map(|parent| ("OPENLINEAGE_PARENT_ID", parent)));
        assert_eq!(run(command.args(["--", "true"])).code, Some(0));
        assert_eq!(arrived(&server).iter().map(parent_facet).collect::<Vec<_>>(), [expected.clone(), expected.clone()]);
    }
}

#[test]
fn a_parent_in_the_environment_that_makes_no_sense_is_left_out_with_a_warning() {
    let server = Server::start().unwrap();
    let args = ["run", "--namespace", "n", "--job", "j", "--transport", &http(&server), "--", "true"];
    let done = run(openlineage(&args).env("OPENLINEAGE_PARENT_ID", "a/b/c"));
    assert_eq!(done.code, Some(0));
    assert!(done.says("OPENLINEAGE_PARENT_ID is not used"), "{}", done.stderr);
    assert!(done.says("run id \"c\" is not a UUID"), "{}", done.stderr);
    assert!(arrived(&server).iter().all(|event| event["run"]["facets"].get("parent").is_none()));
}

#[test]
fn the_command_finds_its_run_in_the_environment() {
    let server = Server::start().unwrap();
    let mut command = openlineage(&["run", "--namespace", "a/b%", "--job", "j/ü", "--transport", &http(&server)]);
    let done = run(command.args(["--", "sh", "-c", "printf %s \"$OPENLINEAGE_PARENT_ID\""]));
    let events = arrived(&server);
    let run_id = events[0]["run"]["runId"].as_str().unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), format!("a%2Fb%25/j%2Fü/{run_id}"));
}

#[test]
fn a_run_within_a_run_names_it_as_parent() {
    let server = Server::start().unwrap();
    let (transport, program) = (http(&server), env!("CARGO_BIN_EXE_openlineage"));
    let mut command =
        openlineage(&["run", "--namespace", "outer/n", "--job", "outer", "--transport", &transport, "--"]);
    command.args([program, "run", "--namespace", "n", "--job", "inner", "--transport", &transport, "--", "sh", "-c"]);
    let done = run(command.arg("exit 3"));
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let events = arrived(&server);
    let of = |job: &str, kind: &str| {
        let found = events.iter().find(|event| event["job"]["name"] == job && event["eventType"] == kind);
        found.unwrap_or_else(|| panic!("{job} {kind}: {events:?}"))
    };
    assert_eq!(events.len(), 4);
    let outer = json!(["outer/n", "outer", of("outer", "FAIL")["run"]["runId"]]);
    assert_eq!(parent_facet(of("inner", "START")), outer);
    assert_eq!(parent_facet(of("inner", "FAIL")), outer);
    let root = &of("inner", "START")["run"]["facets"]["parent"]["root"];
    assert_eq!(json!([root["job"]["namespace"], root["job"]["name"], root["run"]["runId"]]), outer);
    assert!(of("outer", "START")["run"]["facets"].get("parent").is_none());
}

#[test]
fn what_started_the_run_does_not_hide_it_from_the_command() {
    let above =
        r#"{"parent":{"run":{"runId":"0198b9a1-0000-7000-8000-000000000009"},"job":{"namespace":"a","name":"b"}}}"#;
    let server = Server::start().unwrap();
    let mut command = openlineage(&["run", "--namespace", "n", "--job", "j", "--transport", &http(&server)]);
    command.env("OPENLINEAGE_CONTEXT", above);
    let done = run(command.args(["--", "sh", "-c", "echo \"$OPENLINEAGE_CONTEXT|$OPENLINEAGE_ROOT_PARENT_ID\""]));
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "|a/b/0198b9a1-0000-7000-8000-000000000009\n");
    let expected = json!(["a", "b", "0198b9a1-0000-7000-8000-000000000009"]);
    assert!(arrived(&server).iter().all(|event| parent_facet(event) == expected));
}

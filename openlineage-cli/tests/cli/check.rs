//! `check`, `--config` and what the configuration does to the other commands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::{self, Done, openlineage};

/// The command in a folder of its own that holds this `openlineage.yml`.
fn configured(folder: &Path, yaml: &str, args: &[&str]) -> Command {
    fs::write(folder.join("openlineage.yml"), yaml).unwrap();
    let mut command = openlineage(args);
    command.current_dir(folder);
    command
}

fn check(yaml: &str, args: &[&str], variables: &[(&str, &str)]) -> Done {
    let folder = tempfile::tempdir().unwrap();
    let mut command = configured(folder.path(), yaml, &[&["check"], args].concat());
    common::run(command.envs(variables.iter().copied()))
}

const HTTP: &str =
    "transport:\n  type: http\n  url: http://lineage.example\n  auth:\n    type: api_key\n    apiKey: canary\n";

#[test]
fn each_value_is_shown_with_its_source_and_no_secret() {
    let done = check(HTTP, &[], &[("OPENLINEAGE__TRANSPORT__TIMEOUT", "7")]);
    let shown = done.text();
    assert_eq!(done.code, Some(0), "{shown}");
    for (value, source) in [
        ("type: http", "openlineage.yml:2"),
        ("url: http://lineage.example", "openlineage.yml:3"),
        ("apiKey: ***", "openlineage.yml:6"),
        ("timeout: 7", "$OPENLINEAGE__TRANSPORT__TIMEOUT"),
    ] {
        assert!(shown.lines().any(|line| line.contains(value) && line.ends_with(source)), "{value}: {shown}");
    }
    assert!(!shown.contains("canary") && !done.stderr.contains("canary"), "{shown}");
}

#[test]
fn a_key_with_dots_is_shown_in_the_form_in_which_it_is_read() {
    let yaml = "transport:\n  type: http\n  url: http://lineage.example\n  custom_headers:\n    trace.origin: etl\n";
    let shown = check(yaml, &["--strict"], &[]).text();
    assert!(shown.lines().any(|line| line.starts_with("    trace.origin: ***")), "{shown}");
}

#[test]
fn json_says_the_same() {
    let done = check(HTTP, &["--format", "json"], &[]);
    let found: Value = serde_json::from_str(&done.text()).unwrap();
    assert_eq!(found["transport"], "http");
    assert_eq!(found["error"], Value::Null);
    let url = found["values"].as_array().unwrap().iter().find(|line| line["path"] == "transport.url").unwrap();
    assert_eq!((&url["value"], &url["source"]), (&"http://lineage.example".into(), &"openlineage.yml:3".into()));
}

#[test]
fn datadog_is_shown_with_its_key_masked_and_its_rules_checked() {
    let yaml = "transport:\n  type: datadog\n  apiKey: canary\n  site: us5.datadoghq.com\n  async_transport_rules:\n    dbt:\n      model: RULE\n";
    let done = check(&yaml.replace("RULE", "true"), &[], &[]);
    let shown = done.text();
    assert_eq!(done.code, Some(0), "{shown}");
    for (value, source) in [("apiKey: ***", ":3"), ("site: us5.datadoghq.com", ":4"), ("model: true", ":7")] {
        assert!(shown.lines().any(|line| line.contains(value) && line.ends_with(source)), "{value}: {shown}");
    }
    assert!(shown.ends_with("events go to: datadog\n") && !shown.contains("canary"), "{shown}");
    let done = check(&yaml.replace("RULE", "'false'"), &[], &[]);
    let problem = "transport.async_transport_rules.dbt.model: neither true nor false (openlineage.yml:7)";
    assert!(done.code == Some(2) && done.text().contains(problem), "{}", done.text());
    let bare = check("transport: {type: datadog}\n", &[], &[("DD_API_KEY", "canary")]);
    assert!(bare.code == Some(0) && !bare.text().contains("canary"), "{}", bare.text());
}

#[test]
fn an_unknown_key_is_a_warning_and_with_strict_an_error() {
    let yaml = "transport:\n  type: http\n  url: http://lineage.example\n  timout: 3\n";
    let done = check(yaml, &[], &[]);
    assert_eq!(done.code, Some(0));
    assert!(done.text().contains("timout") && done.text().contains("did you mean timeout?"), "{}", done.text());
    let strict = check(yaml, &["--strict"], &[]);
    assert_eq!(strict.code, Some(2), "{}", strict.text());
}

#[test]
fn a_wrong_value_names_key_place_and_cure() {
    let done = check("transport:\n  type: htp\n", &[], &[]);
    assert_eq!(done.code, Some(2));
    let said = done.text();
    assert!(said.contains("transport.type") && said.contains("did you mean http?"), "{said}");
    assert!(said.contains("openlineage.yml:2"), "{said}");
}

#[test]
fn a_named_file_that_is_missing_is_an_error_everywhere() {
    for args in [&["check"][..], &["emit", "x.ndjson"]] {
        let done = common::run(&mut openlineage(&[args, &["--config", "/nonexistent/openlineage.yml"]].concat()));
        assert_eq!(done.code, Some(2), "{args:?}: {}", done.stderr);
        assert!(done.stderr.contains("/nonexistent/openlineage.yml"), "{}", done.stderr);
    }
}

#[test]
fn the_legacy_variable_alone_is_a_configuration() {
    let done = check("", &[], &[("OPENLINEAGE_URL", "http://lineage.example")]);
    assert!(done.text().contains("events go to:"), "{}", done.text());
    assert!(done.text().contains("$OPENLINEAGE_URL"), "{}", done.text());
}

#[test]
fn disabled_is_said_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = configured(folder.path(), HTTP, &["run", "--namespace", "n", "--job", "j", "--", "true"]);
    let done = common::run(command.env("OPENLINEAGE_DISABLED", "true"));
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    assert!(check(HTTP, &[], &[("OPENLINEAGE_DISABLED", " TRUE ")]).text().contains("nothing is sent"));
}

#[test]
fn run_uses_the_file_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "transport: {type: file, log_file_path: events.ndjson, append: true}\n";
    let done =
        common::run(&mut configured(folder.path(), yaml, &["run", "--namespace", "n", "--job", "j", "--", "true"]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let events = fs::read_to_string(folder.path().join("events.ndjson")).unwrap();
    assert_eq!(events.lines().count(), 2, "{events}");
}

#[test]
fn a_transport_on_the_command_line_gets_nothing_of_the_configured_one() {
    let folder = tempfile::tempdir().unwrap();
    let transport = r#"{"type":"http","url":"http://other.example"}"#;
    let args = ["check", "--format", "json", "--transport", transport];
    let done = common::run(&mut configured(folder.path(), HTTP, &args));
    let found: Value = serde_json::from_str(&done.text()).unwrap();
    let paths: Vec<&str> =
        found["values"].as_array().unwrap().iter().map(|line| line["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["transport.type", "transport.url"]);
}

#[test]
fn no_secret_is_printed_however_much_is_asked_for() {
    let yaml = "transport:\n  type: transform\n  namespaces: {job: {a: b}}\n  transport:\n    type: http\n\
        \x20   url: http://user:canary@h.example/?key=canary\n    auth: {type: api_key, apiKey: canary}\n\
        \x20   custom_headers: {Authorization: Basic canary, X-Team: canary}\n    pasword: canary\n";
    let variables = [("OPENLINEAGE_API_KEY", "canary"), ("OPENLINEAGE_URL", "http://h.example")];
    for args in [&["-vvv"][..], &["-vvv", "--format", "json"], &["-vvv", "--strict"]] {
        let done = check(yaml, args, &variables);
        let said = format!("{}{}", done.text(), done.stderr);
        assert!(said.contains("***") || done.code == Some(2), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

/// The example. Cargo has built it beside this test, unless it was asked for this test alone.
fn acme() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_openlineage")).with_file_name("examples").join("acme");
    if !path.exists() {
        let build = ["build", "--quiet", "--package", "openlineage-cli", "--example", "acme"];
        assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
    }
    path
}

#[test]
fn a_build_with_a_transport_of_its_own_knows_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = format!(
        "transport:\n  type: transform\n  namespaces: {{job: {{n: renamed}}}}\n  transport:\n    type: acme\n    folder: {}\n",
        folder.path().display()
    );
    fs::write(folder.path().join("openlineage.yml"), yaml).unwrap();
    let mut command = Command::new(acme());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(["run", "--namespace", "n", "--job", "j", "--", "true"]).current_dir(folder.path());
    let done = common::run(&mut command);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let run = files.into_iter().find(|path| path.extension().is_none()).unwrap();
    let events = fs::read_to_string(run).unwrap();
    let namespaces: Vec<Value> =
        events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["job"]["namespace"].clone()).collect();
    assert_eq!(namespaces, ["renamed", "renamed"]);
}

#[test]
fn the_legs_of_a_composite_are_shown_as_a_tree() {
    let yaml = "transport:\n  type: composite\n  transports:\n    catalog: {type: http, url: 'http://lineage.example'}\n    both:\n      type: composite\n      transports: [{type: console}, {type: noop}]\n";
    let done = check(yaml, &[], &[]);
    let tree = "events go to: composite\n  catalog: http\n  both: composite\n    console\n    noop";
    assert!(done.text().trim_end().ends_with(tree), "{}", done.text());
    let found: Value = serde_json::from_str(&check(yaml, &["--format", "json"], &[]).text()).unwrap();
    assert_eq!(found["legs"][0], serde_json::json!({"name": "catalog", "type": "http", "legs": []}));
    assert_eq!(found["legs"][1]["legs"][1]["type"], "noop");
}

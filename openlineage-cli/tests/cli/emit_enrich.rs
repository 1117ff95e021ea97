//! What the configuration does to events on their way: filters always, the rest with `--enrich`.

use std::fs;

use serde_json::{Value, json};

use crate::common::{self, Done, openlineage};

const YAML: &str = "transport: {type: file, log_file_path: out.ndjson, append: true}\n\
    filters: [{type: exact, match: noise}]\n\
    tags: {run: {team: data}}\n";

fn event(job: &str) -> String {
    json!({
        "eventType": "START",
        "eventTime": "2026-09-01T00:00:00Z",
        "run": {"runId": "0198b9a1-0000-7000-8000-000000000001"},
        "job": {"namespace": "tests", "name": job},
        "producer": "https://acme.example",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "number": 1.50,
    })
    .to_string()
}

fn emitted(args: &[&str]) -> (Done, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("openlineage.yml"), YAML).unwrap();
    fs::write(folder.path().join("in.ndjson"), [event("noise"), event("signal")].join("\n")).unwrap();
    let mut command = openlineage(&[&["emit", "in.ndjson", "--format", "json"], args].concat());
    let done = common::run(command.current_dir(folder.path()));
    let out = fs::read_to_string(folder.path().join("out.ndjson")).unwrap();
    (done, out.lines().map(str::to_owned).collect())
}

#[test]
fn filters_apply_and_the_rest_passes_byte_for_byte() {
    let (done, out) = emitted(&[]);
    assert_eq!((done.code, out), (Some(0), vec![event("signal")]), "{}", done.stderr);
    assert_eq!((&done.json()["delivered"], &done.json()["skipped"]), (&1.into(), &1.into()));
}

#[test]
fn enriched_events_carry_what_is_configured() {
    let (done, out) = emitted(&["--enrich"]);
    assert_eq!((done.code, out.len()), (Some(0), 1), "{}", done.stderr);
    let event: Value = serde_json::from_str(&out[0]).unwrap();
    let tags = event["run"]["facets"]["tags"]["tags"].as_array().unwrap();
    assert!(tags.iter().any(|tag| tag["key"] == "team" && tag["value"] == "data"), "{tags:?}");
    assert_eq!(event["number"], 1.5);
}

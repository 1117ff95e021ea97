//! Building a client starts nothing, whatever kind of transport it has.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::fs;
use std::process::Command;

use openlineage::config::{Environment, Loader};
use openlineage::{Client, builder, init, registry};

/// Set in the process that counts.
const ALONE: &str = "OPENLINEAGE_QUIET_TEST";

/// Kinds that need options, with those.
const OPTIONS: [(&str, &str); 8] = [
    ("async_http", r#"{"type":"async_http","url":"http://localhost:1"}"#),
    ("datadog", r#"{"type":"datadog","apiKey":"key","async_transport_rules":{"*":{"*":true}}}"#),
    (
        "composite",
        r#"{"type":"composite","transports":[{"type":"http","url":"http://localhost:1"},{"type":"console"}]}"#,
    ),
    ("file", r#"{"type":"file","log_file_path":"no/such/folder/events.ndjson","append":true}"#),
    ("http", r#"{"type":"http","url":"http://localhost:1"}"#),
    ("kafka", r#"{"type":"kafka","topic":"t","config":{"bootstrap.servers":"localhost:1"}}"#),
    ("msk-iam", r#"{"type":"msk-iam","topic":"t","region":"r","config":{"bootstrap.servers":"localhost:1"}}"#),
    (
        "transform",
        r#"{"type":"transform","namespaces":{"job":{"a":"b"}},"transport":{"type":"http","url":"http://localhost:1"}}"#,
    ),
];

fn count(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn census() -> (usize, usize) {
    (count("/proc/self/task"), count("/proc/self/fd"))
}

fn client(kind: &str) -> Client {
    let plain = format!(r#"{{"type":"{kind}"}}"#);
    let transport = OPTIONS.iter().find(|(name, _)| *name == kind).map_or(&*plain, |(_, options)| options);
    let environment = Environment::of([
        ("OPENLINEAGE__TRANSPORT", transport),
        ("OPENLINEAGE__FACETS", r#"{"source_code_location":{"disabled":"false"},"environment_variables":["A"]}"#),
        ("OPENLINEAGE__DATASET__REDUCING_ENABLED", "true"),
        ("OPENLINEAGE__TAGS__RUN__A", "b"),
    ]);
    let settings = Loader::new(environment.clone()).load().unwrap().settings;
    builder().settings(settings).environment(environment).build().unwrap()
}

#[test]
fn clients_of_every_kind_have_no_thread_and_no_file() {
    if env::var_os(ALONE).is_none() {
        let test = ["--exact", "clients_of_every_kind_have_no_thread_and_no_file", "--nocapture"];
        let output = Command::new(env::current_exe().unwrap()).args(test).env(ALONE, "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let before = census();
    let kinds: Vec<String> = registry().kinds().map(str::to_owned).collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    let clients: Vec<Client> = kinds.iter().map(|kind| client(kind)).collect();
    let guard = clients.iter().fold(init(openlineage::Guard::WITHIN), openlineage::Guard::closing);
    assert_eq!(census(), before, "built");
    let runs: Vec<_> = clients.iter().map(|client| client.run("n", "j")).collect();
    let faces: Vec<_> = clients.iter().map(Client::blocking).collect();
    assert_eq!(census(), before, "described");
    drop((runs, faces, guard, clients));
    assert_eq!(census(), before, "closed unused");
}

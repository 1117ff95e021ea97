use std::fs;

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::json;

use crate::common::{bodies, emit, events, openlineage, run, sorted};

#[test]
fn the_file_that_a_transport_keeps_can_be_emitted_again() {
    let (folder, server, all) = (tempfile::tempdir().unwrap(), Server::start().unwrap(), events(6));
    let (file, kept) = (folder.path().join("all.ndjson"), folder.path().join("undelivered.ndjson"));
    fs::write(&file, all.join("\n")).unwrap();
    server.always(Answer::status(503));
    let spec = json!({"type": "http", "url": server.url(), "undelivered_file": kept, "retry": {"total": 0}});
    let done = run(openlineage(&["emit", "--transport", &spec.to_string()]).arg(&file));
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let again = Server::start().unwrap();
    let done = run(&mut emit(&again, &kept, &[]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(sorted(bodies(&again)), sorted(all));
}

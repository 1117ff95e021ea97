//! A transport that queues by itself changes nothing of what the options mean.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};

use crate::common::{Form, emit_by, events, run, run_with_input};

const KIND: &str = "async_http";

#[test]
fn a_server_that_says_nothing_is_waited_for_no_longer_than_asked() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let (began, (_, text)) = (Instant::now(), Form::Lines.write(&events(5)));
    let mut command = emit_by(KIND, &server, Path::new("-"), &["--timeout", "1"]);
    let done = run_with_input(&mut command, text.as_bytes());
    let took = began.elapsed();
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says("no answer in time"), "{}", done.stderr);
    assert!(done.says("0 delivered, 5 failed in "), "{}", done.stderr);
    // The time of the events, and that of the closing which gives them their last chance.
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn it_stops_at_a_server_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    fs::write(&file, Form::Lines.write(&events(1000)).1).unwrap();
    let gone = Server::start().unwrap();
    let mut command = emit_by(KIND, &gone, &file, &["--give-up-after", "5", "--timeout", "1"]);
    drop(gone);
    let done = run(&mut command);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says("gave up after 5 undelivered events in a row"), "{}", done.stderr);
    assert!(done.says(&format!("go on with {} --offset 0\n", file.display())), "{}", done.stderr);
}

#[test]
fn what_it_does_not_deliver_is_named_with_its_reason_and_kept() {
    let (folder, server, all) = (tempfile::tempdir().unwrap(), Server::start().unwrap(), events(3));
    let rejected = folder.path().join("rejected");
    server.script([Answer::status(201), Answer::status(422).body("job.name is missing")]);
    let args = ["--concurrency", "1", "--rejected", rejected.to_str().unwrap()];
    let mut command = emit_by(KIND, &server, Path::new("-"), &args);
    let done = run_with_input(&mut command, all.join("\n").as_bytes());
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says("-:2: not delivered: async_http: destination rejected the event (422)"), "{}", done.stderr);
    assert_eq!(fs::read_to_string(rejected).unwrap(), format!("{}\n", all[1]));
}

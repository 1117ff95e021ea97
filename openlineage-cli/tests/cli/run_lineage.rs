use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::Value;

use crate::common::{LIMIT, arrived, finish, http, openlineage, run};

fn args(transport: &str) -> [&str; 7] {
    ["run", "--namespace", "n", "--job", "j", "--transport", transport]
}

#[test]
fn a_server_that_says_nothing_holds_the_command_up_no_longer_than_allowed() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let (began, transport) = (Instant::now(), http(&server));
    let done = run(openlineage(&args(&transport)).args(["--timeout", "1", "--", "sh", "-c", "exit 3"]));
    let took = began.elapsed();
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(4), "{took:?}");
    assert!(done.says("START abandoned ("), "{}", done.stderr);
    assert!(done.says("FAIL not sent (no time was left; --timeout allows more)"), "{}", done.stderr);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn no_time_at_all_is_no_wait() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let (began, transport) = (Instant::now(), http(&server));
    let done = run(openlineage(&args(&transport)).args(["--timeout", "0", "--", "sh", "-c", "exit 3"]));
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn the_last_event_waits_for_a_slow_start() {
    let (server, pause) = (Server::start().unwrap(), Duration::from_millis(600));
    server.script([Answer::slow(pause)]);
    let transport = http(&server);
    let done = run(openlineage(&args(&transport)).args(["--", "true"]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let requests = server.requests();
    let kind = |at: usize| serde_json::from_slice::<Value>(&requests[at].body).unwrap()["eventType"].clone();
    assert_eq!((requests.len(), kind(0), kind(1)), (2, "START".into(), "COMPLETE".into()));
    assert!(requests[1].at.duration_since(requests[0].at) >= pause);
}

#[test]
fn the_command_does_not_wait_for_start() {
    let server = Server::start().unwrap();
    server.script([Answer::hang()]);
    let transport = http(&server);
    let mut child = openlineage(&args(&transport)).args(["--timeout", "50", "--", "echo", "ran"]).spawn().unwrap();
    let mut said = String::new();
    // START is not answered before the release below.
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut said).unwrap();
    assert_eq!(said, "ran\n");
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    server.release();
    assert_eq!(finish(child).code, Some(0));
    assert_eq!(arrived(&server)[1]["eventType"], "COMPLETE");
}

#[test]
fn a_server_that_is_not_there_costs_the_command_nothing() {
    let gone = Server::start().unwrap();
    let transport = http(&gone);
    drop(gone);
    let done = run(openlineage(&args(&transport)).args(["--", "sh", "-c", "echo out; exit 4"]));
    assert_eq!((done.code, done.stdout.as_slice()), (Some(4), b"out\n".as_slice()));
    assert!(done.says("START failed ("), "{}", done.stderr);
    assert!(done.says("FAIL failed ("), "{}", done.stderr);
}

#[test]
fn what_became_of_the_events_is_there_for_programs_too() {
    let server = Server::start().unwrap();
    server.script([Answer::status(201), Answer::status(422)]);
    let transport = http(&server);
    let done = run(openlineage(&args(&transport)).args(["--format", "json", "--", "echo", "out"]));
    assert_eq!((done.code, done.stdout.as_slice()), (Some(0), b"out\n".as_slice()));
    let lines: Vec<Value> = done.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fates: Vec<_> = lines.iter().map(|line| (line["event"].as_str(), line["fate"].as_str())).collect();
    assert_eq!(fates, [(Some("START"), Some("delivered")), (Some("COMPLETE"), Some("failed"))]);
}

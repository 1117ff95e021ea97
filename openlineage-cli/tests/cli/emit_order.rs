use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::Value;

use crate::common::{LIMIT, bodies, emit, emit_by, event, finish, run_with_input};

const PAUSE: Duration = Duration::from_millis(20);

#[test]
fn events_of_a_run_follow_each_other_and_runs_overtake() {
    in_order_by("http");
}

#[test]
fn they_do_by_a_transport_that_queues_too() {
    in_order_by("async_http");
}

fn in_order_by(kind: &str) {
    let (runs, each, server) = (12, 6, Server::start().unwrap());
    server.always(Answer::slow(PAUSE));
    let text: String = (0..runs * each).map(|number| event(number % runs, number, "RUNNING") + "\n").collect();
    let mut command = emit_by(kind, &server, Path::new("-"), &["--concurrency", "16"]);
    let done = run_with_input(&mut command, text.as_bytes());
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let mut last: HashMap<String, (u64, Instant)> = HashMap::new();
    let requests = server.requests();
    assert_eq!(requests.len(), runs * each);
    for request in requests {
        let event: Value = serde_json::from_slice(&request.body).unwrap();
        let (run, number) = (event["run"]["runId"].to_string(), event["number"].as_u64().unwrap());
        if let Some((before, at)) = last.insert(run, (number, request.at)) {
            assert!(before < number);
            // The one before had been answered.
            assert!(request.at.duration_since(at) >= PAUSE);
        }
    }
    assert!(server.accepted() > 4, "{}", server.accepted());
}

#[test]
fn what_has_been_written_to_a_pipe_is_sent_before_more_comes() {
    let server = Server::start().unwrap();
    let mut child = emit(&server, Path::new("-"), &[]).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let (start, complete, next) = (event(1, 1, "START"), event(1, 2, "COMPLETE"), event(2, 3, "START"));
    pipe.write_all(format!("{start}\n{complete}\n").as_bytes()).unwrap();
    assert_eq!(server.wait_for(2, LIMIT).len(), 2);
    pipe.write_all(format!("{next}\n").as_bytes()).unwrap();
    assert_eq!(server.wait_for(3, LIMIT).len(), 3);
    drop(pipe);
    assert_eq!(finish(child).code, Some(0));
    assert_eq!(bodies(&server), [start, complete, next]);
}

#[test]
fn an_event_that_fails_does_not_let_the_next_of_its_run_overtake() {
    for kind in ["http", "async_http"] {
        let server = Server::start().unwrap();
        server.script([Answer::status(422), Answer::slow(PAUSE)]);
        let all: Vec<String> = (0..4).map(|number| event(1, number, "RUNNING")).collect();
        let done = run_with_input(&mut emit_by(kind, &server, Path::new("-"), &[]), all.join("\n").as_bytes());
        assert_eq!((done.code, bodies(&server)), (Some(1), all), "{kind}: {}", done.stderr);
        assert!(done.says("3 delivered, 1 failed in "), "{kind}: {}", done.stderr);
    }
}

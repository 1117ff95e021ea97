use std::path::Path;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};

use crate::common::{bodies, emit, event, run_with_input};

const MODES: [&str; 3] = ["inline", "thread", "task"];

#[test]
fn every_mode_delivers_the_events_of_a_run_in_order() {
    for mode in MODES {
        let server = Server::start().unwrap();
        let events: Vec<String> = (0..20).map(|number| event(1, number, "RUNNING")).collect();
        let args = ["--mode", mode, "--concurrency", "4"];
        let done = run_with_input(&mut emit(&server, Path::new("-"), &args), events.join("\n").as_bytes());
        assert_eq!(done.code, Some(0), "{mode}: {}", done.stderr);
        assert_eq!(bodies(&server), events, "{mode}");
    }
}

#[test]
fn in_every_mode_an_event_is_given_up_after_its_time() {
    for mode in MODES {
        let server = Server::start().unwrap();
        server.always(Answer::slow(Duration::from_secs(60)));
        let (event, began) = (event(1, 1, "START"), Instant::now());
        let args = ["--mode", mode, "--execution-timeout", "0.5", "--timeout", "50"];
        let done = run_with_input(&mut emit(&server, Path::new("-"), &args), event.as_bytes());
        assert_eq!(done.code, Some(1), "{mode}: {}", done.stderr);
        assert!(done.says("no answer in time"), "{mode}: {}", done.stderr);
        assert!(began.elapsed() < Duration::from_secs(20), "{mode}: {:?}", began.elapsed());
    }
}

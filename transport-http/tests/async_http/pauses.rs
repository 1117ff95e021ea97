//! A destination that is away or asks for peace is met by one event, then by a few, and not by all of them at once.

use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::Transport;

use crate::support::{
    LIMIT, QUIET, SLACK, all_delivered, building, came, close, event, stubborn, submit, submit_all, to, wait,
};

const CONCURRENT: usize = 8;
const RUNS: usize = 40;

/// As many requests as may be under way are answered like this, all at the same time, and then each one hangs. Returns
/// when they were answered, and when the first came after that.
fn recovers(failing: Answer) -> (Instant, Instant) {
    let server = Server::start().unwrap();
    server.script(vec![failing.held(); CONCURRENT]);
    server.always(Answer::hang());
    let transport = building(to(&server), CONCURRENT);
    let tickets = submit_all(&transport, RUNS, 2);
    assert_eq!(server.wait_for(CONCURRENT, LIMIT).len(), CONCURRENT);
    assert_eq!(server.wait_for(CONCURRENT + 1, QUIET).len(), CONCURRENT, "more than may be under way");
    assert!(!transport.stats().queue.unwrap().paused);
    let answered = Instant::now();
    server.release();
    let mut seen = CONCURRENT;
    // A probe, and with each answer one more at a time.
    for window in [1, 2, 4, 8, 8] {
        assert_eq!(server.wait_for(seen + window, LIMIT).len(), seen + window);
        assert_eq!(server.wait_for(seen + window + 1, QUIET).len(), seen + window, "beyond a window of {window}");
        assert_eq!(transport.stats().in_flight, window as u64);
        assert_eq!(transport.stats().queue.unwrap().paused, window == 1);
        server.release();
        seen += window;
    }
    // All of them hang, and none is on its way.
    assert_eq!(server.wait_for(seen + CONCURRENT, LIMIT).len(), seen + CONCURRENT);
    server.always(Answer::status(201));
    server.release();
    assert!(blocking::flush(&transport, Deadline::after(LIMIT)).unwrap().settled);
    let (_, outcomes) = close(&transport, LIMIT, tickets);
    all_delivered(&outcomes);
    let requests = server.requests();
    assert_eq!(requests.len(), RUNS * 2 + CONCURRENT);
    came(&requests, RUNS, 2);
    (answered, requests[CONCURRENT].at)
}

#[test]
fn a_server_that_is_unavailable() {
    let (_, _) = recovers(Answer::status(503));
}

#[test]
fn a_server_that_throttles() {
    let (answered, probed) = recovers(Answer::status(429).header("Retry-After", "1"));
    let pause = probed - answered;
    assert!(pause >= Duration::from_secs(1) && pause < Duration::from_secs(1) + SLACK, "{pause:?}");
}

#[test]
fn a_server_that_is_too_full_for_now() {
    let (answered, probed) = recovers(Answer::status(413).header("Retry-After", "1"));
    assert!(probed - answered >= Duration::from_secs(1));
}

#[test]
fn while_it_is_away_one_event_probes_with_growing_pauses() {
    const PROBES: usize = 6;
    let server = Server::start().unwrap();
    // A reset shows a probe that finds nobody.
    server.script(vec![Answer::reset(); PROBES + 1]);
    server.always(Answer::hang());
    let mut policy = stubborn();
    (policy.backoff_factor, policy.backoff_max) = (Duration::from_millis(10), Duration::from_millis(160));
    // One at a time, so that the failures are not of one burst.
    let transport = building(to(&server).retry(policy), 1);
    let tickets = submit_all(&transport, RUNS, 2);
    let requests = server.wait_for(PROBES + 2, LIMIT);
    let gaps: Vec<_> = requests.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    for (gap, pause) in gaps.iter().zip([0, 20, 40, 80, 160, 160, 160].map(Duration::from_millis)) {
        assert!(*gap + Duration::from_millis(2) >= pause && *gap < pause + SLACK, "{gaps:?}");
    }
    assert_eq!(gaps.len(), PROBES + 1);
    server.always(Answer::status(201));
    server.release();
    assert!(blocking::flush(&transport, Deadline::after(LIMIT)).unwrap().settled);
    let (_, outcomes) = close(&transport, LIMIT, tickets);
    all_delivered(&outcomes);
    assert_eq!(server.requests().len(), RUNS * 2 + PROBES + 1);
    came(&server.requests(), RUNS, 2);
}

#[test]
fn one_run_in_trouble_holds_up_no_other() {
    let server = Server::start().unwrap();
    server.script([Answer::status(500), Answer::status(500)]);
    let mut policy = stubborn();
    (policy.backoff_factor, policy.backoff_max) = (Duration::from_secs(60), Duration::from_secs(60));
    let transport = building(to(&server).retry(policy), CONCURRENT);
    let mut tickets = submit_all(&transport, 1, 2);
    // At once and again, and then the run rests for a minute.
    assert_eq!(server.wait_for(2, LIMIT).len(), 2);
    tickets.extend((1..RUNS).map(|run| {
        let ticket = submit(&transport, event(run, 0)).unwrap();
        wait(ticket, LIMIT).unwrap().unwrap();
        submit(&transport, event(run, 1)).unwrap()
    }));
    assert_eq!(server.wait_for(2 + 2 * (RUNS - 1), LIMIT).len(), 2 * RUNS);
    // Closing gives the run its attempt at once.
    let report = blocking::close(&transport, Deadline::after(LIMIT)).unwrap();
    assert_eq!((report.tally.delivered, report.is_clean()), (2 * RUNS as u64, true));
    drop(tickets);
}

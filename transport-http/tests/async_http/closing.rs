//! Closing keeps its time whatever the server does, and tells the truth.

use std::time::{Duration, Instant};

use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Ended, Fate};
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Ticket, Transport};
use openlineage_transport_http::AsyncHttpTransport;

use crate::support::{
    LIMIT, Outcome, QUIET, SLACK, all_delivered, building, came, close, event, eventually, in_order, stubborn, submit,
    submit_all, to,
};

const WITHIN: Duration = Duration::from_millis(300);
const CONCURRENT: usize = 8;
const RUNS: usize = 20;

fn abandoned(outcomes: &[Outcome]) -> (usize, usize) {
    let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(lost.iter().all(|error| (error.fate(), error.kind()) == (Fate::Abandoned, &EmitErrorKind::Closed)));
    (lost.len(), lost.iter().filter(|error| error.sent() == Sent::Maybe).count())
}

#[test]
fn a_server_that_hangs() {
    let server = Server::start().unwrap();
    server.script(vec![Answer::status(201); 5]);
    server.always(Answer::hang());
    let transport = building(to(&server), CONCURRENT);
    let tickets = submit_all(&transport, RUNS, 2);
    assert_eq!(server.wait_for(5 + CONCURRENT, LIMIT).len(), 5 + CONCURRENT);
    let began = Instant::now();
    let (report, outcomes) = close(&transport, WITHIN, tickets);
    assert!(began.elapsed() >= WITHIN);
    assert_eq!((report.ended, report.tally.delivered), (Ended::DeadlineReached, 5));
    assert_eq!(abandoned(&outcomes), (2 * RUNS - 5, CONCURRENT));
    server.release();
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
    assert_eq!(server.requests().len(), 5 + CONCURRENT);
    in_order(&server.requests());
}

#[test]
fn a_server_that_is_away() {
    let server = Server::start().unwrap();
    let builder = to(&server);
    drop(server);
    let transport = building(builder, CONCURRENT);
    let tickets = submit_all(&transport, RUNS, 2);
    let (report, outcomes) = close(&transport, WITHIN, tickets);
    assert_eq!((report.ended, report.tally.delivered), (Ended::DeadlineReached, 0));
    assert_eq!(abandoned(&outcomes).0, 2 * RUNS);
    let tried = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(|error| error.attempts() > 0)).count();
    assert!(tried >= RUNS, "the first of each run is given its attempt, {tried}");
}

/// Events of which as many as may be under way have just been told to wait a minute.
fn told_to_wait(server: &Server) -> (AsyncHttpTransport, Vec<Ticket>) {
    server.script(vec![Answer::status(503).header("Retry-After", "60").held(); CONCURRENT]);
    let transport = building(to(server), CONCURRENT);
    let tickets = submit_all(&transport, RUNS, 1);
    assert_eq!(server.wait_for(CONCURRENT, LIMIT).len(), CONCURRENT);
    server.release();
    eventually(|| transport.stats().in_flight == 0);
    assert_eq!(server.wait_for(CONCURRENT + 1, QUIET).len(), CONCURRENT, "the pause that it asked for");
    (transport, tickets)
}

#[test]
fn a_server_that_answers_again_gets_everything_at_once() {
    let server = Server::start().unwrap();
    let (transport, tickets) = told_to_wait(&server);
    let began = Instant::now();
    let (report, outcomes) = close(&transport, LIMIT, tickets);
    assert!(report.is_clean() && began.elapsed() < Duration::from_secs(1) + SLACK, "{report:?}");
    all_delivered(&outcomes);
    came(&server.requests(), RUNS, 1);
    assert_eq!(server.requests().len(), RUNS + CONCURRENT);
}

#[test]
fn a_server_that_keeps_asking_for_peace_gets_one_more_request_an_event() {
    let server = Server::start().unwrap();
    server.always(Answer::status(429).header("Retry-After", "60"));
    let (transport, tickets) = told_to_wait(&server);
    let (report, outcomes) = close(&transport, WITHIN, tickets);
    assert_eq!((report.ended, report.tally.delivered), (Ended::DeadlineReached, 0));
    assert_eq!(abandoned(&outcomes).0, RUNS);
    assert_eq!(server.requests().len(), RUNS + CONCURRENT);
}

#[test]
fn a_server_that_works() {
    let server = Server::start().unwrap();
    let transport = building(to(&server).retry(stubborn()), CONCURRENT);
    let tickets = submit_all(&transport, RUNS, 10);
    let (report, outcomes) = close(&transport, LIMIT, tickets);
    assert!(report.is_clean());
    all_delivered(&outcomes);
    came(&server.requests(), RUNS, 10);
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
    assert_eq!(submit(&transport, event(0, 10)).unwrap_err().kind(), &EmitErrorKind::Closed);
}

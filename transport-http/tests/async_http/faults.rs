//! Whatever the server answers, each event has one fate, and nothing is lost that may be kept.

use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::{Disposition, EmitErrorKind, Sent};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::Ticket;
use openlineage_transport_http::{AsyncHttpTransport, Compression};

use crate::support::{LIMIT, Outcome, all_delivered, building, came, close, in_order, repeating, submit_all, to, what};

const RUNS: usize = 20;
const EACH: usize = 5;

/// So many of the first requests are answered wrongly.
const BAD: usize = 30;

/// No event is lost over it. Returns how many attempts there were.
fn survives(bad: Answer) -> usize {
    let server = Server::start().unwrap();
    server.script(vec![bad; BAD]);
    let transport = building(to(&server).timeout(Duration::from_millis(500)), 8);
    let tickets = submit_all(&transport, RUNS, EACH);
    let (report, outcomes) = close_drained(&transport, tickets, &server);
    all_delivered(&outcomes);
    assert_eq!((report, server.requests().len()), ((RUNS * EACH) as u64, RUNS * EACH + BAD));
    let attempts: u32 = outcomes.iter().flatten().map(|receipt| receipt.attempts).sum();
    came(&server.requests(), RUNS, EACH);
    attempts as usize
}

/// Waits for the events before it closes, so that the closing changes nothing. Returns how many were delivered.
fn close_drained(transport: &AsyncHttpTransport, tickets: Vec<Ticket>, server: &Server) -> (u64, Vec<Outcome>) {
    let flushed = blocking::flush(transport, Deadline::after(LIMIT)).unwrap();
    assert!(flushed.settled, "{flushed:?}, {} requests", server.requests().len());
    let (report, outcomes) = close(transport, LIMIT, tickets);
    (report.tally.delivered, outcomes)
}

#[test]
fn a_server_that_answers_503_and_then_201() {
    assert_eq!(survives(Answer::status(503)), RUNS * EACH + BAD);
}

#[test]
fn a_server_that_answers_500_and_then_201() {
    assert_eq!(survives(Answer::status(500)), RUNS * EACH + BAD);
}

#[test]
fn a_server_that_throttles_without_saying_for_how_long() {
    assert_eq!(survives(Answer::status(429)), RUNS * EACH + BAD);
}

#[test]
fn a_server_that_resets() {
    assert_eq!(survives(Answer::reset()), RUNS * EACH + BAD);
}

#[test]
fn a_server_that_fails_and_hangs_up() {
    // An event may be on its way to a connection that is being cut: the server never sees that attempt.
    assert!(survives(Answer::status(502).cutting()) >= RUNS * EACH + BAD);
}

#[test]
fn a_server_that_hangs_for_a_while() {
    const HANGING: usize = 5;
    let server = Server::start().unwrap();
    server.script(vec![Answer::hang(); HANGING]);
    let transport = building(to(&server).timeout(Duration::from_millis(300)), 8);
    let tickets = submit_all(&transport, RUNS, EACH);
    let (delivered, outcomes) = close_drained(&transport, tickets, &server);
    all_delivered(&outcomes);
    assert_eq!((delivered, server.requests().len()), ((RUNS * EACH) as u64, RUNS * EACH + HANGING));
    came(&server.requests(), RUNS, EACH);
}

#[test]
fn a_server_that_hangs_for_good() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let transport = building(to(&server).retry(repeating(1)).timeout(Duration::from_millis(60)), 8);
    let tickets = submit_all(&transport, 4, 2);
    let (delivered, outcomes) = close_drained(&transport, tickets, &server);
    assert_eq!(delivered, 0);
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.sent(), error.attempts()), (&EmitErrorKind::Timeout, Sent::Maybe, 2));
        assert_eq!(error.disposition(), Disposition::Exhausted);
    }
    assert_eq!(server.requests().len(), 16);
    came(&server.requests(), 4, 2);
}

#[test]
fn events_that_are_refused_fail_alone() {
    for (status, kind) in [
        (413, EmitErrorKind::Rejected { code: 413 }),
        (400, EmitErrorKind::Rejected { code: 400 }),
        (401, EmitErrorKind::Unauthorized { code: 401 }),
        (501, EmitErrorKind::Unavailable { code: 501 }),
    ] {
        let server = Server::start().unwrap();
        server.script([Answer::status(201), Answer::status(status).body("no"), Answer::status(201)]);
        let transport = building(to(&server), 8);
        let tickets = submit_all(&transport, 1, 4);
        let (delivered, outcomes) = close_drained(&transport, tickets, &server);
        let error = outcomes[1].as_ref().unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.disposition()), (&kind, 1, Disposition::Permanent));
        assert_eq!((delivered, outcomes.iter().filter(|outcome| outcome.is_ok()).count()), (3, 3));
        assert_eq!(server.requests().iter().map(what).collect::<Vec<_>>(), [(0, 0), (0, 1), (0, 2), (0, 3)]);
    }
}

#[test]
fn a_name_that_does_not_resolve() {
    let builder = AsyncHttpTransport::builder("http://no-such-host.invalid").retry(repeating(2));
    let transport = building(builder, 8);
    let tickets = submit_all(&transport, 3, 2);
    let nobody = Server::start().unwrap();
    let (delivered, outcomes) = close_drained(&transport, tickets, &nobody);
    assert_eq!(delivered, 0);
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.sent(), error.attempts()), (&EmitErrorKind::Unreachable, Sent::No, 3));
    }
}

#[test]
fn compressed_events_are_kept_and_sent_compressed() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503), Answer::reset(), Answer::status(500)]);
    let transport = building(to(&server).compression(Compression::Gzip), 8);
    let tickets = submit_all(&transport, RUNS, EACH);
    let (_, outcomes) = close_drained(&transport, tickets, &server);
    all_delivered(&outcomes);
    let requests = server.requests();
    in_order(&requests);
    assert_eq!(requests.len(), RUNS * EACH + 3);
    assert!(requests.iter().all(|request| request.header("content-encoding") == Some("gzip")));
}

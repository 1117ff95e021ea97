//! Whatever the server does, emit returns by its deadline with the right kind, and nothing is sent afterwards.

use std::time::{Duration, Instant};

use openlineage_core::error::{Disposition, EmitError, EmitErrorKind, Sent};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::Transport;

use crate::support::{LIMIT, SLACK, block_on, close, emit_within, event, refusing, stubborn, to};
use openlineage_transport_http::{HttpBuilder, HttpTransport};

const DEADLINE: Duration = Duration::from_millis(300);

/// Long enough for a repetition that must not come: the pauses are 200 ms.
const AFTERWARDS: Duration = Duration::from_millis(300);

fn fails(builder: HttpBuilder) -> (EmitError, Duration, HttpTransport) {
    let transport = builder.build().unwrap();
    let began = Instant::now();
    let error = emit_within(&transport, &event(0), DEADLINE).unwrap_err();
    let took = began.elapsed();
    assert!(took < DEADLINE + SLACK, "{took:?}: {error:?}");
    (error, took, transport)
}

/// The error, and how many requests there had been when it came; there are no more afterwards.
fn fails_at(answer: Answer, change: impl FnOnce(HttpBuilder) -> HttpBuilder) -> (EmitError, Duration, usize) {
    let server = Server::start().unwrap();
    server.always(answer);
    let (error, took, transport) = fails(change(to(&server).retry(stubborn())));
    // A connection that was being made may have been taken on just now; its request comes or never will.
    let seen = server.requests().len();
    assert_eq!(server.wait_for(seen + 1, AFTERWARDS).len(), seen, "sent after the deadline");
    close(&transport);
    lets_go(&server);
    (error, took, seen)
}

/// A server that holds an answer back does not look whether its client is still there.
fn lets_go(server: &Server) {
    server.release();
    assert_eq!(server.wait_for_open(0, LIMIT), 0);
}

#[test]
fn a_server_that_hangs() {
    let (error, _, seen) = fails_at(Answer::hang(), |builder| builder);
    assert_eq!((error.kind(), error.sent(), seen), (&EmitErrorKind::Timeout, Sent::Maybe, 1));
}

#[test]
fn a_server_that_hangs_at_each_attempt() {
    let (error, _, seen) = fails_at(Answer::hang(), |builder| builder.timeout(Duration::from_millis(60)));
    assert_eq!(error.kind(), &EmitErrorKind::Timeout);
    assert_eq!((error.attempts(), seen), (2, 2));
}

#[test]
fn a_server_that_fails_and_then_hangs_is_told_apart_from_one_that_only_hangs() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503)]);
    server.always(Answer::hang());
    let (error, _, transport) = fails(to(&server).retry(stubborn()));
    assert_eq!((error.kind(), error.attempts()), (&EmitErrorKind::Timeout, 2));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "destination is failing (503)");
    close(&transport);
    lets_go(&server);
}

#[test]
fn a_server_that_is_slow() {
    let (error, _, seen) = fails_at(Answer::slow(LIMIT), |builder| builder);
    assert_eq!((error.kind(), seen), (&EmitErrorKind::Timeout, 1));
}

#[test]
fn a_server_that_resets() {
    let (error, _, seen) = fails_at(Answer::reset(), |builder| builder);
    assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Unreachable, Sent::Maybe));
    assert_eq!(seen, 3);
}

#[test]
fn a_server_that_is_not_there() {
    let (error, _, transport) = fails(HttpTransport::builder(refusing()).retry(stubborn()));
    assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Unreachable, Sent::No));
    assert_eq!(error.attempts(), 3);
    close(&transport);
}

#[test]
fn a_server_that_is_busy_without_saying_how_long() {
    for (status, kind) in
        [(503, EmitErrorKind::Unavailable { code: 503 }), (429, EmitErrorKind::Throttled { retry_after: None })]
    {
        let (error, _, seen) = fails_at(Answer::status(status), |builder| builder);
        assert_eq!(error.kind(), &kind);
        assert_eq!(seen, 3);
    }
}

#[test]
fn a_pause_beyond_the_deadline_is_not_waited_for() {
    let pause = Some(Duration::from_secs(60));
    for status in [413, 429, 503] {
        let answer = Answer::status(status).header("Retry-After", "60");
        let (error, took, seen) = fails_at(answer, |builder| builder);
        assert_eq!(error.kind(), &EmitErrorKind::Throttled { retry_after: pause });
        assert_eq!(error.disposition(), Disposition::Transient { after: pause });
        assert!(seen == 1 && took < SLACK, "{status}: {seen} in {took:?}");
    }
}

#[test]
fn a_pause_before_the_deadline_is_kept() {
    let server = Server::start().unwrap();
    server.script([Answer::status(429).header("Retry-After", "1")]);
    let transport = to(&server).retry(stubborn()).build().unwrap();
    assert_eq!(emit_within(&transport, &event(0), LIMIT).unwrap().attempts, 2);
    let requests = server.requests();
    let pause = requests[1].at - requests[0].at;
    assert!(pause >= Duration::from_secs(1) && pause < Duration::from_secs(1) + SLACK, "{pause:?}");
    close(&transport);
}

#[test]
fn a_pause_that_is_asked_for_can_be_ignored() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503).header("Retry-After", "60")]);
    let mut policy = stubborn();
    policy.respect_retry_after = false;
    let transport = to(&server).retry(policy).build().unwrap();
    assert_eq!(emit_within(&transport, &event(0), DEADLINE).unwrap().attempts, 2);
    close(&transport);
}

#[test]
fn closing_ends_what_hangs() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let transport = to(&server).build().unwrap();
    std::thread::scope(|scope| {
        let emitting = scope.spawn(|| emit_within(&transport, &event(0), LIMIT));
        assert_eq!(server.wait_for(1, LIMIT).len(), 1);
        let began = Instant::now();
        let report = block_on(transport.close(Deadline::after(DEADLINE)));
        assert!(began.elapsed() < DEADLINE + SLACK);
        assert_eq!((report.tally.abandoned, report.tally.accepted), (1, 1));
        assert_eq!(emitting.join().unwrap().unwrap_err().kind(), &EmitErrorKind::Closed);
    });
    lets_go(&server);
}

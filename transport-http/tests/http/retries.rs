//! How often and how soon.

use std::time::Duration;

use openlineage_core::error::{Disposition, EmitErrorKind};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_transport_http::HttpTransport;

use crate::support::{SLACK, close, emit, event, quick, refusing, to};

#[test]
fn the_default_schedule_at_a_tenth_of_its_length() {
    let server = Server::start().unwrap();
    server.always(Answer::status(503));
    let mut policy = RetryPolicy::default();
    policy.backoff_factor /= 10;
    policy.jitter = false;
    let transport = to(&server).retry(policy).build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!((error.attempts(), error.disposition()), (6, Disposition::Exhausted));
    let requests = server.requests();
    let gaps: Vec<_> = requests.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    for (gap, expected) in gaps.iter().zip([0, 60, 120, 240, 480].map(Duration::from_millis)) {
        assert!(*gap >= expected.saturating_sub(Duration::from_millis(1)) && *gap < expected + SLACK, "{gaps:?}");
    }
    assert_eq!(gaps.len(), 5);
    close(&transport);
}

#[test]
fn the_number_of_attempts_is_one_more_than_the_repetitions() {
    for total in [0, 1, 3] {
        let server = Server::start().unwrap();
        server.always(Answer::status(502));
        let mut policy = quick();
        policy.total = Some(total);
        let transport = to(&server).retry(policy).build().unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!((error.attempts(), server.requests().len() as u32), (total + 1, total + 1));
        close(&transport);
    }
}

#[test]
fn connections_and_answers_have_limits_of_their_own() {
    let mut policy = quick();
    policy.connect = Some(1);
    let transport = HttpTransport::builder(refusing()).retry(policy).build().unwrap();
    assert_eq!(emit(&transport, &event(0)).unwrap_err().attempts(), 2);
    close(&transport);

    let server = Server::start().unwrap();
    server.always(Answer::reset());
    let mut policy = quick();
    policy.read = Some(2);
    let transport = to(&server).retry(policy).build().unwrap();
    assert_eq!((emit(&transport, &event(0)).unwrap_err().attempts(), server.requests().len()), (3, 3));
    close(&transport);
}

#[test]
fn an_attempt_has_its_own_time_limit_and_is_repeated_unless_told_otherwise() {
    let limit = Duration::from_millis(80);
    let server = Server::start().unwrap();
    server.script([Answer::hang()]);
    let transport = to(&server).timeout(limit).build().unwrap();
    let receipt = emit(&transport, &event(0)).unwrap();
    assert_eq!(receipt.attempts, 2);
    assert!(receipt.took >= limit, "{receipt:?}");
    close(&transport);

    server.script([Answer::hang()]);
    let mut policy = quick();
    policy.on_timeout = false;
    policy.attempt_timeout = Some(limit);
    let transport = to(&server).retry(policy).build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (&EmitErrorKind::Timeout, 1));
    close(&transport);
}

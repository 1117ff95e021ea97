//! A server that is gone and comes back.

use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::Transport;
use openlineage_transport_http::HttpBuilder;

use crate::support::{
    LIMIT, QUIET, all_delivered, building, came, close, event, in_order, pass, submit, submit_all, to, what,
};

/// Everything takes a hundredth of its time: a minute away, and the default pauses.
const SCALE: u32 = 100;
const AWAY: Duration = Duration::from_millis(60_000 / SCALE as u64);

const RUNS: usize = 30;
const BEFORE: usize = 2;
const CONCURRENT: usize = 8;

fn scaled() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.backoff_factor /= SCALE;
    policy.backoff_max /= SCALE;
    policy
}

/// Events before, while and after the server is away, with hanging probes when it is back: none is lost.
fn comes_back(change: impl FnOnce(HttpBuilder) -> HttpBuilder) {
    let server = Server::start().unwrap();
    let address = server.addr();
    let transport = building(change(to(&server).retry(scaled())), CONCURRENT);
    let early = submit_all(&transport, RUNS, BEFORE);
    assert!(blocking::flush(&transport, Deadline::after(LIMIT)).unwrap().settled);
    let mut requests = server.requests();
    drop(server);

    let gone = Instant::now();
    let late: Vec<_> = (BEFORE..2 * BEFORE)
        .flat_map(|number| (0..RUNS).map(move |run| event(run, number)))
        .map(|event| submit(&transport, event).unwrap())
        .collect();
    pass(AWAY.saturating_sub(gone.elapsed()));
    let stats = transport.stats();
    assert!(stats.queue.unwrap().paused);
    assert_eq!((stats.tally.pending(), stats.tally.failed), (late.len() as u64, 0), "{stats:?}");
    assert!(stats.in_flight <= 1, "{stats:?}");

    let server = Server::start_at(address).unwrap();
    server.always(Answer::hang());
    let mut seen = 0;
    for window in [1, 2, 4] {
        assert_eq!(server.wait_for(seen + window, LIMIT).len(), seen + window);
        assert_eq!(server.wait_for(seen + window + 1, QUIET).len(), seen + window, "it is run over");
        server.release();
        seen += window;
    }
    assert_eq!(server.wait_for(seen + CONCURRENT, LIMIT).len(), seen + CONCURRENT);
    server.always(Answer::status(201));
    server.release();
    assert!(blocking::flush(&transport, Deadline::after(LIMIT)).unwrap().settled);
    let (_, outcomes) = close(&transport, LIMIT, early.into_iter().chain(late).collect());
    all_delivered(&outcomes);
    requests.extend(server.requests());
    assert_eq!(requests.len(), RUNS * 2 * BEFORE, "each once");
    came(&requests, RUNS, 2 * BEFORE);
    assert!(server.accepted() <= CONCURRENT as u64, "{}", server.accepted());
}

#[test]
fn a_minute_away_costs_no_event_with_the_default_repetitions() {
    comes_back(|builder| builder);
}

#[test]
fn nor_without_a_limit_of_them() {
    comes_back(|builder| {
        let mut policy = scaled();
        (policy.total, policy.connect, policy.read) = (None, None, None);
        builder.retry(policy)
    });
}

#[test]
fn a_server_that_dies_with_requests_under_way_gets_them_again() {
    let server = Server::start().unwrap();
    let address = server.addr();
    server.always(Answer::hang());
    let transport = building(to(&server), CONCURRENT);
    let tickets = submit_all(&transport, RUNS, BEFORE);
    assert_eq!(server.wait_for(CONCURRENT, LIMIT).len(), CONCURRENT);
    let mut requests = server.requests();
    drop(server);
    let server = Server::start_at(address).unwrap();
    assert!(blocking::flush(&transport, Deadline::after(LIMIT)).unwrap().settled);
    let (_, outcomes) = close(&transport, LIMIT, tickets);
    all_delivered(&outcomes);
    came(&server.requests(), RUNS, BEFORE);
    assert_eq!(server.requests().len(), RUNS * BEFORE);
    requests.extend(server.requests());
    in_order(&requests);
    assert!(requests[..CONCURRENT].iter().all(|request| what(request).1 == 0));
}

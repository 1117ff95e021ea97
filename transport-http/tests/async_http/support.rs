//! What the tests share.

use std::collections::HashMap;
use std::io::Read;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Fate};
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::server::{Request, Server};
use openlineage_core::transport::{Ack, Receipt, Ticket, Transport};
use openlineage_transport_http::{AsyncHttpTransport, HttpBuilder};

/// Longer than anything that works takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// What a deadline may be overrun by on a busy machine.
pub(crate) const SLACK: Duration = Duration::from_millis(250);

/// What a closing takes beyond its deadline for events that it has cancelled.
const GRACE: Duration = Duration::from_millis(100);

/// How long nothing must happen that would be wrong.
pub(crate) const QUIET: Duration = Duration::from_millis(100);

pub(crate) type Outcome = Result<Receipt, EmitError>;

/// The `number`-th event of a run.
pub(crate) fn event(run: usize, number: usize) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"RUNNING","n":{number},"run":{{"runId":"0198b9a1-0000-7000-8000-{run:012}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

/// Run and number of the event in a request.
pub(crate) fn what(request: &Request) -> (usize, usize) {
    let mut body = request.body.clone();
    if request.header("content-encoding") == Some("gzip") {
        body.clear();
        flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut body).unwrap();
    }
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let run = event["run"]["runId"].as_str().unwrap().rsplit('-').next().unwrap();
    (run.parse().unwrap(), event["n"].as_u64().unwrap() as usize)
}

/// Repetitions without end, with pauses from 2 to 20 ms.
pub(crate) fn stubborn() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    (policy.total, policy.connect, policy.read) = (None, None, None);
    (policy.backoff_factor, policy.backoff_max) = (Duration::from_millis(1), Duration::from_millis(20));
    policy.jitter = false;
    policy
}

/// A policy with so many repetitions.
pub(crate) fn repeating(times: u32) -> RetryPolicy {
    let mut policy = stubborn();
    (policy.total, policy.connect, policy.read) = (Some(times), Some(times), Some(times));
    policy
}

pub(crate) fn to(server: &Server) -> HttpBuilder {
    AsyncHttpTransport::builder(server.url()).retry(stubborn())
}

/// With so many requests under way at most.
pub(crate) fn building(builder: HttpBuilder, concurrent: usize) -> AsyncHttpTransport {
    builder.build_async(Limits { concurrent, ..Limits::default() }).unwrap()
}

/// Lets time pass, where a time is what the test is about.
pub(crate) fn pass(time: Duration) {
    let (_nothing_comes, receive) = mpsc::channel::<()>();
    assert!(receive.recv_timeout(time).is_err());
}

/// Waits for what nobody tells.
pub(crate) fn eventually(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT);
        pass(Duration::from_millis(1));
    }
}

pub(crate) fn submit(transport: &dyn Transport, event: EncodedEvent) -> Result<Ticket, EmitError> {
    match blocking::emit(transport, event, Deadline::after(LIMIT))? {
        Ack::Queued(ticket) => Ok(ticket),
        ack => unreachable!("{ack:?}"),
    }
}

/// `each` events of `runs` runs, the runs in turn.
pub(crate) fn submit_all(transport: &dyn Transport, runs: usize, each: usize) -> Vec<Ticket> {
    let events = (0..each).flat_map(|number| (0..runs).map(move |run| event(run, number)));
    events.map(|event| submit(transport, event).unwrap()).collect()
}

/// Closes, and holds the report against the tickets: in time, everything settled, and each count true.
pub(crate) fn close(transport: &dyn Transport, within: Duration, tickets: Vec<Ticket>) -> (CloseReport, Vec<Outcome>) {
    let began = Instant::now();
    let report = blocking::close(transport, Deadline::after(within)).unwrap();
    let took = began.elapsed();
    assert!(took < within + GRACE + SLACK, "{took:?}: {report:?}");
    let outcomes = settled(tickets);
    let tally = report.tally;
    let fates = |fate: Fate| outcomes.iter().filter(|outcome| fate_of(outcome) == fate).count() as u64;
    assert_eq!(tally.accepted, outcomes.len() as u64, "{tally:?}");
    assert_eq!(
        (tally.delivered, tally.failed, tally.abandoned),
        (fates(Fate::Delivered), fates(Fate::Failed), fates(Fate::Abandoned))
    );
    assert_eq!(transport.stats().tally, tally);
    assert_eq!((transport.stats().in_flight, transport.stats().queue.unwrap().events), (0, 0));
    (report, outcomes)
}

/// What became of events whose tickets have been told.
fn settled(tickets: Vec<Ticket>) -> Vec<Outcome> {
    tickets.into_iter().map(|ticket| wait(ticket, Duration::ZERO).unwrap()).collect()
}

/// What becomes of an event, if it is told within `limit`.
pub(crate) fn wait(ticket: Ticket, limit: Duration) -> Option<Outcome> {
    let (tell, told) = mpsc::channel();
    ticket.observe(move |outcome| tell.send(outcome.clone()).unwrap());
    told.recv_timeout(limit).ok()
}

fn fate_of(outcome: &Outcome) -> Fate {
    outcome.as_ref().map_or_else(EmitError::fate, |_| Fate::Delivered)
}

/// Every event was delivered.
pub(crate) fn all_delivered(outcomes: &[Outcome]) {
    for outcome in outcomes {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

/// Each run's events came in their order: a repetition may follow at once, but nothing comes after its successor.
pub(crate) fn in_order(requests: &[Request]) {
    let mut last = HashMap::new();
    for request in requests {
        let (run, number) = what(request);
        let before = last.insert(run, number).unwrap_or(0);
        assert!(number == before || number == before + 1, "run {run}: {number} after {before}");
    }
}

/// All events of these runs came, in order, so many requests in all.
pub(crate) fn came(requests: &[Request], runs: usize, each: usize) {
    in_order(requests);
    let mut events: Vec<_> = requests.iter().map(what).collect();
    events.sort_unstable();
    events.dedup();
    let all: Vec<_> = (0..runs).flat_map(|run| (0..each).map(move |number| (run, number))).collect();
    assert_eq!(events, all);
}

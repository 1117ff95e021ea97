//! A run arrives in its order, whichever way each of its events goes.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::client::Client;
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::queue::Limits;
use openlineage_core::testkit::server::{Answer, Request, Server};
use openlineage_core::transport::{Ack, Ticket, Transport};
use openlineage_transport_datadog::DatadogTransport;

use crate::support::{
    LIMIT, Outcome, QUIET, close, confirm, confirmed, emit, eventually, fate, queued, repeating, submit, to, what,
};

/// Confirms an event in a thread of its own; returns when it has been taken on beside `before` others.
fn confirming(transport: &Arc<DatadogTransport>, event: EncodedEvent, before: usize) -> JoinHandle<Outcome> {
    let waiting = Arc::clone(transport);
    let going = thread::spawn(move || confirm(&*waiting, event));
    eventually(|| transport.stats().queue.unwrap().events > before || going.is_finished());
    going
}

/// The answer that the START waits for, then this for what follows.
fn held_start(server: &Server, start: Answer, then: &[Answer]) -> Arc<DatadogTransport> {
    server.script([start.held()]);
    server.script(then.iter().cloned());
    Arc::new(to(server).retry(repeating(1)).build().unwrap())
}

fn numbers(server: &Server) -> Vec<usize> {
    server.requests().iter().map(|request| what(request).1).collect()
}

/// A START that is queued and under way, a COMPLETE that is confirmed, and then the answer.
fn start_then_complete(server: &Server, transport: &Arc<DatadogTransport>) -> (Ticket, Outcome) {
    let start = submit(&**transport, queued(1, 0));
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    let complete = confirming(transport, confirmed(1, 1), 1);
    assert_eq!(server.wait_for(2, QUIET).len(), 1, "COMPLETE has overtaken START");
    assert!(!complete.is_finished());
    server.release();
    (start, complete.join().unwrap())
}

#[test]
fn a_slow_start() {
    let server = Server::start().unwrap();
    let transport = held_start(&server, Answer::status(201), &[]);
    let (start, complete) = start_then_complete(&server, &transport);
    assert_eq!((fate(start).unwrap().attempts, complete.unwrap().attempts), (1, 1));
    assert!(close(&*transport).is_clean());
    assert_eq!(numbers(&server), [0, 1]);
}

#[test]
fn a_start_that_fails_once() {
    for status in [500, 503, 429] {
        let server = Server::start().unwrap();
        let transport = held_start(&server, Answer::status(status), &[Answer::status(200)]);
        let (start, complete) = start_then_complete(&server, &transport);
        assert_eq!((fate(start).unwrap().attempts, complete.unwrap().attempts), (2, 1), "{status}");
        assert!(close(&*transport).is_clean());
        assert_eq!(numbers(&server), [0, 0, 1], "{status}");
    }
}

#[test]
fn a_start_that_fails_for_good_lets_its_run_go_on() {
    for (status, attempts) in [(400, 1), (401, 1), (500, 2), (503, 2)] {
        let server = Server::start().unwrap();
        let transport = held_start(&server, Answer::status(status), &vec![Answer::status(status); attempts - 1]);
        let (start, complete) = start_then_complete(&server, &transport);
        let error = fate(start).unwrap_err();
        assert_eq!((error.fate(), error.attempts()), (Fate::Failed, attempts as u32), "{status}");
        assert_eq!(complete.unwrap().attempts, 1, "{status}");
        let tally = close(&*transport).tally;
        assert_eq!((tally.accepted, tally.delivered, tally.failed), (2, 1, 1), "{status}");
        assert_eq!(numbers(&server), [vec![0; attempts], vec![1]].concat(), "{status}");
    }
}

#[test]
fn a_start_without_the_facet_and_a_complete_with_it() {
    for (status, attempts) in [(201, 1), (503, 2)] {
        let server = Server::start().unwrap();
        let transport = held_start(&server, Answer::status(status), &[]);
        let start = confirming(&transport, confirmed(1, 0), 0);
        assert_eq!(server.wait_for(1, LIMIT).len(), 1);
        let complete = submit(&*transport, queued(1, 1));
        assert_eq!(server.wait_for(2, QUIET).len(), 1, "COMPLETE has overtaken START");
        server.release();
        assert_eq!(start.join().unwrap().unwrap().attempts, attempts);
        assert_eq!(fate(complete).unwrap().attempts, 1);
        assert!(close(&*transport).is_clean());
        assert_eq!(numbers(&server), [vec![0; attempts as usize], vec![1]].concat());
    }
}

#[test]
fn an_event_that_is_confirmed_does_not_wait_for_other_runs() {
    let server = Server::start().unwrap();
    let transport = held_start(&server, Answer::status(201), &[]);
    let start = submit(&*transport, queued(1, 0));
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    assert_eq!(confirm(&*transport, confirmed(2, 7)).unwrap().attempts, 1);
    server.release();
    assert!(fate(start).is_ok());
    assert_eq!(numbers(&server), [0, 7]);
    assert!(close(&*transport).is_clean());
}

#[test]
fn a_caller_that_waits_behind_a_start_keeps_its_deadline() {
    let server = Server::start().unwrap();
    let transport = held_start(&server, Answer::status(201), &[]);
    let start = submit(&*transport, queued(1, 0));
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    let error = blocking::emit(&*transport, confirmed(1, 1), Deadline::after(Duration::from_millis(50))).unwrap_err();
    assert_eq!((error.kind(), error.fate(), error.sent()), (&EmitErrorKind::Timeout, Fate::Failed, Sent::No));
    server.release();
    assert!(fate(start).is_ok());
    assert_eq!(close(&*transport).tally.failed, 1);
    assert_eq!(numbers(&server), [0]);
}

const RUNS: usize = 40;
const EACH: usize = 6;

/// Every event of these runs came, and a repetition stands only beside what it repeats.
fn all_in_order(requests: &[Request]) {
    let mut last: HashMap<usize, usize> = HashMap::new();
    for (run, number) in requests.iter().map(what) {
        let fits = match last.insert(run, number) {
            None => number == 0,
            Some(before) => number == before || number == before + 1,
        };
        assert!(fits, "run {run}: {number} after {:?}", last.get(&run));
    }
    assert_eq!(last.len(), RUNS);
    assert!(last.values().all(|number| *number == EACH - 1), "{last:?}");
}

#[test]
fn many_runs_at_once_under_faults() {
    let server = Server::start().unwrap();
    let faults = [500, 201, 503, 201, 201, 502].map(Answer::status);
    let slow = [Answer::slow(Duration::from_millis(2)), Answer::reset(), Answer::status(201)];
    server.script(faults.into_iter().chain(slow).cycle().take(RUNS * EACH));
    let mut policy = repeating(3);
    (policy.total, policy.connect, policy.read) = (None, None, None);
    let transport = to(&server).retry(policy).limits(Limits { concurrent: 8, ..Limits::default() }).build().unwrap();
    thread::scope(|scope| {
        for run in 0..RUNS {
            let transport = &transport;
            scope.spawn(move || {
                for number in 0..EACH {
                    // In half of the runs START is queued and COMPLETE confirmed, in the others it is the other way.
                    let event = if (run + number) % 2 == 0 { queued(run, number) } else { confirmed(run, number) };
                    drop(emit(transport, event).unwrap());
                }
            });
        }
    });
    let report = close(&transport);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.tally.delivered, (RUNS * EACH) as u64);
    let requests = server.requests();
    assert!(requests.len() > RUNS * EACH, "{}", requests.len());
    // What was reset before all of it had arrived cannot be read.
    let whole: Vec<Request> = requests.into_iter().filter(is_whole).collect();
    all_in_order(&whole);
}

fn is_whole(request: &Request) -> bool {
    request.header("content-length").is_some_and(|length| length.parse() == Ok(request.body.len()))
}

#[test]
fn both_ways_share_the_room() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let transport = Arc::new(to(&server).limits(Limits { events: 2, ..Limits::default() }).build().unwrap());
    let first = submit(&*transport, queued(1, 0));
    let second = confirming(&transport, confirmed(2, 0), 1);
    for event in [queued(3, 0), confirmed(3, 0)] {
        let refused = blocking::emit(&*transport, event, Deadline::after(Duration::from_millis(20))).unwrap_err();
        assert_eq!(refused.kind(), &EmitErrorKind::QueueFull { capacity: 2 });
    }
    assert_eq!(server.wait_for(2, LIMIT).len(), 2);
    server.release();
    assert!(fate(first).is_ok() && second.join().unwrap().is_ok());
    assert_eq!(close(&*transport).tally.refused, 2);
}

#[test]
fn closing_drains_both_ways_and_refuses_both() {
    let server = Server::start().unwrap();
    let transport = held_start(&server, Answer::status(201), &[]);
    let start = submit(&*transport, queued(1, 0));
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    let complete = confirming(&transport, confirmed(1, 1), 1);
    let closed = Arc::clone(&transport);
    let closing = thread::spawn(move || close(&*closed));
    eventually(|| transport.state() >= openlineage_core::lifecycle::State::Closing);
    for event in [queued(2, 0), confirmed(2, 0)] {
        assert_eq!(emit(&*transport, event).unwrap_err().kind(), &EmitErrorKind::Closed);
    }
    server.release();
    assert!(closing.join().unwrap().is_clean());
    assert!(complete.join().unwrap().is_ok() && fate(start).is_ok());
    assert_eq!(numbers(&server), [0, 1]);
}

#[test]
fn who_does_not_wait_is_queued_by_any_rule() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let limits = Limits { events: 2, ..Limits::default() };
    let transport = Arc::new(to(&server).limits(limits).build().unwrap());
    let client = Client::builder().transport(transport).build().unwrap();
    let tickets = [confirmed(1, 0), queued(1, 1)].map(|event| match client.submit_encoded(event).unwrap() {
        Ack::Queued(ticket) => ticket,
        ack => panic!("{ack:?}"),
    });
    let refused = client.submit_encoded(confirmed(2, 0)).unwrap_err();
    assert_eq!((refused.kind(), refused.accepted()), (&EmitErrorKind::QueueFull { capacity: 2 }, false));
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    server.always(Answer::status(201));
    server.release();
    assert!(tickets.map(fate).iter().all(Result::is_ok));
    assert_eq!(numbers(&server), [0, 1]);
    assert!(client.blocking().close_within(LIMIT).unwrap().is_clean());
}

//! What a caller's deadline ends, and what comes afterwards.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::engine::{Posted, PostedBuilder};
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Deadline, Ended, Fate};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, Transport, TransportInfo};
use openlineage_core::undelivered::{Lost, Undelivered};

use crate::broker::Broker;
use crate::{LONG, event, long};

const SHORT: Duration = Duration::from_millis(80);

fn over(sink: &ScriptedSink) -> PostedBuilder<Broker> {
    Posted::builder(TransportInfo::new("broker"), Broker(sink.deliver("")))
}

fn has_events(sink: &ScriptedSink, count: usize) {
    assert!(sink.wait(&mut |log| log.attempts.len() >= count, LONG), "the sink has not got {count} events");
}

#[test]
fn an_event_that_is_not_reported_in_time_has_failed_and_its_success_is_late() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let transport = over(&sink).build();
    let error = blocking::emit(&transport, event(1), Deadline::after(SHORT)).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.fate()), (&EmitErrorKind::Timeout, Sent::Maybe, Fate::Failed));
    let stats = transport.stats();
    assert_eq!((stats.tally.failed, stats.late, stats.queue.unwrap().events), (1, 0, 1), "its room is still taken");
    sink.script(&[], Answer::Accept);
    let _acked = blocking::emit(&transport, event(2), long()).unwrap();
    let stats = transport.stats();
    assert_eq!((stats.tally.delivered, stats.tally.failed, stats.late), (1, 1, 1));
    assert_eq!(stats.queue.unwrap().events, 0);
    assert_eq!(blocking::close(&transport, long()).unwrap().ended, Ended::Drained);
}

#[test]
fn a_sooner_deadline_rings_before_one_that_was_set_earlier() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let transport = Arc::new(over(&sink).build());
    let patient = std::thread::spawn({
        let transport = Arc::clone(&transport);
        move || blocking::emit(&transport, event(1), long())
    });
    has_events(&sink, 1);
    let error = blocking::emit(&transport, event(2), Deadline::after(SHORT)).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Timeout);
    sink.script(&[], Answer::Accept);
    assert!(matches!(patient.join().unwrap(), Ok(Ack::Delivered(_))));
}

#[test]
fn a_caller_without_time_gets_a_ticket() {
    let sink = ScriptedSink::new();
    let transport = over(&sink).build();
    let _started = blocking::emit(&transport, event(1), long()).unwrap();
    sink.script(&[], Answer::Stall);
    let Ok(Ack::Queued(ticket)) = blocking::emit(&transport, event(2), Deadline::now()) else { panic!("no ticket") };
    has_events(&sink, 2);
    assert_eq!(transport.stats().tally.failed, 0);
    sink.script(&[], Answer::Accept);
    assert!(blocking::deliver(&transport, event(3), long()).is_ok());
    drop(ticket);
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.delivered, 3);
}

#[test]
fn an_event_larger_than_all_room_is_refused_at_once() {
    let transport = over(&ScriptedSink::new()).room(10, 50).build();
    let error = blocking::emit(&transport, event(1), long()).unwrap_err();
    let bytes = event(1).bytes().len();
    assert_eq!(*error.kind(), EmitErrorKind::TooLarge { bytes, limit: 50 });
    assert_eq!(transport.stats().tally.refused, 1);
}

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Fate>>);

impl Undelivered for Seen {
    fn undelivered(&self, events: &[Lost]) {
        self.0.lock().unwrap().extend(events.iter().map(|lost| lost.error.fate()));
    }
}

#[test]
fn what_fails_and_what_is_abandoned_passes_to_the_hook() {
    let (sink, seen) = (ScriptedSink::new(), Arc::new(Seen::default()));
    let transport = over(&sink).confirm(false).undelivered(Arc::clone(&seen) as Arc<dyn Undelivered>).build();
    sink.script(&[Answer::Permanent], Answer::Stall);
    let _first = blocking::emit(&transport, event(1), long()).unwrap();
    assert!(sink.wait(&mut |log| log.attempts.iter().any(|attempt| attempt.answer.is_some()), LONG));
    let _second = blocking::emit(&transport, event(2), long()).unwrap();
    let report = blocking::close(&transport, Deadline::after(SHORT)).unwrap();
    assert_eq!((report.tally.failed, report.tally.abandoned), (1, 1));
    assert_eq!(*seen.0.lock().unwrap(), [Fate::Failed, Fate::Abandoned]);
}

//! What becomes of events while the broker is killed, restarted or frozen.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Deadline, Ended, Fate};
use openlineage_core::transport::Transport;
use openlineage_transport_kafka::KafkaTransport;
use rdkafka::message::Message;

use crate::real::{broker_alone, event, fault, long, read_all, reader, transport};

/// What a loaded machine may need to wake a thread.
const SLACK: Duration = Duration::from_millis(250);

/// Emits from several threads, one run each, until `disturb` has returned, and a little longer. Says how many events.
fn emit_while(kafka: &KafkaTransport, disturb: impl FnOnce()) -> usize {
    let (over, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (over, sent) = (&over, &sent);
    thread::scope(|scope| {
        for run in 0..8 {
            scope.spawn(move || {
                let mut after = 0;
                for step in 0.. {
                    blocking::deliver(kafka, event(run, step), long()).unwrap();
                    sent.fetch_add(1, Ordering::Relaxed);
                    after += usize::from(over.load(Ordering::Acquire));
                    if after > 20 {
                        break;
                    }
                }
            });
        }
        // Under way before it begins.
        while sent.load(Ordering::Relaxed) < 100 {
            thread::yield_now();
        }
        disturb();
        over.store(true, Ordering::Release);
    });
    sent.load(Ordering::Relaxed)
}

/// Nothing is lost, nothing is there twice.
fn all_there_once(address: &str, topic: &str, sent: usize) {
    let found = read_all(&reader(address), topic);
    let unique: HashSet<_> = found.iter().map(|message| message.payload().unwrap()).collect();
    assert_eq!((found.len(), unique.len()), (sent, sent), "records and different ones");
}

/// The events are a year old: with their own time as timestamp the broker would not remember the producer.
#[test]
fn a_broker_that_is_killed_and_comes_back_loses_nothing_and_doubles_nothing() {
    let Some((address, _turn)) = broker_alone() else { return };
    let topic = "faults.crash";
    let kafka = transport(&address, topic).build().unwrap();
    let sent = emit_while(&kafka, || fault(&address, "crash"));
    let report = blocking::close(&kafka, long()).unwrap();
    assert!(report.is_clean(), "{report:?}");
    all_there_once(&address, topic, sent);
}

#[test]
fn a_broker_that_is_frozen_for_three_seconds_is_waited_for() {
    let Some((address, _turn)) = broker_alone() else { return };
    let kafka = transport(&address, "faults.freeze").build().unwrap();
    let sent = emit_while(&kafka, || {
        fault(&address, "freeze");
        // The time for which it is frozen is what this is about: nobody sends anything.
        let (_kept, silence) = std::sync::mpsc::channel::<()>();
        assert!(silence.recv_timeout(Duration::from_secs(3)).is_err());
        fault(&address, "thaw");
    });
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
    all_there_once(&address, "faults.freeze", sent);
}

#[test]
fn a_frozen_broker_delays_neither_emit_nor_close_beyond_their_deadlines() {
    let Some((address, _turn)) = broker_alone() else { return };
    let kafka = transport(&address, "faults.deadlines").build().unwrap();
    blocking::deliver(&kafka, event(0, 0), long()).unwrap();
    fault(&address, "freeze");
    let began = Instant::now();
    let error = blocking::emit(&kafka, event(0, 1), Deadline::after(Duration::from_millis(500))).unwrap_err();
    let took = began.elapsed();
    let queued = blocking::emit(&kafka, event(0, 2), Deadline::now());
    let began = Instant::now();
    let report = blocking::close(&kafka, Deadline::after(Duration::from_millis(500))).unwrap();
    let closing = began.elapsed();
    fault(&address, "thaw");
    assert!(took <= Duration::from_millis(500) + SLACK, "emit took {took:?}");
    assert_eq!((error.kind(), error.fate(), error.sent()), (&EmitErrorKind::Timeout, Fate::Failed, Sent::Maybe));
    assert!(queued.is_ok());
    assert!(closing <= Duration::from_millis(600) + SLACK, "close took {closing:?}");
    let tally = report.tally;
    assert_eq!((report.ended, tally.delivered, tally.failed, tally.abandoned), (Ended::DeadlineReached, 1, 1, 1));
    assert_eq!(kafka.stats().tally.pending(), 0);
}

//! Each way in which an accepted event can be lost.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;
use tokio::runtime::Builder;

use crate::{Heard, event, held, long, over, seen};

#[test]
fn a_refusal_by_the_destination_is_heard_with_the_error_of_the_caller() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = Arc::new(over(&sink, heard.clone()).build());
    sink.script(&[Answer::Accept, Answer::Permanent, Answer::Accept], Answer::Accept);
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    let error = blocking::emit(&transport, event(1), long()).unwrap_err();
    let _ack = blocking::emit(&transport, event(2), long()).unwrap();
    let report = blocking::close(&transport, long()).unwrap();
    let lost = heard.all();
    assert_eq!((lost.len() as u64, report.tally.lost()), (1, 1));
    assert_eq!(lost[0].event.bytes(), event(1).bytes());
    assert_eq!(seen(&lost[0].error), seen(&error));
    assert_eq!(error.kind(), &EmitErrorKind::Rejected { code: 400 });
}

#[test]
fn an_event_is_heard_of_when_its_attempts_are_used_up_and_not_before() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let mut retry = RetryPolicy::default();
    (retry.total, retry.backoff_factor) = (Some(2), Duration::ZERO);
    let transport = Arc::new(over(&sink, heard.clone()).retry(retry).build());
    sink.script(&[Answer::Transient, Answer::Accept], Answer::Transient);
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    let error = blocking::emit(&transport, event(1), long()).unwrap_err();
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.failed, 1);
    let lost = heard.all();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].event.bytes(), lost[0].error.attempts()), (event(1).bytes(), 3));
    assert_eq!(seen(&lost[0].error), seen(&error));
}

#[test]
fn a_panic_of_the_destination_loses_that_event() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = Arc::new(over(&sink, heard.clone()).build());
    sink.script(&[Answer::Panic], Answer::Accept);
    let error = blocking::emit(&transport, event(0), long()).unwrap_err();
    let _ack = blocking::emit(&transport, event(1), long()).unwrap();
    assert!(blocking::close(&transport, long()).unwrap().tally.failed == 1);
    assert_eq!(heard.counts(), [(event(0).bytes().clone(), 1)].into());
    assert_eq!((heard.all()[0].error.kind(), seen(&heard.all()[0].error)), (&EmitErrorKind::Faulted, seen(&error)));
}

#[test]
fn the_deadline_of_the_caller_fails_the_event() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = Arc::new(over(&sink, heard.clone()).build());
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    sink.script(&[], Answer::Stall);
    let error = blocking::emit(&transport, event(1), Deadline::after(Duration::from_millis(20))).unwrap_err();
    assert!(error.accepted());
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.failed, 1);
    let lost = heard.all();
    assert_eq!((lost.len(), lost[0].error.kind(), lost[0].error.sent()), (1, &EmitErrorKind::Timeout, Sent::Maybe));
}

#[test]
fn a_close_that_runs_out_of_time_passes_on_what_it_abandons() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = Arc::new(over(&sink, heard.clone()).build());
    sink.script(&[Answer::Accept], Answer::Stall);
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    (1..=3).for_each(|number| held(&sink, &*transport, event(number)));
    let report = blocking::close(&transport, Deadline::now()).unwrap();
    assert_eq!((report.tally.delivered, report.tally.abandoned), (1, 3));
    let lost = heard.all();
    assert_eq!(lost.len(), 3, "close has waited for the hook");
    assert_eq!(heard.counts(), (1..=3).map(|number| (event(number).bytes().clone(), 1)).collect());
    for lost in lost {
        assert_eq!((lost.error.fate(), lost.error.kind()), (Fate::Abandoned, &EmitErrorKind::Closed));
        assert_eq!(lost.error.transport(), Some(transport.info()));
    }
}

#[test]
fn a_drop_passes_on_what_it_abandons() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = over(&sink, heard.clone()).build();
    sink.script(&[Answer::Accept], Answer::Stall);
    let host = Builder::new_current_thread().build().unwrap();
    let _ack = host.block_on(transport.emit(event(0), long())).unwrap();
    (1..=3).for_each(|number| held(&sink, &transport, event(number)));
    drop(transport);
    let lost = heard.wait(3);
    assert!(lost.iter().all(|lost| lost.error.fate() == Fate::Abandoned));
    assert_eq!(heard.counts(), (1..=3).map(|number| (event(number).bytes().clone(), 1)).collect());
}

#[test]
fn a_lent_runtime_that_ends_passes_on_what_it_drops() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lent = Runtime::on(runtime.handle().clone());
    let transport = Arc::new(over(&sink, heard.clone()).runtime(lent).build());
    sink.script(&[], Answer::Stall);
    (1..=3).for_each(|number| held(&sink, &*transport, event(number)));
    runtime.shutdown_background();
    let lost = heard.wait(3);
    assert!(lost.iter().all(|lost| *lost.error.kind() == EmitErrorKind::WorkerLost), "{lost:?}");
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.abandoned, 3);
    assert_eq!(heard.counts(), (1..=3).map(|number| (event(number).bytes().clone(), 1)).collect());
}

#[test]
fn what_is_refused_or_delivered_is_not_heard_of() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let transport = Arc::new(over(&sink, heard.clone()).build());
    sink.fail_start();
    assert!(!blocking::emit(&transport, event(0), long()).unwrap_err().accepted());
    (1..=20).for_each(|number| drop(blocking::emit(&transport, event(number), long()).unwrap()));
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
    assert!(!blocking::emit(&transport, event(21), long()).unwrap_err().accepted());
    assert_eq!(transport.stats().tally.refused, 2);
    drop(transport);
    assert!(heard.all().is_empty());
}

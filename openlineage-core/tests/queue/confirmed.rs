//! Events whose callers wait for their fate, in the lanes of those whose callers do not.

use std::task::{Context, Waker};
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::queue::Limits;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use tokio::runtime::Builder;

use crate::{arrived, event, fate, long, queue, reached, stalled, stats, submit};

#[test]
fn it_does_not_overtake_a_queued_event_of_its_run() {
    let sink = stalled();
    let queue = queue(&sink, Limits::default());
    let start = submit(&queue, event(1, 0)).unwrap();
    let mut complete = Box::pin(queue.emit_confirmed(event(1, 1), long()));
    assert!(complete.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let _other_run = submit(&queue, event(2, 2)).unwrap();
    reached(&sink, 2);
    sink.script(&[], Answer::Accept);
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(complete).unwrap().attempts, 1);
    assert!(fate(start).is_ok());
    let arrived: Vec<u64> = arrived(&sink).into_iter().filter(|number| *number < 2).collect();
    assert_eq!(arrived, [0, 1]);
}

#[test]
fn behind_another_event_it_is_taken_out_unsent_at_its_deadline() {
    let sink = stalled();
    let queue = queue(&sink, Limits::default());
    let start = submit(&queue, event(1, 0)).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let until = Deadline::after(Duration::from_millis(30));
    let error = runtime.block_on(queue.emit_confirmed(event(1, 1), until)).unwrap_err();
    assert_eq!((error.kind(), error.fate(), error.sent()), (&EmitErrorKind::Timeout, Fate::Failed, Sent::No));
    assert_eq!((error.attempts(), stats(&queue).events), (0, 1));
    sink.script(&[], Answer::Accept);
    assert!(fate(start).is_ok());
    assert!(blocking::close(&*queue, long()).unwrap().tally.failed == 1);
    assert_eq!(arrived(&sink), [0]);
}

#[test]
fn under_way_it_ends_at_its_deadline_and_may_have_arrived() {
    let sink = stalled();
    let queue = queue(&sink, Limits::default());
    let runtime = Builder::new_current_thread().build().unwrap();
    let until = Deadline::after(Duration::from_millis(30));
    let error = runtime.block_on(queue.emit_confirmed(event(1, 0), until)).unwrap_err();
    assert_eq!((error.kind(), error.fate(), error.sent()), (&EmitErrorKind::Timeout, Fate::Failed, Sent::Maybe));
    assert_eq!((error.attempts(), stats(&queue).events), (1, 0));
}

#[test]
fn a_dropped_wait_does_not_take_the_event_back() {
    let sink = ScriptedSink::new();
    let queue = queue(&sink, Limits::default());
    let mut confirmed = Box::pin(queue.emit_confirmed(event(1, 0), long()));
    let _pending = confirmed.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    drop(confirmed);
    assert!(blocking::close(&*queue, long()).unwrap().is_clean());
    assert_eq!(arrived(&sink), [0]);
}

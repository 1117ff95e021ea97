//! Threads and what is left behind on them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::Fate;
use openlineage_core::model::EventType::{Complete, Start};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_emit_modes::{Emitter, FenceExpiry, Mode, ThreadOptions};

use crate::case::{LONG, SHORT, SLACK, assert_fates, assert_sum, client, event, eventually, over, timed};
use crate::held::Held;

/// What a fence gets to let an event through too early.
const TOO_EARLY: Duration = Duration::from_millis(60);

fn behind(held: &Held, limit: Duration, fence: FenceExpiry) -> Emitter {
    let options = ThreadOptions { execution_timeout: limit, fence, ..ThreadOptions::default() };
    Emitter::new(client(Arc::new(held.clone())), Mode::Thread(options))
}

#[test]
fn a_sink_that_hangs_costs_the_host_its_limit_and_no_more() {
    const LIMIT: Duration = Duration::from_secs(2);
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let emitter = over(&sink, Mode::thread().within(LIMIT));
    let (outcome, took) = timed(|| emitter.emit(event(1, 0)));
    let error = outcome.unwrap_err();
    assert!(took > LIMIT - LIMIT / 10 && took < LIMIT + SLACK, "{took:?}");
    assert_eq!((error.kind(), error.sent(), error.attempts()), (&EmitErrorKind::Timeout, Sent::Maybe, 1));
    assert_eq!(emitter.stats().left_behind, 0);
    assert_fates(&emitter, [1, 0, 1, 0]);
}

#[test]
fn threads_that_cannot_be_ended_are_capped() {
    let held = Held::new(None);
    let emitter = behind(&held, SHORT, FenceExpiry::default());
    for call in 0..10 {
        let (outcome, took) = timed(|| emitter.emit(event(call, 0)));
        let error = outcome.unwrap_err();
        if call < 4 {
            assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::Timeout, Fate::Failed), "{call}");
            assert!(took >= SHORT && took < SHORT + SLACK, "{took:?}");
        } else {
            assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::Saturated, Fate::Refused), "{call}");
            assert!(took < SHORT, "refused at once: {took:?}");
        }
        assert!(emitter.stats().threads <= 4);
    }
    let stats = emitter.stats();
    assert_eq!((stats.left_behind, stats.timed_out, stats.saturated), (4, 4, 6));
    assert_eq!(stats.events.tally.refused, 6);

    held.release();
    eventually("the threads to end", || emitter.stats().threads == 0);
    assert!(emitter.emit(event(20, 0)).unwrap().is_some());
    assert_eq!(emitter.stats().events.late, 4);
    assert_fates(&emitter, [5, 1, 4, 0]);
}

#[test]
fn callers_wait_for_a_thread_while_one_is_at_work() {
    let held = Held::new(Some(Start));
    let options = ThreadOptions { max_abandoned: NonZeroUsize::MIN, ..ThreadOptions::default() };
    let emitter = Emitter::new(client(Arc::new(held.clone())), Mode::Thread(options));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| emitter.emit(event(1, 0)));
        held.wait_inside(1);
        let second = scope.spawn(|| emitter.emit(event(2, 1)));
        let impatient = emitter.within(SHORT).emit(event(3, 1));
        assert_eq!(*impatient.unwrap_err().kind(), EmitErrorKind::Saturated);
        assert!(held.arrived().is_empty());
        held.release();
        assert!(first.join().unwrap().is_ok() && second.join().unwrap().is_ok());
    });
    assert_fates(&emitter, [2, 2, 0, 0]);
}

#[test]
fn a_later_event_of_the_run_waits_for_one_that_was_left_behind() {
    let held = Held::new(Some(Start));
    let emitter = behind(&held, SHORT, FenceExpiry::default());
    assert_eq!(*emitter.emit(event(1, 0)).unwrap_err().kind(), EmitErrorKind::Timeout);
    assert!(emitter.emit(event(2, 99)).unwrap().is_some(), "another run is not held up");

    let (send, told) = mpsc::channel();
    let patient = emitter.within(LONG);
    let waiting = std::thread::spawn(move || send.send(patient.emit(event(1, 99))));
    assert!(told.recv_timeout(TOO_EARLY).is_err());
    held.release();
    let receipt = told.recv_timeout(LONG).unwrap().unwrap().unwrap();
    assert!(!receipt.reordered);
    waiting.join().unwrap().unwrap();
    assert_eq!(held.arrived(), [Some(Complete), Some(Start), Some(Complete)]);
    assert_fates(&emitter, [3, 2, 1, 0]);
}

#[test]
fn an_event_that_has_waited_half_its_time_goes_without_and_says_so() {
    let held = Held::new(Some(Start));
    let emitter = behind(&held, SHORT, FenceExpiry::SendAnyway);
    assert!(emitter.emit(event(1, 0)).is_err());
    let (outcome, took) = timed(|| emitter.emit(event(1, 99)));
    assert!(outcome.unwrap().unwrap().reordered);
    assert!(took > SHORT / 4 && took < SHORT + SLACK, "{took:?}");
    held.release();
    eventually("the late result", || emitter.stats().events.late == 1);
    assert_eq!(held.arrived(), [Some(Complete), Some(Start)]);
    assert_fates(&emitter, [2, 1, 1, 0]);
}

#[test]
fn an_event_may_rather_be_reported_than_sent_out_of_order() {
    let held = Held::new(Some(Start));
    let emitter = behind(&held, SHORT, FenceExpiry::Report);
    assert!(emitter.emit(event(1, 0)).is_err());
    let error = emitter.emit(event(1, 99)).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.fate()), (&EmitErrorKind::Timeout, Sent::No, Fate::Failed));
    held.release();
    eventually("the late result", || emitter.stats().events.late == 1);
    assert_eq!(held.arrived(), [Some(Start)]);
    assert_fates(&emitter, [2, 0, 2, 0]);
}

#[test]
fn a_late_success_is_told_once() {
    let held = Held::new(None);
    let emitter = behind(&held, SHORT, FenceExpiry::default());
    let error = emitter.emit(event(1, 0)).unwrap_err();
    assert_eq!((error.sent(), error.fate()), (Sent::Maybe, Fate::Failed));
    assert_eq!((emitter.stats().left_behind, emitter.stats().events.late), (1, 0));
    held.release();
    eventually("the late result", || emitter.stats().events.late == 1);
    eventually("the thread to end", || emitter.stats().threads == 0);
    let stats = emitter.stats();
    assert_eq!((stats.left_behind, stats.timed_out, stats.events.late), (0, 1, 1));
    assert_sum(&stats.events.tally);
    assert_fates(&emitter, [1, 0, 1, 0]);
}

#[test]
fn the_ticket_of_a_submitted_event_tells_its_fate() {
    let sink = ScriptedSink::new();
    sink.script(&[Answer::Permanent], Answer::Accept);
    let emitter = over(&sink, Mode::thread());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let fate = |number| runtime.block_on(emitter.submit(event(1, number)).unwrap().fate());
    assert_eq!(*fate(0).unwrap_err().kind(), EmitErrorKind::Rejected { code: 400 });
    assert_eq!(fate(1).unwrap().unwrap().attempts, 1);
    assert_fates(&emitter, [2, 1, 1, 0]);
}

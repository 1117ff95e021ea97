//! Tasks and their bounds.

use std::num::NonZeroUsize;
use std::time::Duration;

use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::Fate;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_emit_modes::{Mode, Overflow, TaskOptions};

use crate::case::{LONG, SHORT, SLACK, assert_fates, event, eventually, over, timed};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn bounded(overflow: Overflow) -> TaskOptions {
    TaskOptions { max_events: TWO, overflow, ..TaskOptions::default() }
}

fn stalled() -> ScriptedSink {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    sink
}

#[test]
fn submit_does_not_wait_for_the_sink() {
    let sink = stalled();
    let emitter = over(&sink, Mode::task());
    let (tickets, took) = timed(|| [0, 1, 2].map(|run| emitter.submit(event(run, 0)).unwrap()));
    assert!(took < SLACK, "{took:?}");
    assert_eq!(emitter.stats().events.tally.pending(), 3);
    sink.script(&[], Answer::Accept);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for ticket in tickets {
        assert!(runtime.block_on(ticket.fate()).unwrap().is_some());
    }
    assert_fates(&emitter, [3, 3, 0, 0]);
}

#[test]
fn a_full_emitter_refuses_at_once_where_it_shall() {
    let sink = stalled();
    let emitter = over(&sink, Mode::Task(bounded(Overflow::RejectNew)));
    let _tickets = [0, 1].map(|run| emitter.submit(event(run, 0)).unwrap());
    let (outcome, took) = timed(|| emitter.submit(event(2, 0)));
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::QueueFull { capacity: 2 }, Fate::Refused));
    assert!(took < SLACK, "{took:?}");
    sink.script(&[], Answer::Accept);
    assert_eq!(emitter.stats().events.tally.refused, 1);
    assert_fates(&emitter, [2, 2, 0, 0]);
}

#[test]
fn a_full_emitter_waits_for_room_within_the_limit_where_it_shall() {
    let sink = stalled();
    let emitter = over(&sink, Mode::Task(bounded(Overflow::Block)));
    let _tickets = [0, 1].map(|run| emitter.submit(event(run, 0)).unwrap());
    let (outcome, took) = timed(|| emitter.within(SHORT).submit(event(2, 0)));
    assert_eq!(*outcome.unwrap_err().kind(), EmitErrorKind::QueueFull { capacity: 2 });
    assert!(took > SHORT / 2 && took < SHORT + SLACK, "{took:?}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| emitter.submit(event(3, 0)));
        sink.script(&[], Answer::Accept);
        assert!(waiting.join().unwrap().is_ok());
    });
    assert_fates(&emitter, [3, 3, 0, 0]);
}

#[test]
fn bytes_are_bounded_too() {
    let size = NonZeroUsize::new(event(0, 0).len()).unwrap();
    let sink = stalled();
    let options = TaskOptions { max_bytes: size, overflow: Overflow::RejectNew, ..TaskOptions::default() };
    let emitter = over(&sink, Mode::Task(options));
    let _ticket = emitter.submit(event(0, 0)).unwrap();
    assert!(matches!(emitter.submit(event(1, 0)).unwrap_err().kind(), EmitErrorKind::QueueFull { .. }));
    let error = emitter.submit(event(2, 10)).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::TooLarge { bytes: size.get() + 3, limit: size.get() });
    sink.script(&[], Answer::Accept);
    assert_fates(&emitter, [1, 1, 0, 0]);
}

#[test]
fn so_many_runs_are_at_the_transport_at_once_and_one_event_of_each() {
    let sink = stalled();
    let emitter = over(&sink, Mode::Task(TaskOptions { lanes: TWO, ..TaskOptions::default() }));
    for run in 0..3 {
        for number in 0..3 {
            let _ticket = emitter.submit(event(run, number)).unwrap();
        }
    }
    assert!(sink.wait(&mut |log| log.held() == 2, LONG));
    let seen: Vec<_> = sink.log().attempts.iter().map(|attempt| attempt.body.clone()).collect();
    assert!(seen.contains(event(0, 0).bytes()) && seen.contains(event(1, 0).bytes()), "{seen:?}");
    sink.script(&[], Answer::Accept);
    assert_fates(&emitter, [9, 9, 0, 0]);
    assert_eq!(sink.log().attempts.len(), 9);
}

#[test]
fn an_event_whose_turn_does_not_come_in_time_is_not_sent() {
    let sink = stalled();
    let emitter = over(&sink, Mode::task().within(LONG));
    let first = emitter.submit(event(1, 0)).unwrap();
    assert!(sink.wait(&mut |log| log.held() == 1, LONG));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let second = emitter.within(Duration::from_millis(50)).submit(event(1, 99)).unwrap();
    let error = runtime.block_on(second.fate()).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.fate()), (&EmitErrorKind::Timeout, Sent::No, Fate::Failed));
    sink.script(&[], Answer::Accept);
    assert!(runtime.block_on(first.fate()).is_ok());
    assert_fates(&emitter, [2, 1, 1, 0]);
    assert_eq!(sink.log().attempts.len(), 1);
}

#[test]
fn a_dropped_future_does_not_take_an_event_back() {
    for mode in [Mode::inline(), Mode::thread(), Mode::task()] {
        let sink = stalled();
        let emitter = over(&sink, mode);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut emitted = Box::pin(emitter.emit_async(event(1, 0)));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(emitted.as_mut().poll(cx).is_pending()));
        assert!(runtime.block_on(polled));
        assert!(sink.wait(&mut |log| log.held() == 1, LONG));
        drop(emitted);
        sink.script(&[], Answer::Accept);
        eventually("the event to be counted", || emitter.stats().events.tally.delivered == 1);
        assert_fates(&emitter, [1, 1, 0, 0]);
    }
}

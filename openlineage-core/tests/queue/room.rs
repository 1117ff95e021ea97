//! How much a queue takes on, and what happens to the rest.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::queue::{Limits, WhenFull};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;

use crate::{LONG, Queue, arrived, delivered, event, fate, long, queue, reached, stalled, stats, submit, submit_until};

fn limits(events: usize) -> Limits {
    Limits { events, concurrent: 1, ..Limits::default() }
}

#[test]
fn a_full_queue_refuses_at_once_or_at_the_deadline_and_takes_on_nothing() {
    let sink = stalled();
    let queue = queue(&sink, limits(2));
    let tickets = [0, 1].map(|number| submit(&queue, event(number, number)).unwrap());
    for until in [Deadline::now(), Deadline::after(Duration::from_millis(30))] {
        let error = submit_until(&queue, event(9, 9), until).unwrap_err();
        assert_eq!(*error.kind(), EmitErrorKind::QueueFull { capacity: 2 });
        assert!(!error.accepted());
        assert!(until.has_passed());
    }
    sink.script(&[], Answer::Accept);
    tickets.into_iter().for_each(delivered);
    let report = blocking::close(&*queue, long()).unwrap();
    assert_eq!((report.tally.accepted, report.tally.delivered, report.tally.refused), (2, 2, 2));
    assert_eq!(arrived(&sink), [0, 1]);
}

#[test]
fn bytes_count_as_well_as_events_and_an_event_beyond_them_is_too_large() {
    let (sink, size) = (stalled(), event(0, 0).len());
    let queue = queue(&sink, Limits { bytes: 2 * size, concurrent: 1, ..Limits::default() });
    let _tickets = [0, 1].map(|number| submit(&queue, event(number, number)).unwrap());
    assert_eq!((stats(&queue).events, stats(&queue).bytes), (2, 2 * size));
    let error = submit(&queue, event(2, 2)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::QueueFull { .. }));

    let narrow = crate::queue(&sink, Limits { bytes: size - 1, ..Limits::default() });
    let error = submit_until(&narrow, event(3, 3), long()).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::TooLarge { bytes: size, limit: size - 1 });
    assert_eq!(narrow.stats().tally.refused, 1);
    let _abandoned = blocking::close(&*queue, Deadline::now()).unwrap();
}

#[test]
fn callers_get_room_in_the_order_in_which_they_came() {
    let sink = stalled();
    let queue = queue(&sink, limits(1));
    let _first = submit(&queue, event(0, 0)).unwrap();
    let waiting: Vec<_> = (1..=5)
        .map(|number| {
            let caller = Arc::clone(&queue);
            let waiting = thread::spawn(move || fate(submit_until(&caller, event(number, number), long()).unwrap()));
            in_line(&queue, number as usize);
            waiting
        })
        .collect();
    sink.script(&[], Answer::Accept);
    waiting.into_iter().for_each(|caller| assert!(caller.join().unwrap().is_ok()));
    assert_eq!(arrived(&sink), [0, 1, 2, 3, 4, 5]);
    assert!(blocking::close(&*queue, long()).unwrap().is_clean());
}

/// Nothing tells that a caller has lined up, so this looks until it has.
fn in_line(queue: &Queue, callers: usize) {
    while stats(queue).waiting < callers {
        thread::yield_now();
    }
}

#[test]
fn a_dropped_wait_for_room_has_no_effect() {
    let sink = stalled();
    let queue = queue(&sink, limits(1));
    let first = submit(&queue, event(0, 0)).unwrap();
    let mut waiting = queue.emit(event(1, 1), long());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(stats(&queue).waiting, 1);
    drop(waiting);
    assert_eq!(stats(&queue).waiting, 0);
    sink.script(&[], Answer::Accept);
    assert!(fate(first).is_ok());
    assert!(blocking::close(&*queue, long()).unwrap().is_clean());
    assert_eq!(arrived(&sink), [0]);
}

#[test]
fn a_queue_that_drops_the_oldest_abandons_it_unless_it_is_under_way() {
    let sink = stalled();
    let queue = queue(&sink, Limits { when_full: WhenFull::DropOldest, ..limits(3) });
    let mut tickets: Vec<_> = (0..5).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    for displaced in [tickets.remove(1), tickets.remove(1)] {
        let error = fate(displaced).unwrap_err();
        assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::Displaced, Fate::Abandoned));
    }
    reached(&sink, 1);
    sink.script(&[], Answer::Accept);
    tickets.into_iter().for_each(delivered);
    assert_eq!(arrived(&sink), [0, 3, 4]);
    let tally = blocking::close(&*queue, long()).unwrap().tally;
    assert_eq!((tally.accepted, tally.delivered, tally.abandoned, tally.refused), (5, 3, 2, 0));
}

#[test]
fn nothing_is_displaced_for_an_event_that_would_not_fit_all_the_same() {
    let (sink, size) = (stalled(), event(0, 0).len());
    let limits = Limits { bytes: 3 * size, concurrent: 1, when_full: WhenFull::DropOldest, ..Limits::default() };
    let queue = queue(&sink, limits);
    let _tickets = [0, 1].map(|number| submit(&queue, event(number, number)).unwrap());
    let mut large = event(2, 2).bytes().to_vec();
    large.resize(3 * size, b' ');
    let large = openlineage_core::event::EncodedEvent::from_json(large).unwrap();
    assert!(matches!(submit(&queue, large).unwrap_err().kind(), EmitErrorKind::QueueFull { .. }));
    assert_eq!((stats(&queue).events, queue.stats().tally.abandoned), (2, 0));
    let _abandoned = blocking::close(&*queue, Deadline::now()).unwrap();
}

#[test]
fn who_waits_for_room_when_the_queue_closes_is_refused() {
    let sink = stalled();
    let queue = queue(&sink, limits(1));
    let _first = submit(&queue, event(0, 0)).unwrap();
    let mut waiting = queue.emit(event(1, 1), long());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    let report = blocking::close(&*queue, Deadline::after(Duration::from_millis(50))).unwrap();
    let Poll::Ready(Err(error)) = waiting.as_mut().poll(&mut cx) else { panic!("still waiting") };
    assert_eq!(*error.kind(), EmitErrorKind::Closed);
    assert!(!error.accepted());
    assert_eq!((report.tally.accepted, report.tally.abandoned, report.tally.refused), (1, 1, 1));
}

#[test]
fn stats_tell_how_full_it_is_at_any_time() {
    let sink = ScriptedSink::new();
    let queue = queue(&sink, Limits { concurrent: 2, ..Limits::default() });
    assert_eq!(queue.stats().queue, Some(Default::default()));
    sink.script(&[], Answer::Stall);
    let _tickets: Vec<_> = (0..5).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    let now = queue.stats();
    let full = now.queue.unwrap();
    assert_eq!((full.events, full.waiting, full.paused, now.in_flight), (5, 0, false, 2));
    assert!(full.oldest_age.is_some_and(|age| age < LONG));
    assert_eq!(now.tally.pending(), 5);
    sink.script(&[], Answer::Accept);
    assert!(blocking::flush(&*queue, long()).unwrap().settled);
    let empty = queue.stats();
    assert_eq!((empty.queue, empty.in_flight), (Some(Default::default()), 0));
}

/// Who came while everything was under way gets in as soon as something can be displaced again.
#[test]
fn who_lined_up_before_a_queue_that_drops_the_oldest_gets_in_by_displacing() {
    let sink = stalled();
    let queue = queue(&sink, Limits { when_full: WhenFull::DropOldest, ..limits(1) });
    let first = submit(&queue, event(0, 0)).unwrap();
    reached(&sink, 1);
    let mut waiting = queue.emit(event(1, 1), long());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    sink.script(&[Answer::Throttle(LONG)], Answer::Accept);
    assert_eq!(*fate(first).unwrap_err().kind(), EmitErrorKind::Displaced);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(waiting).is_ok());
    let _abandoned = blocking::close(&*queue, Deadline::now()).unwrap();
}

/// A pause that no clock can tell is a long one, and nothing else.
#[test]
fn a_pause_without_end_harms_nothing() {
    let sink = ScriptedSink::new();
    sink.script(&[Answer::Throttle(Duration::MAX)], Answer::Accept);
    let queue = queue(&sink, Limits::default());
    let ticket = submit(&queue, event(0, 0)).unwrap();
    assert!(sink.wait(&mut |log| log.attempts.len() == 1 && log.held() == 0, LONG));
    assert!(blocking::close(&*queue, long()).unwrap().is_clean());
    assert_eq!(fate(ticket).unwrap().attempts, 2);
}

//! Attempts that fail: what waits, and for what.

use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};

use crate::{LONG, arrived, delivered, event, fate, long, over, queue, reached, stalled, stats, submit};

#[test]
fn a_start_that_is_retried_holds_back_its_run_and_no_other() {
    let sink = stalled();
    let queue = queue(&sink, Limits::default());
    let start = submit(&queue, event(1, 0)).unwrap();
    reached(&sink, 1);
    let complete = submit(&queue, event(1, 1)).unwrap();
    sink.script(&[Answer::Transient, Answer::Transient], Answer::Accept);
    assert_eq!(fate(start).unwrap().attempts, 3);
    assert_eq!(fate(complete).unwrap().attempts, 1);
    assert_eq!(arrived(&sink), [0, 1]);
}

#[test]
fn a_start_that_fails_for_good_lets_its_run_go_on() {
    let sink = stalled();
    let queue = queue(&sink, Limits::default());
    let [start, complete] = [0, 1].map(|number| submit(&queue, event(1, number)).unwrap());
    reached(&sink, 1);
    sink.script(&[Answer::Permanent], Answer::Accept);
    assert_eq!(*fate(start).unwrap_err().kind(), EmitErrorKind::Rejected { code: 400 });
    assert!(fate(complete).is_ok());
    assert_eq!(arrived(&sink), [1]);
}

/// 503 is a word about the destination: the others wait, one tries.
#[test]
fn a_destination_that_is_away_is_tried_by_one_event_at_a_time() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 8, ..Limits::default() });
    let tickets: Vec<_> = (0..40).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    reached(&sink, 8);
    sink.script(&[], Answer::Transient);
    // Eight that were under way, then probes.
    reached(&sink, 20);
    assert!(stats(&queue).paused);
    let probes = sink.log().attempts.split_off(8);
    let gaps: Vec<Duration> = probes.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(gaps.iter().skip(2).all(|gap| *gap >= Duration::from_millis(2)), "{gaps:?}");
    sink.script(&[], Answer::Accept);
    tickets.into_iter().for_each(delivered);
    assert!(!stats(&queue).paused);
    assert!(blocking::close(&*queue, long()).unwrap().is_clean());
}

#[test]
fn the_pause_that_a_destination_asks_for_is_kept_by_all() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 4, ..Limits::default() });
    let tickets: Vec<_> = (0..12).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    reached(&sink, 4);
    let asked = Duration::from_millis(80);
    sink.script(&[Answer::Throttle(asked); 4], Answer::Accept);
    tickets.into_iter().for_each(delivered);
    let attempts = sink.log().attempts;
    assert!(attempts[4].at - attempts[3].at >= asked, "{:?}", attempts[4].at - attempts[3].at);
}

#[test]
fn an_event_that_grows_too_old_has_expired() {
    let sink = stalled();
    let queue = queue(&sink, Limits { max_age: Some(Duration::from_millis(40)), ..Limits::default() });
    let [first, second] = [0, 1].map(|number| submit(&queue, event(1, number)).unwrap());
    let error = fate(first).unwrap_err();
    assert_eq!((error.kind(), error.fate(), error.attempts()), (&EmitErrorKind::Expired, Fate::Failed, 1));
    let error = fate(second).unwrap_err();
    assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::Expired, Fate::Failed));
    assert_eq!(blocking::close(&*queue, long()).unwrap().tally.failed, 2);
}

#[test]
fn an_event_fails_after_attempts_of_its_own_and_no_others() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Transient);
    let mut retry = RetryPolicy::default();
    (retry.total, retry.backoff_factor) = (Some(2), Duration::from_millis(1));
    let queue = over(&sink, Limits::default()).retry(retry).build();
    let tickets: Vec<_> = (0..5).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    for ticket in tickets {
        let error = fate(ticket).unwrap_err();
        assert_eq!((error.attempts(), error.fate()), (3, Fate::Failed));
    }
    assert_eq!(sink.log().attempts.len(), 15);
}

/// At the end there is no time for pauses, but for one attempt each.
#[test]
fn closing_gives_what_is_paused_one_attempt_at_once() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 2, ..Limits::default() });
    let tickets: Vec<_> = (0..6).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    reached(&sink, 2);
    sink.script(&[Answer::Throttle(LONG); 2], Answer::Accept);
    assert!(sink.wait(&mut |log| log.held() == 0, LONG));
    let report = blocking::close(&*queue, Deadline::after(LONG / 2)).unwrap();
    assert!(report.is_clean(), "{report:?}");
    tickets.into_iter().for_each(delivered);
}

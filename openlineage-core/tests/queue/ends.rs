//! The end of a queue with events in it, and what is told of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::engine::Queued;
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Ended, Fate};
use openlineage_core::queue::{Limits, WhenFull};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::TransportInfo;
use openlineage_core::undelivered::UndeliveredFile;
use tokio::runtime::Builder;

use crate::{arrived, event, fate, long, over, queue, reached, stalled, stats, submit};

#[test]
fn what_is_left_at_the_deadline_is_abandoned_and_says_whether_it_was_sent() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 1, ..Limits::default() });
    let tickets = [0, 1].map(|number| submit(&queue, event(number, number)).unwrap());
    reached(&sink, 1);
    let report = blocking::close(&*queue, Deadline::after(Duration::from_millis(30))).unwrap();
    assert_eq!((report.ended, report.tally.abandoned), (Ended::DeadlineReached, 2));
    let errors = tickets.map(|ticket| fate(ticket).unwrap_err());
    assert_eq!(errors.each_ref().map(|error| (error.sent(), error.attempts())), [(Sent::Maybe, 1), (Sent::No, 0)]);
    assert!(errors.iter().all(|error| *error.kind() == EmitErrorKind::Closed && error.fate() == Fate::Abandoned));
    let error = submit(&queue, event(2, 2)).unwrap_err();
    assert_eq!((error.kind(), error.accepted()), (&EmitErrorKind::Closed, false));
}

#[test]
fn a_queue_that_is_dropped_tells_its_tickets() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 1, ..Limits::default() });
    let tickets = [0, 1].map(|number| submit(&queue, event(number, number)).unwrap());
    reached(&sink, 1);
    drop(queue);
    for ticket in tickets {
        assert_eq!(fate(ticket).unwrap_err().fate(), Fate::Abandoned);
    }
}

#[test]
fn a_lent_runtime_that_ends_takes_no_ticket_with_it() {
    let sink = stalled();
    let lent = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let limits = Limits { concurrent: 2, ..Limits::default() };
    let queue = over(&sink, limits).runtime(Runtime::on(lent.handle().clone())).build();
    let tickets: Vec<_> = (0..50).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    reached(&sink, 2);
    drop(lent);
    for ticket in tickets {
        assert_eq!(fate(ticket).unwrap_err().fate(), Fate::Abandoned);
    }
    let report = blocking::close(&queue, long()).unwrap();
    assert_eq!((report.ended, report.tally.abandoned), (Ended::Faulted, 50));
}

/// Each way to lose an event, and the file that keeps them.
#[test]
fn every_lost_event_is_in_the_file_once_and_can_be_emitted_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lost.ndjson");
    let sink = stalled();
    let limits = Limits { events: 3, concurrent: 1, when_full: WhenFull::DropOldest, ..Limits::default() };
    let hook = Arc::new(UndeliveredFile::new(&path));
    let queue = over(&sink, limits).undelivered(hook).keep_compressed(true).build();
    // 0 is under way and rejected, 1 and 2 are displaced, 3 is delivered, 4 is abandoned.
    let rejected = submit(&queue, event(0, 0)).unwrap();
    reached(&sink, 1);
    let _queued: Vec<_> = (1..5).map(|number| submit(&queue, event(number, number)).unwrap()).collect();
    sink.script(&[Answer::Permanent, Answer::Accept], Answer::Stall);
    assert!(fate(rejected).is_err());
    reached(&sink, 3);
    let report = blocking::close(&queue, Deadline::after(Duration::from_millis(30))).unwrap();
    assert_eq!((report.tally.delivered, report.tally.failed, report.tally.abandoned), (1, 1, 3));
    assert_eq!(arrived(&sink), [3]);
    let mut lost = lines(&path);
    lost.sort_by(|one, other| one.bytes().cmp(other.bytes()));
    let expected: Vec<_> = [0, 1, 2, 4].map(|number| event(number, number)).into();
    assert!(lost.iter().map(EncodedEvent::bytes).eq(expected.iter().map(EncodedEvent::bytes)), "{lost:?}");
}

fn lines(path: &Path) -> Vec<EncodedEvent> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| EncodedEvent::from_json(line.to_owned()).unwrap()).collect()
}

#[test]
fn nothing_runs_before_the_first_event_and_building_costs_no_thread() {
    let sink = ScriptedSink::new();
    let queues: Vec<_> = (0..64).map(|_| queue(&sink, Limits::default())).collect();
    assert_eq!((sink.log().starts, sink.log().open), (0, 0));
    let unused = Queued::builder(TransportInfo::new("queue"), sink.deliver("")).build();
    assert!(blocking::close(&unused, Deadline::now()).unwrap().is_clean());
    drop(queues);
    assert_eq!(sink.log().starts, 0);
}

/// Who has the ticket may take the event back as long as nothing of it was sent; whoever has its slot later is safe.
#[test]
fn an_event_of_which_nothing_was_sent_can_be_taken_back() {
    let sink = stalled();
    let queue = queue(&sink, Limits { concurrent: 1, ..Limits::default() });
    let [first, second, third] = [0, 1, 2].map(|number| submit(&queue, event(number, number)).unwrap());
    reached(&sink, 1);
    assert!(!first.withdraw());
    assert!(second.withdraw());
    let fourth = submit(&queue, event(3, 3)).unwrap();
    assert!(!second.withdraw());
    let error = fate(second).unwrap_err();
    assert_eq!((error.fate(), error.sent(), error.attempts()), (Fate::Failed, Sent::No, 0));
    sink.script(&[], Answer::Accept);
    [first, third, fourth].into_iter().for_each(|ticket| assert!(fate(ticket).is_ok()));
    assert_eq!(arrived(&sink), [0, 2, 3]);
    assert_eq!(blocking::close(&*queue, long()).unwrap().tally.failed, 1);
}

/// What waits for a destination that cannot be reached was not sent, however often that was tried.
#[test]
fn an_event_of_which_only_starts_failed_can_be_taken_back() {
    let sink = ScriptedSink::new();
    (0..100).for_each(|_| sink.fail_start());
    let mut patient = RetryPolicy::default();
    (patient.total, patient.backoff_factor) = (None, Duration::from_secs(60));
    let queue = over(&sink, Limits::default()).retry(patient).build();
    let ticket = submit(&queue, event(0, 0)).unwrap();
    while !stats(&queue).paused {
        assert!(!blocking::flush(&queue, Deadline::after(Duration::from_millis(5))).unwrap().settled);
    }
    while !ticket.withdraw() {
        assert!(!blocking::flush(&queue, Deadline::after(Duration::from_millis(5))).unwrap().settled);
    }
    let error = fate(ticket).unwrap_err();
    assert!(error.sent() == Sent::No && error.attempts() > 0, "{error:?}");
    assert!(sink.log().attempts.is_empty());
}

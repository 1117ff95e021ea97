//! How an emitter ends.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::lifecycle::{Ended, State};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Ack;
use openlineage_emit_modes::{Emitter, Mode};

use crate::case::{LONG, SHORT, SLACK, assert_sum, client, event, modes, numbers, over, timed};
use crate::held::Held;

#[test]
fn shutdown_delivers_what_it_can_and_reports_the_rest() {
    const FIRST: usize = 20;
    let sink = ScriptedSink::new();
    sink.script(&[Answer::Accept; FIRST], Answer::Stall);
    let emitter = over(&sink, Mode::task());
    let tickets: Vec<_> = (0..100).map(|run| emitter.submit(event(run, 0)).unwrap()).collect();
    let (report, took) = timed(|| emitter.shutdown(SHORT).unwrap());
    assert!(took >= SHORT && took < SHORT + SLACK, "{took:?}");
    assert_eq!(report.ended, Ended::DeadlineReached);
    assert_eq!(numbers(&report.tally), [100, FIRST as u64, 0, 100 - FIRST as u64]);
    assert_eq!(report.children.len(), 1);

    let (again, took) = timed(|| emitter.shutdown(LONG).unwrap());
    assert!(took < SLACK, "{took:?}");
    assert_eq!(again.tally, report.tally);
    let lost = tickets.into_iter().filter(|ack| !is_delivered(ack)).count();
    assert_eq!(lost, 100 - FIRST);
}

fn is_delivered(ack: &Ack) -> bool {
    let Ack::Queued(ticket) = ack else { return false };
    let (send, told) = std::sync::mpsc::channel();
    ticket.observe(move |outcome| send.send(outcome.is_ok()).unwrap());
    told.recv_timeout(LONG).unwrap()
}

#[test]
fn flush_waits_and_changes_nothing() {
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        assert!(emitter.flush(LONG).unwrap().settled);
        assert_eq!(emitter.state(), State::New);
        sink.script(&[], Answer::Stall);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| emitter.emit(event(1, 0)));
            assert!(sink.wait(&mut |log| log.attempts.len() == 1, LONG));
            let report = emitter.flush(SHORT).unwrap();
            assert_eq!((report.settled, report.pending), (false, 1));
            sink.script(&[], Answer::Accept);
            assert!(emitter.flush(LONG).unwrap().settled);
            assert!(waiting.join().unwrap().is_ok());
        });
        assert_eq!(emitter.state(), State::Active);
        let report = emitter.shutdown(LONG).unwrap();
        assert!(report.is_clean() && report.children[0].is_clean(), "{report:?}");
    }
}

#[test]
fn the_futures_of_flush_and_shutdown_need_no_runtime_of_the_caller() {
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ticket = emitter.submit(event(1, 0)).unwrap();
        assert!(runtime.block_on(emitter.flush_async(LONG)).unwrap().settled);
        let report = runtime.block_on(emitter.shutdown_async(LONG)).unwrap();
        assert_eq!(numbers(&report.tally), [1, 1, 0, 0]);
        assert_eq!(emitter.state(), State::Closed);
        assert_sum(&report.tally);
    }
}

#[test]
fn shutdown_does_not_wait_for_threads_that_were_left_behind() {
    let held = Held::new(None);
    let emitter = Emitter::new(client(Arc::new(held.clone())), Mode::thread().within(SHORT));
    let ack = emitter.submit(event(1, 0)).unwrap();
    held.wait_inside(1);
    let (report, took) = timed(|| emitter.shutdown(Duration::from_millis(50)).unwrap());
    assert!(took < SLACK, "{took:?}");
    assert_eq!((report.ended, numbers(&report.tally)), (Ended::DeadlineReached, [1, 0, 0, 1]));
    held.release();
    assert!(is_delivered(&ack));
    assert_eq!((emitter.stats().events.late, emitter.stats().events.tally.abandoned), (1, 1));
}

#[test]
fn a_dropped_emitter_lets_what_is_under_way_go_on() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let emitter = over(&sink, Mode::task());
    let ack = emitter.submit(event(1, 0)).unwrap();
    assert!(sink.wait(&mut |log| log.attempts.len() == 1, LONG));
    let (_, took) = timed(|| drop(emitter));
    assert!(took < SLACK, "{took:?}");
    sink.script(&[], Answer::Accept);
    assert!(is_delivered(&ack));
}

//! Work of the host: extraction and emission under one limit.

use std::panic::resume_unwind;
use std::sync::mpsc;

use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::lifecycle::Fate;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_emit_modes::{Emitter, Mode};

use crate::case::{LONG, SHORT, SLACK, assert_fates, event, eventually, modes, over, timed};

/// Work that does nothing until it is told to, and then emits. What came of that is sent back.
fn stuck(emitter: &Emitter) -> (mpsc::Sender<()>, mpsc::Receiver<(bool, EmitErrorKind)>) {
    let ((free, wait), (send, told)) = (mpsc::channel::<()>(), mpsc::channel());
    let error = emitter
        .run(move |scope| {
            wait.recv().unwrap();
            let late = scope.emit(event(1, 0)).unwrap_err();
            send.send((scope.is_over(), late.kind().clone())).unwrap();
        })
        .unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.fate()), (&EmitErrorKind::Timeout, Sent::No, Fate::Refused));
    (free, told)
}

#[test]
fn work_that_hangs_is_left_behind_and_emits_nothing_later() {
    let sink = ScriptedSink::new();
    let emitter = over(&sink, Mode::thread().within(SHORT));
    let ((free, told), took) = timed(|| stuck(&emitter));
    assert!(took >= SHORT && took < SHORT + SLACK, "{took:?}");
    assert_eq!((emitter.stats().left_behind, emitter.stats().timed_out), (1, 1));
    free.send(()).unwrap();
    assert_eq!(told.recv_timeout(LONG).unwrap(), (true, EmitErrorKind::Timeout));
    eventually("the thread to end", || emitter.stats().threads == 0);
    assert_eq!(sink.log().attempts.len(), 0);
    assert_eq!(emitter.stats().events.tally.refused, 1);
    assert_fates(&emitter, [0, 0, 0, 0]);
}

#[test]
fn what_an_event_of_the_work_became_is_counted_even_if_the_host_has_left() {
    let sink = ScriptedSink::new();
    let emitter = over(&sink, Mode::thread().within(SHORT));
    let (free, wait) = mpsc::channel::<()>();
    let error = emitter
        .run(move |scope| {
            assert!(scope.emit(event(1, 0)).unwrap().is_some());
            wait.recv().unwrap();
        })
        .unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Timeout, Sent::Maybe));
    free.send(()).unwrap();
    assert_fates(&emitter, [1, 1, 0, 0]);
}

#[test]
fn the_limit_is_shared_by_all_the_work_does() {
    for mode in modes(SHORT) {
        let sink = ScriptedSink::new();
        sink.script(&[], Answer::Stall);
        let emitter = over(&sink, mode);
        let (kinds, took) = timed(|| {
            emitter.run(|scope| [0, 1, 2].map(|number| scope.emit(event(1, number)).unwrap_err().kind().clone()))
        });
        assert!(took < SHORT + SLACK, "{took:?}");
        // In thread mode the host may be gone by the time the work returns.
        assert!(kinds.is_err() || kinds.is_ok_and(|kinds| kinds == [const { EmitErrorKind::Timeout }; 3]));
        eventually("the work to end", || emitter.stats().threads == 0);
        let tally = emitter.stats().events.tally;
        assert_eq!((tally.accepted + tally.refused, tally.failed), (3, tally.accepted), "{tally:?}");
        assert!(emitter.shutdown(LONG).is_ok());
    }
}

#[test]
fn work_may_submit_and_be_gone() {
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        let sent = emitter.run(|scope| (0..5).filter(|number| scope.submit(event(1, *number)).is_ok()).count());
        assert_eq!(sent.unwrap(), 5);
        assert_fates(&emitter, [5, 5, 0, 0]);
    }
}

#[test]
fn a_panic_of_the_work_is_an_error_and_the_emitter_goes_on() {
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        let error = emitter.run(|_| -> () { resume_unwind(Box::new("no such table")) }).unwrap_err();
        assert_eq!(*error.kind(), EmitErrorKind::Faulted);
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no such table");
        assert!(emitter.emit(event(1, 0)).is_ok());
        assert_fates(&emitter, [1, 1, 0, 0]);
    }
}

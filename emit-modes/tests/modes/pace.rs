//! A host that loses its sink keeps its pace: a thousand calls each. Each test runs in a process of its own.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::error::EmitErrorKind;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_emit_modes::{Emitter, Mode, Overflow, TaskOptions};

use crate::alone::{alone, our_threads, resident};
use crate::case::{LONG, SLACK, assert_sum, client, event, eventually, modes, over, timed};
use crate::held::Held;

const LIMIT: Duration = Duration::from_millis(20);
const CALLERS: usize = 8;
const EACH: usize = 125;
/// What the allocator may keep from one look to the next.
const SPARE: u64 = 2 * 1024 * 1024;

/// A thousand calls from eight threads, none of which may take longer than its limit. A machine that has other things to
/// do may be late for one in a hundred.
fn thousand_calls(emitter: &Emitter) {
    let calls = |caller: usize| -> Vec<Duration> {
        let call = |call| {
            let (outcome, took) = timed(|| emitter.emit(event(caller * EACH + call, 0)));
            assert!(outcome.is_err());
            took
        };
        (0..EACH).map(call).collect()
    };
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|caller| scope.spawn(move || calls(caller))).collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    took.sort_unstable();
    let (usual, longest) = (took[CALLERS * EACH * 99 / 100], took[CALLERS * EACH - 1]);
    assert!(usual < LIMIT + SLACK && longest < LIMIT + 8 * SLACK, "{usual:?} {longest:?}");
}

#[test]
fn with_a_sink_that_never_answers() {
    if !alone("pace::with_a_sink_that_never_answers") {
        return;
    }
    for mode in modes(LIMIT) {
        let sink = ScriptedSink::new();
        sink.script(&[], Answer::Stall);
        let emitter = over(&sink, mode);
        thousand_calls(&emitter);
        let memory = resident();
        thousand_calls(&emitter);
        // The worker, and those of thread mode with one that is about to end.
        assert!(our_threads().len() <= 1 + 1 + 4);
        // The sink of the test keeps a line for each attempt.
        let grown = resident().saturating_sub(memory);
        assert!(grown < SPARE, "{grown} bytes more");
        let report = emitter.shutdown(LONG).unwrap();
        let tally = report.tally;
        assert_eq!((tally.accepted + tally.refused, tally.delivered), (2_000, 0), "{tally:?}");
        assert_sum(&tally);
    }
}

#[test]
fn with_a_transport_that_blocks_its_thread() {
    if !alone("pace::with_a_transport_that_blocks_its_thread") {
        return;
    }
    let held = Held::new(None);
    let emitter = Emitter::new(client(Arc::new(held.clone())), Mode::thread().within(LIMIT));
    thousand_calls(&emitter);
    let memory = resident();
    thousand_calls(&emitter);
    let stats = emitter.stats();
    assert_eq!((stats.threads, stats.left_behind, our_threads().len()), (4, 4, 4));
    assert_eq!((stats.events.tally.failed, stats.events.tally.refused), (4, 1_996));
    let grown = resident().saturating_sub(memory);
    assert!(grown < SPARE, "{grown} bytes more");
    held.release();
    eventually("the threads to end", || our_threads().is_empty());
    assert_eq!(emitter.stats().events.late, 4);
    assert_sum(&emitter.shutdown(LONG).unwrap().tally);
}

#[test]
fn when_it_only_submits() {
    const ROOM: usize = 100;
    if !alone("pace::when_it_only_submits") {
        return;
    }
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let max_events = std::num::NonZeroUsize::new(ROOM).unwrap();
    let options = TaskOptions { max_events, overflow: Overflow::RejectNew, ..TaskOptions::default() };
    let emitter = over(&sink, Mode::Task(options));
    let mut memory = 0;
    for run in 0..1_000 {
        let (outcome, took) = timed(|| emitter.submit(event(run, 0)));
        assert!(took < SLACK, "{took:?}");
        match outcome {
            Ok(_) => assert!(run < ROOM),
            Err(error) => assert_eq!(*error.kind(), EmitErrorKind::QueueFull { capacity: ROOM }),
        }
        if run == ROOM {
            memory = resident();
        }
    }
    let grown = resident().saturating_sub(memory);
    assert!(grown < SPARE, "{grown} bytes more");
    assert_eq!(our_threads().len(), 1);
    let tally = emitter.shutdown(Duration::ZERO).unwrap().tally;
    assert_eq!((tally.accepted, tally.abandoned, tally.refused), (100, 100, 900));
}

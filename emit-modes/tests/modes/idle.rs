//! What an emitter has while nothing happens. Each test runs in a process of its own.

use std::time::Duration;

use openlineage_core::testkit::{ScriptedSink, Sink};
use openlineage_emit_modes::Emitter;

use crate::alone::{alone, open_files, our_threads, resident};
use crate::case::{LONG, assert_fates, event, eventually, modes, over, pause};

#[test]
fn making_an_emitter_starts_nothing() {
    if !alone("idle::making_an_emitter_starts_nothing") {
        return;
    }
    let (sink, files) = (ScriptedSink::new(), open_files());
    let emitters: Vec<Emitter> = modes(LONG).into_iter().map(|mode| over(&sink, mode)).collect();
    assert_eq!((our_threads().len(), open_files(), sink.log().open), (0, files, 0));
    for emitter in emitters {
        assert_eq!(emitter.stats(), openlineage_emit_modes::EmitterStats::default());
        assert_fates(&emitter, [0, 0, 0, 0]);
    }
    assert_eq!(our_threads().len(), 0);
}

#[test]
fn four_hundred_events_leave_what_one_leaves() {
    if !alone("idle::four_hundred_events_leave_what_one_leaves") {
        return;
    }
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        assert!(emitter.emit(event(0, 0)).is_ok());
        eventually("one thread, the worker's", || our_threads().len() == 1);
        let files = open_files();
        for run in 1..=400 {
            assert!(emitter.emit(event(run, 0)).is_ok());
        }
        eventually("one thread again", || our_threads().len() == 1);
        assert_eq!((open_files(), sink.log().starts, sink.log().open), (files, 1, 1));
        assert_fates(&emitter, [401, 401, 0, 0]);
        eventually("no thread of ours", || our_threads().is_empty());
    }
}

#[test]
fn an_idle_emitter_does_not_wake() {
    if !alone("idle::an_idle_emitter_does_not_wake") {
        return;
    }
    for mode in modes(LONG) {
        let sink = ScriptedSink::new();
        let emitter = over(&sink, mode);
        assert!(emitter.emit(event(0, 0)).is_ok());
        // The blocking threads of the worker end 50 ms after their last task.
        pause(Duration::from_millis(150));
        let before = our_threads();
        pause(Duration::from_secs(1));
        for (thread, switches) in our_threads() {
            assert!(switches <= before[&thread] + 2, "a thread woke {} times", switches - before[&thread]);
        }
        assert_fates(&emitter, [1, 1, 0, 0]);
    }
}

#[test]
fn fifty_emitters_come_and_go() {
    const SPARE: u64 = 1024 * 1024;
    if !alone("idle::fifty_emitters_come_and_go") {
        return;
    }
    let life = |mode| {
        let emitter = over(&ScriptedSink::new(), mode);
        (0..20).for_each(|run| assert!(emitter.emit(event(run, 0)).is_ok()));
        assert_fates(&emitter, [20, 20, 0, 0]);
    };
    for _warm_up in 0..3 {
        modes(LONG).into_iter().for_each(life);
    }
    eventually("no thread of ours", || our_threads().is_empty());
    let (files, memory) = (open_files(), resident());
    (0..50).for_each(|number| life(modes(LONG)[number % 3].clone()));
    eventually("no thread of ours", || our_threads().is_empty());
    assert_eq!(open_files(), files);
    let grown = resident().saturating_sub(memory);
    assert!(grown < SPARE, "{grown} bytes more");
}

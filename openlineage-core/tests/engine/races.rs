//! First emits from many threads, and emits against close and drop.

use std::sync::{Arc, Barrier};
use std::thread;

use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::{Deadline, Ended};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;

use crate::{LONG, assert_settled, direct, event, long};

#[test]
fn a_crowd_of_first_events_is_one_start_each_time() {
    for round in 0..100 {
        let sink = ScriptedSink::new();
        let (transport, barrier) = (direct(&sink), Barrier::new(32));
        thread::scope(|scope| {
            for number in 0..32 {
                let (transport, barrier) = (&transport, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let _ack = blocking::emit(transport, event(number), long()).unwrap();
                });
            }
        });
        assert_eq!((sink.log().starts, sink.log().attempts.len()), (1, 32), "round {round}");
        assert!(blocking::close(&transport, long()).unwrap().is_clean());
    }
}

/// The first events race with close: no started transport may be taken for one that never started.
#[test]
fn first_events_against_close() {
    for seed in 0..600 {
        let sink = ScriptedSink::new();
        let (transport, barrier) = (direct(&sink), Barrier::new(4));
        let mut random = fastrand::Rng::with_seed(seed);
        let delivered: u64 = thread::scope(|scope| {
            let emitters: Vec<_> = (0..3)
                .map(|number| {
                    let (transport, barrier) = (&transport, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        match blocking::emit(transport, event(number), long()) {
                            Ok(_) => 1,
                            Err(error) => {
                                assert_eq!(*error.kind(), EmitErrorKind::Closed, "seed {seed}");
                                assert!(!error.accepted());
                                0
                            }
                        }
                    })
                })
                .collect();
            barrier.wait();
            (0..random.u32(0..400)).for_each(|_| std::hint::spin_loop());
            let report = blocking::close(&transport, long()).unwrap();
            assert_eq!(report.ended, Ended::Drained, "seed {seed}: {report:?}");
            emitters.into_iter().map(|emitter| emitter.join().unwrap()).sum()
        });
        assert_settled(&transport);
        assert_eq!(transport.stats().tally.delivered, delivered, "seed {seed}");
        assert_eq!(sink.log().arrived().count() as u64, delivered, "seed {seed}");
        let gone = sink.wait(&mut |log| log.open == 0, LONG);
        assert!(gone, "seed {seed}: a connection outlives the close");
    }
}

/// Closes with hardly any time while events come and the sink wavers: everything returns and the sum holds.
#[test]
fn hurried_closes() {
    for seed in 0..150 {
        let sink = ScriptedSink::new();
        let (transport, mut random) = (direct(&sink), fastrand::Rng::with_seed(seed));
        sink.script(&[Answer::Accept, Answer::Permanent, Answer::Accept], Answer::Stall);
        thread::scope(|scope| {
            for number in 0..6 {
                let transport = &transport;
                scope.spawn(move || blocking::emit(transport, event(number), long()).is_ok());
            }
            sink.wait(&mut |log| log.attempts.len() >= 4, LONG);
            for _ in 0..3 {
                let until = Deadline::after(std::time::Duration::from_micros(random.u64(0..3000)));
                let transport = &transport;
                scope.spawn(move || blocking::close(transport, until).unwrap().ended);
            }
        });
        assert_settled(&transport);
        let tally = transport.stats().tally;
        assert_eq!((tally.delivered, tally.failed), (2, 1), "seed {seed}: {tally:?}");
    }
}

/// Dropped with events under way, round after round: the connection goes each time.
#[test]
fn drops_in_mid_flight() {
    for _ in 0..100 {
        let sink = ScriptedSink::new();
        let transport = direct(&sink);
        sink.script(&[], Answer::Stall);
        let mut emit = transport.emit(event(1), long());
        while sink.log().attempts.is_empty() {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(emit.as_mut().poll(&mut cx).is_pending());
            thread::yield_now();
        }
        drop(emit);
        drop(Arc::into_inner(transport));
        assert!(sink.wait(&mut |log| log.open == 0, LONG), "the connection outlives the transport");
    }
}

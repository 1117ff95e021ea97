//! Runtimes that the host owns and ends when it likes.

use std::sync::Arc;
use std::thread;

use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::State;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;
use tokio::runtime::Builder;

use crate::{LONG, assert_settled, event, long, over};

/// Ends the runtime while events start, travel and are answered.
#[test]
fn a_runtime_that_ends_in_mid_flight_leaves_nobody_waiting() {
    for seed in 0..100 {
        let sink = ScriptedSink::new();
        let mut random = fastrand::Rng::with_seed(seed);
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let lent = Runtime::on(runtime.handle().clone());
        let transport = Arc::new(over(sink.deliver("")).runtime(lent).build());
        let then = if random.bool() { Answer::Accept } else { Answer::Stall };
        sink.script(&[Answer::Accept, Answer::Accept], then);
        thread::scope(|scope| {
            for number in 0..4 {
                let transport = &transport;
                scope
                    .spawn(move || (0..4).for_each(|n| drop(blocking::emit(transport, event(number * 4 + n), long()))));
            }
            let enough = random.usize(0..3);
            sink.wait(&mut |log| log.attempts.len() >= enough, LONG);
            runtime.shutdown_background();
        });
        let report = blocking::close(&transport, long()).unwrap();
        assert_settled(&transport);
        assert!(report.tally.delivered <= sink.log().arrived().count() as u64, "seed {seed}");
        assert!(sink.wait(&mut |log| log.open == 0, LONG), "seed {seed}: a connection outlives its runtime");
    }
}

#[test]
fn the_facade_refuses_to_wait_on_the_thread_that_drives_a_lent_runtime() {
    let sink = ScriptedSink::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let transport = Arc::new(over(sink.deliver("")).runtime(Runtime::on(runtime.handle().clone())).build());
    runtime.block_on(async {
        let error = blocking::emit(&transport, event(1), long()).unwrap_err();
        assert_eq!(*error.kind(), EmitErrorKind::WouldDeadlock);
        assert!(!error.accepted());
        let _ack = transport.emit(event(2), long()).await.unwrap();
        assert!(blocking::flush(&transport, long()).unwrap().settled, "nothing is pending, so nothing is waited for");
        assert_eq!(*blocking::close(&transport, long()).unwrap_err().kind(), EmitErrorKind::WouldDeadlock);
        assert_eq!(transport.state(), State::Active);
        assert!(transport.close(long()).await.is_clean());
    });
    assert_eq!(sink.log().arrived().count(), 1);
}

#[test]
fn the_facade_is_legal_on_the_threads_of_another_runtime() {
    let sink = ScriptedSink::new();
    let transport = Arc::new(over(sink.deliver("")).runtime(Runtime::dedicated("openlineage-own")).build());
    let host = Builder::new_current_thread().enable_all().build().unwrap();
    host.block_on(async {
        let _ack = blocking::emit(&transport, event(1), long()).unwrap();
        assert!(blocking::close(&transport, long()).unwrap().is_clean());
    });
}

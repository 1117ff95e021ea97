//! Calls on the very runtime that they would wait for, and runtimes that end.

use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::Fate;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Ack;
use openlineage_emit_modes::{Mode, TaskOptions};
use tokio::runtime::Builder;

use crate::case::{LONG, SLACK, assert_fates, event, modes, numbers, over, over_with, timed};

fn host() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn waiting_on_the_runtime_that_has_to_work_is_refused() {
    let host = host();
    let lent = Runtime::on(host.handle().clone());
    let task = Mode::Task(TaskOptions { runtime: lent.clone(), ..TaskOptions::default() });
    for mode in [Mode::inline(), task] {
        let emitter = over_with(&ScriptedSink::new(), mode, RetryPolicy::never(), lent.clone());
        let (outcome, took) = timed(|| host.block_on(async { emitter.emit(event(1, 0)) }));
        assert_eq!(*outcome.unwrap_err().kind(), EmitErrorKind::WouldDeadlock);
        assert!(took < SLACK, "{took:?}");
        assert!(host.block_on(emitter.emit_async(event(1, 1))).unwrap().is_some());
        let report = host.block_on(emitter.shutdown_async(LONG)).unwrap();
        assert_eq!((numbers(&report.tally), report.tally.refused), ([1, 1, 0, 0], 1));
    }
}

#[test]
fn on_the_worker_only_waiting_is_refused() {
    let runtime = Runtime::dedicated("openlineage-mine");
    let lease = runtime.lease().unwrap();
    for mode in modes(LONG) {
        let mode = match mode {
            Mode::Task(options) => Mode::Task(TaskOptions { runtime: runtime.clone(), ..options }),
            other => other,
        };
        let is_task = matches!(mode, Mode::Task(_));
        let emitter = over_with(&ScriptedSink::new(), mode, RetryPolicy::never(), runtime.clone());
        let (send, told) = std::sync::mpsc::channel();
        let called = emitter.clone();
        drop(lease.spawn(async move {
            let emitted = called.emit(event(1, 0)).map(drop).map_err(|error| error.kind().clone());
            let submitted = called.submit(event(1, 1)).is_ok();
            send.send((emitted, submitted)).unwrap();
        }));
        let (emitted, submitted) = told.recv_timeout(LONG).unwrap();
        assert_eq!(emitted, Err(EmitErrorKind::WouldDeadlock));
        let taken = u64::from(submitted);
        assert!(submitted || !is_task);
        assert_fates(&emitter, [taken, taken, 0, 0]);
    }
}

#[test]
fn a_runtime_that_ends_takes_its_events_with_it_and_says_so() {
    let host = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let runtime = Runtime::on(host.handle().clone());
    let emitter = over(&sink, Mode::Task(TaskOptions { runtime, ..TaskOptions::default() }));
    let tickets: Vec<_> = (0..100).map(|run| emitter.submit(event(run, 0)).unwrap()).collect();
    host.shutdown_background();
    let waiting = Builder::new_current_thread().build().unwrap();
    for ticket in tickets {
        let Ack::Queued(ticket) = ticket else { panic!("not queued") };
        assert_eq!(waiting.block_on(ticket).unwrap_err().fate(), Fate::Abandoned);
    }
    let tally = emitter.stats().events.tally;
    assert_eq!((numbers(&tally), tally.pending()), ([100, 0, 0, 100], 0));
    sink.script(&[], Answer::Accept);
    assert_fates(&emitter, [100, 0, 0, 100]);
}

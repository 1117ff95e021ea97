use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use openlineage_core::client::Client;
use openlineage_core::config::Environment;
use openlineage_core::engine::Direct;
use openlineage_core::error::{EmitError, EmitErrorKind};
use openlineage_core::lifecycle::{Deadline, Ended};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, TransportInfo};

use crate::case::event;

const SHORT: Duration = Duration::from_millis(50);
const SLACK: Duration = Duration::from_millis(250);

pub(crate) fn over(sink: &ScriptedSink, runtime: Runtime) -> Client {
    let direct = Direct::builder(TransportInfo::new("scripted"), sink.deliver(""));
    let transport = direct.retry(RetryPolicy::never()).runtime(runtime).build();
    Client::builder().transport(Arc::new(transport)).environment(Environment::default()).build().unwrap()
}

fn stalled() -> (ScriptedSink, Client) {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let client = over(&sink, Runtime::shared());
    (sink, client)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

fn assert_timed_out((outcome, took): (Result<Ack, EmitError>, Duration)) {
    assert_eq!(*outcome.unwrap_err().kind(), EmitErrorKind::Timeout);
    assert!(took < SHORT + SLACK, "{took:?}");
}

#[test]
fn limits_are_kept() {
    let (_sink, client) = stalled();
    let blocking = client.blocking();
    assert_timed_out(timed(|| blocking.emit_within(event(), SHORT)));
    assert_timed_out(timed(|| blocking.emit_until(event(), Deadline::after(SHORT))));
    assert_timed_out(timed(|| blocking.forward_within(event().encode().unwrap(), SHORT)));
    let (run, took) = timed(|| client.run("n", "j").start().within(SHORT).wait());
    assert!(run.start_error().is_some() && took < SHORT + SLACK, "{took:?}");
    assert_timed_out(timed(|| run.complete().within(SHORT).wait()));
    assert!(client.blocking().close_within(SHORT).is_ok());
}

#[test]
fn a_limit_counts_from_the_call_and_not_from_the_first_poll() {
    let (sink, client) = stalled();
    let called = client.emit_within(event(), Duration::ZERO);
    let (outcome, took) = timed(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(called)
    });
    assert_eq!(*outcome.unwrap_err().kind(), EmitErrorKind::Timeout);
    assert!(took < SLACK, "{took:?}");
    sink.script(&[], Answer::Accept);
    drop(client.blocking().close());
}

#[test]
fn flush_and_close_say_what_is_still_under_way() {
    let (sink, client) = stalled();
    let mut emitting = pin!(client.emit(event()));
    let polled = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.blocking().emit(event()));
        assert!(sink.wait(&mut |log| log.attempts.len() == 1, Duration::from_secs(10)));
        assert!(emitting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(!client.blocking().flush_within(SHORT).unwrap().settled);
        let report = client.blocking().close_within(SHORT).unwrap();
        assert_eq!((report.ended, report.tally.abandoned), (Ended::DeadlineReached, 2));
        waiting.join().unwrap()
    });
    assert_eq!(*polled.unwrap_err().kind(), EmitErrorKind::Closed);
}

#[test]
fn waiting_on_the_runtime_that_has_to_work_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = over(&ScriptedSink::new(), Runtime::on(runtime.handle().clone()));
    let run = runtime.block_on(async { client.run("n", "j").start().wait() });
    assert_eq!(*run.start_error().unwrap().kind(), EmitErrorKind::WouldDeadlock);
    let outcome = runtime.block_on(async { run.complete().wait() });
    assert_eq!(*outcome.unwrap_err().kind(), EmitErrorKind::WouldDeadlock);
    let ack = runtime.block_on(async { client.emit(event()).await });
    assert!(matches!(ack.unwrap(), Ack::Delivered(_)));
}

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::{Context, Waker};
use std::time::Duration;

use openlineage_core::lifecycle::State;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use serde_json::Value;

use crate::case::{Case, with};
use crate::deadlines::over;

const LONG: Duration = Duration::from_secs(10);

/// What the sink has received, as soon as it is so much.
fn received(sink: &ScriptedSink, count: usize) -> Vec<Value> {
    assert!(sink.wait(&mut |log| log.attempts.len() >= count, LONG), "{:?}", sink.log());
    sink.log().attempts.iter().map(|attempt| serde_json::from_slice(&attempt.body).unwrap()).collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["eventType"].as_str().unwrap()).collect()
}

fn closed(case: &Case) -> Vec<Value> {
    let report = case.blocking().close().unwrap();
    assert!(report.is_clean(), "{report:?}");
    case.all()
}

#[test]
fn a_dropped_run_is_aborted_and_the_close_that_follows_waits_for_it() {
    let case = with([]);
    drop(case.client.run("n", "j").start().wait());
    assert_eq!(types(&closed(&case)), ["START", "ABORT"]);
}

#[test]
fn a_run_that_a_panic_drops_has_failed() {
    let case = with([]);
    let run = case.client.run("n", "j").start().wait();
    // Without the panic hook, which would print a trace into every test run.
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _run = run;
        resume_unwind(Box::new("over the edge"));
    }));
    assert!(unwound.is_err());
    let events = closed(&case);
    assert_eq!(types(&events), ["START", "FAIL"]);
    assert_eq!(events[1]["run"]["facets"]["errorMessage"]["message"], "panicked");
}

#[test]
fn a_run_that_has_ended_is_not_ended_again() {
    let case = with([]);
    let run = case.client.run("n", "j").start().wait();
    drop(run.complete().wait());
    assert_eq!(types(&closed(&case)), ["START", "COMPLETE"]);
}

#[test]
fn an_end_that_nobody_waits_for_was_never_said() {
    let case = with([]);
    drop(case.client.run("n", "j").start().wait().complete());
    assert_eq!(types(&closed(&case)), ["START", "ABORT"]);
}

#[test]
fn an_end_dropped_half_way_is_not_said_twice() {
    let sink = ScriptedSink::new();
    let client = over(&sink, Runtime::shared());
    let run = client.run("n", "j").start().wait();
    sink.script(&[], Answer::Stall);
    let mut ending = run.complete().into_future();
    assert!(ending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(ending);
    sink.script(&[], Answer::Accept);
    assert_eq!(client.blocking().close().unwrap().tally.delivered, 2);
    assert_eq!(types(&received(&sink, 2)), ["START", "COMPLETE"]);
}

#[test]
fn dropping_does_not_wait_for_a_destination_that_hangs() {
    let sink = ScriptedSink::new();
    let client = over(&sink, Runtime::shared());
    let run = client.run("n", "j").start().wait();
    sink.script(&[], Answer::Stall);
    drop(run);
    assert_eq!(client.stats().tally.pending(), 1, "accepted before the drop returned");
    sink.script(&[], Answer::Accept);
    assert_eq!(types(&received(&sink, 2)), ["START", "ABORT"]);
    assert!(client.blocking().close().unwrap().is_clean());
}

/// Nothing has started the transport yet, so the worker has to.
#[test]
fn the_worker_goes_on_where_the_drop_would_have_to_wait() {
    let sink = ScriptedSink::new();
    sink.fail_start();
    let client = over(&sink, Runtime::shared());
    let run = client.run("n", "j").start().wait();
    assert!(run.start_error().is_some());
    drop(run);
    assert_eq!(types(&received(&sink, 1)), ["ABORT"]);
    assert!(client.blocking().close().unwrap().is_clean());
}

#[test]
fn a_run_may_be_dropped_after_its_client_was_closed() {
    let case = with([]);
    let run = case.client.run("n", "j").start().wait();
    assert_eq!(types(&closed(&case)), ["START"]);
    drop(run);
    assert_eq!(case.client.stats().tally.refused, 1);
}

#[test]
fn a_start_dropped_half_way_is_a_run_that_was_dropped() {
    let case = with([]);
    case.sent(crate::case::event());
    let mut starting = case.client.run("n", "j").start().into_future();
    assert!(starting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(starting);
    assert_eq!(types(&closed(&case)), ["START", "START", "ABORT"]);
}

/// A file, because a child's memory is its own.
#[cfg(target_os = "linux")]
#[test]
fn a_forked_child_neither_ends_nor_closes_what_is_its_parents() {
    use openlineage_core::testkit::fork::fork_and;

    if !crate::case::alone("dropped::a_forked_child_neither_ends_nor_closes_what_is_its_parents") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let client = appending(&path);
    let mut guard = Some(openlineage_core::client::init(LONG).closing(&client));
    let mut run = Some(client.run("n", "j").start().wait());
    let child = fork_and(|| {
        drop((run.take(), guard.take()));
        u8::from(client.transport().state() != State::New)
    });
    assert_eq!(child.unwrap().wait(LONG).unwrap(), Some(0));
    let _ack = run.take().unwrap().complete().wait().unwrap();
    drop(guard);
    let text = std::fs::read_to_string(&path).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(types(&events), ["START", "COMPLETE"]);
    assert_eq!((client.transport().state(), client.stats().tally.delivered), (State::Closed, 2));
}

#[cfg(target_os = "linux")]
fn appending(path: &std::path::Path) -> openlineage_core::client::Client {
    use openlineage_core::config::{Environment, Loader};

    let transport = serde_json::json!({"type": "file", "log_file_path": path, "append": true}).to_string();
    let environment = Environment::of([("OPENLINEAGE__TRANSPORT", transport)]);
    let settings = Loader::new(environment.clone()).load().unwrap().settings;
    openlineage_core::client::Client::builder().settings(settings).environment(environment).build().unwrap()
}

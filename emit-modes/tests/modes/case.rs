//! Emitters over sinks that the tests control, and the events they get.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use openlineage_core::client::Client;
use openlineage_core::config::Environment;
use openlineage_core::engine::Direct;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Tally;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::ScriptedSink;
use openlineage_core::transport::{Transport, TransportInfo};
use openlineage_emit_modes::{Emitter, Mode};

/// A limit that a test does not mean to reach.
pub(crate) const LONG: Duration = Duration::from_secs(10);
/// A limit that a test means to reach.
pub(crate) const SHORT: Duration = Duration::from_millis(200);
/// Added to every upper bound: what a loaded machine may need to wake a thread.
pub(crate) const SLACK: Duration = Duration::from_millis(250);

/// Every mode, with this time limit.
pub(crate) fn modes(limit: Duration) -> [Mode; 3] {
    [Mode::inline(), Mode::thread(), Mode::task()].map(|mode| mode.within(limit))
}

pub(crate) fn client(transport: Arc<dyn Transport>) -> Client {
    Client::builder().transport(transport).environment(Environment::default()).build().unwrap()
}

/// An emitter whose transport tries once.
pub(crate) fn over(sink: &ScriptedSink, mode: Mode) -> Emitter {
    over_with(sink, mode, RetryPolicy::never(), Runtime::shared())
}

pub(crate) fn over_with(sink: &ScriptedSink, mode: Mode, retry: RetryPolicy, runtime: Runtime) -> Emitter {
    let direct = Direct::builder(TransportInfo::new("scripted"), sink.deliver(""));
    Emitter::new(client(Arc::new(direct.retry(retry).runtime(runtime).build())), mode)
}

/// Event `number` of a run: the first is START, a hundredth COMPLETE.
pub(crate) fn event(run: usize, number: usize) -> EncodedEvent {
    let kind = match number {
        0 => "START",
        99 => "COMPLETE",
        _ => "RUNNING",
    };
    let json = format!(
        r#"{{"eventType":"{kind}","run":{{"runId":"0198b9a1-0000-7000-8000-{run:012x}"}},"job":{{"namespace":"n","name":"j"}},"n":{number}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

/// Waits for what gives no sign when it comes: the end of a thread, a count.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        pause(Duration::from_millis(2));
    }
}

/// Lets so much time pass, where the passing of time is what a test looks at.
pub(crate) fn pause(time: Duration) {
    let (never, signalled) = (Mutex::new(()), Condvar::new());
    drop(signalled.wait_timeout_while(never.lock().unwrap(), time, |()| true));
}

/// Shuts the emitter and demands these fates: accepted, delivered, failed, abandoned.
pub(crate) fn assert_fates(emitter: &Emitter, fates: [u64; 4]) {
    let report = emitter.shutdown(LONG).unwrap();
    assert_eq!(numbers(&report.tally), fates, "{report:?}");
    assert_eq!(emitter.stats().events.tally, report.tally);
    assert_sum(&report.tally);
}

pub(crate) fn assert_sum(tally: &Tally) {
    assert_eq!(tally.accepted, tally.delivered + tally.failed + tally.abandoned, "{tally:?}");
}

pub(crate) fn numbers(tally: &Tally) -> [u64; 4] {
    [tally.accepted, tally.delivered, tally.failed, tally.abandoned]
}

//! What becomes of accepted events that are not delivered: each passes the hook once, and a file keeps it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod file;
#[cfg(target_os = "linux")]
mod forked;
mod hooks;
mod losses;
mod many;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use openlineage_core::engine::{Direct, DirectBuilder};
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{ScriptedDeliver, ScriptedSink, Sink};
use openlineage_core::transport::{Transport, TransportInfo};
use openlineage_core::undelivered::{Lost, Undelivered};

/// A deadline that no test means to reach.
const LONG: Duration = Duration::from_secs(20);

fn long() -> Deadline {
    Deadline::after(LONG)
}

fn event(number: u64) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

fn over(sink: &ScriptedSink, hook: Arc<dyn Undelivered>) -> DirectBuilder<ScriptedDeliver> {
    let builder = Direct::builder(TransportInfo::new("lossy"), sink.deliver(""));
    builder.retry(RetryPolicy::never()).undelivered(hook)
}

/// Begins to emit `event` and comes back when the sink holds it.
fn held(sink: &ScriptedSink, transport: &dyn Transport, event: EncodedEvent) {
    let before = sink.log().held();
    let mut emit = transport.emit(event, long());
    while sink.log().held() == before {
        assert!(emit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        std::thread::yield_now();
    }
}

/// A hook that remembers what it heard.
#[derive(Debug, Default)]
struct Heard {
    lost: Mutex<Vec<Lost>>,
    changed: Condvar,
}

impl Undelivered for Heard {
    fn undelivered(&self, lost: &[Lost]) {
        assert!((1..=256).contains(&lost.len()));
        self.lost.lock().unwrap().extend_from_slice(lost);
        self.changed.notify_all();
    }
}

impl Heard {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn all(&self) -> Vec<Lost> {
        self.lost.lock().unwrap().clone()
    }

    /// Waits until so many events have come.
    fn wait(&self, count: usize) -> Vec<Lost> {
        let waited = self.changed.wait_timeout_while(self.lost.lock().unwrap(), LONG, |lost| lost.len() < count);
        let (lost, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "{} of {count} have come", lost.len());
        lost.clone()
    }

    /// How often each event was heard of.
    fn counts(&self) -> BTreeMap<Bytes, usize> {
        let mut counts = BTreeMap::new();
        for lost in self.all() {
            *counts.entry(lost.event.bytes().clone()).or_default() += 1;
        }
        counts
    }
}

/// Everything that can be seen of an error.
fn seen(error: &EmitError) -> String {
    format!("{error:?}")
}

//! The engine over destinations with a queue of their own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broker;
mod contract;
mod deadlines;
#[cfg(target_os = "linux")]
mod inherited;
mod renewal;
mod together;

use std::time::Duration;

use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;

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

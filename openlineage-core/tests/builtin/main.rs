//! The destinations of this crate: what they write, and that they keep the contract.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod file;
mod transform;

use std::time::Duration;

use openlineage_core::config::{ConfigError, Registry, TransportSpec};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Fresh, Transport, TransportSource};

/// A deadline that no test means to reach.
fn long() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

/// A START of the run with this number.
fn event(number: u64) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","eventTime":"2024-05-01T12:00:00Z","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}},"producer":"p","schemaURL":"s"}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

fn build(json: &str) -> Result<std::sync::Arc<dyn Transport>, ConfigError> {
    Fresh.get(&TransportSpec::from_json(json)?, &Registry::builtin())
}

fn refusal(json: &str) -> String {
    build(json).unwrap_err().to_string()
}

//! Datadog's transport against a server that answers by script.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod contract;
#[cfg(target_os = "linux")]
mod drills;
mod footprint;
mod order;
mod requests;
mod routing;
mod secrets;
#[path = "../../../transport-http/tests/sink/mod.rs"]
mod sink;
mod support;

//! The queue over HTTP, against a server that answers by script.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod away;
mod closing;
mod config;
mod connections;
mod contract;
#[cfg(target_os = "linux")]
mod drills;
mod faults;
mod pauses;
#[path = "../sink/mod.rs"]
mod sink;
mod support;

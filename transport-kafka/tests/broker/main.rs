//! The transport against one real Apache Kafka broker, started by `cargo xtask test`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../real/mod.rs"]
mod real;

mod delivery;
mod faults;
mod refusals;

//! The transport over a cluster that librdkafka plays: no server, no network.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cluster;
mod config;
mod contract;
mod gate;
mod lending;
mod mock;

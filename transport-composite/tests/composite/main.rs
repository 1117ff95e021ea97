//! The composite: what its legs do, and what it makes of that.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod breaker;
mod config;
mod ends;
mod oracle;
mod queues;
mod support;
mod table;
mod withdrawn;

//! The transport against a server that answers by script.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod connections;
mod deadlines;
mod footprint;
mod gzip;
mod names;
mod proxies;
mod redirects;
mod retries;
mod secrets;
mod statuses;
mod support;
mod tls;
mod undelivered;

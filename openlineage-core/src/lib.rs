//! The parts every OpenLineage transport shares: the event model, the transport contract, its lifecycle, the one
//! worker and the one retry loop.
#![cfg_attr(not(feature = "testkit"), forbid(unsafe_code))]

pub mod blocking;
pub mod builtin;
pub mod client;
pub mod config;
pub mod engine;
pub mod error;
pub mod event;
pub mod facets;
pub mod lifecycle;
pub mod model;
pub mod retry;
pub mod runtime;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod transport;

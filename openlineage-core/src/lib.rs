//! The parts every OpenLineage transport shares: the event model, the transport contract, its life cycle, the one
//! worker and the one retry loop.
//!
//! Programs that emit events usually depend on the facade `openlineage`, which gathers this crate and the transports.
//! Depend on this one to write a transport, or to hand events to one that you are given.
//!
//! | to | look at |
//! | --- | --- |
//! | build events | [`model`], [`facets`] |
//! | send what is JSON already | [`event::EncodedEvent::from_json`] |
//! | emit, flush, close | [`transport::Transport`], or [`blocking`] without async |
//! | understand an error or a report | [`error::EmitError`], [`lifecycle::CloseReport`] |
//! | write a destination | [`engine::Deliver`], and `testkit` to prove it |
//! | build transports from configuration | [`config::Registry`] |
//! | keep what could not be delivered | [`undelivered::UndeliveredFile`] |
//! | get tokens that grow old | [`auth::TokenProvider`] |
//! | decide where the work runs | [`runtime::Runtime`] |
//!
//! Constructing any value of this crate starts nothing: no thread, no file, no socket.
#![cfg_attr(not(feature = "testkit"), forbid(unsafe_code))]

pub mod auth;
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
pub mod queue;
pub mod retry;
pub mod runtime;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod transport;
pub mod undelivered;

//! Several transports as one: kind `composite`.
//!
//! A composite hands each event to its *legs*, the same bytes to each, by one of four policies:
//!
//! | `continue_on_failure` | `continue_on_success` | what happens | delivered when |
//! | --- | --- | --- | --- |
//! | true | true | all legs at once (the default) | any leg has delivered |
//! | true | false | in order, until one has delivered: a primary and its fallbacks | any leg has delivered |
//! | false | true | in order, until one has failed | all legs have delivered |
//! | false | false | the first leg alone | it has delivered |
//!
//! Delivered means acknowledged by the destination. A leg that queues has not delivered when it has taken the event on:
//! where the next step depends on it, the composite waits for the event's fate. The Python client takes "did not raise"
//! for success, so that its fallback is never used behind a leg that queues.
//!
//! A leg may be a composite, a `transform`, or any other kind: it is built through the registry like any transport.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use openlineage_core::builtin::Memory;
//! use openlineage_transport_composite::CompositeTransport;
//!
//! let (primary, fallback) = (Memory::new(), Memory::new());
//! let transport = CompositeTransport::builder()
//!     .named_leg("primary", Arc::new(primary.transport()))
//!     .named_leg("fallback", Arc::new(fallback.transport()))
//!     .continue_on_success(false)
//!     .leg_timeout(Duration::from_secs(3))
//!     .build();
//! ```
#![forbid(unsafe_code)]

mod breaker;
mod builder;
mod cache;
mod config;
mod errors;
mod fence;
mod leg;
mod life;
mod plan;
mod policy;
mod session;
mod transport;

pub use breaker::CircuitBreaker;
pub use builder::CompositeBuilder;
pub use cache::{Retain, TransportCache};
pub use config::CompositeFactory;
pub use errors::LegErrors;
pub use transport::CompositeTransport;

//! What can go wrong with one event, and what a caller may conclude from it.
//!
//! Three types, from the wire inwards: a destination returns a [`Fault`] for one attempt; the engine turns faults,
//! retries and deadlines into one [`EmitError`] for the event; building something from configuration fails with a
//! [`ConfigError`](crate::config::ConfigError) and never with one of these.

mod emit;
mod fault;
mod kind;

pub use emit::EmitError;
pub use fault::{Fault, Sent};
pub use kind::{Disposition, EmitErrorKind};

/// An error of any type, as a cause below one of ours.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

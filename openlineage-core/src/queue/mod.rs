//! The queue of [`Queued`](crate::engine::Queued): what it takes on, and in which order it lets go of it.
//!
//! # Lanes
//!
//! Events of one run leave in the order in which they were accepted, one after the other: the next one starts when the
//! one before it has met its fate, whichever that is. Runs do not wait for each other. Job and dataset events form lanes
//! by their own names.
//!
//! # Attempts that fail
//!
//! | because of | what waits | for |
//! | --- | --- | --- |
//! | the event (500, a time-out) | its lane | the pause of the [retry policy](crate::retry::RetryPolicy) |
//! | the destination ([`Unreachable`], [`Throttled`], [`Unavailable`] with code 503) | all lanes | the same pause, counted in failures of the destination in a row, or the one it asked for |
//!
//! A lane that waits holds none of the places for events under way. After a pause of the destination one event goes out;
//! when it is answered one more may be under way with each answer, up to the limit. Events that only wait spend none of
//! their attempts.
//!
//! # Room
//!
//! Bounded in events and in bytes ([`Limits`]). An event takes up room from its acceptance to its fate.
//!
//! [`Throttled`]: crate::error::EmitErrorKind::Throttled
//! [`Unavailable`]: crate::error::EmitErrorKind::Unavailable
//! [`Unreachable`]: crate::error::EmitErrorKind::Unreachable

mod destination;
mod lanes;
mod limits;
mod machine;
mod options;
mod slots;
mod timers;

pub use limits::{Limits, QueueStats, WhenFull};
pub(crate) use machine::{Expired, Machine, Offer, Place, Slot, Word};

#[cfg(test)]
mod tests;

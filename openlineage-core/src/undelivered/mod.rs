//! What becomes of events that were taken on and will not be delivered: a hook of the host's, or a file to emit again.
//!
//! A transport that is given an [`Undelivered`] passes to it every accepted event that fails or is abandoned, once,
//! together with the error that the caller or the ticket of that event sees.
//!
//! ```
//! use openlineage_core::undelivered::{Lost, Undelivered};
//!
//! #[derive(Debug)]
//! struct Alarm;
//!
//! impl Undelivered for Alarm {
//!     fn undelivered(&self, lost: &[Lost]) {
//!         for Lost { event, error, .. } in lost {
//!             eprintln!("{:?} of {:?}: {error}", event.event_type(), event.run_id());
//!         }
//!     }
//! }
//! ```

mod file;
mod outlet;

use std::fmt;

pub use file::UndeliveredFile;
pub(crate) use outlet::Outlet;

use crate::error::EmitError;
use crate::event::EncodedEvent;

/// A host's hook for accepted events that will not be delivered. [`UndeliveredFile`] is a ready one.
///
/// # What is passed
///
/// **Each once.** Failed or abandoned, every accepted event of the transport, so that the events passed are as many as
/// the transport counts in [`failed`] and [`abandoned`]. Never a delivered one, and never one that was refused: that
/// one its caller still has. [`EmitError::sent`] says whether it may have arrived all the same.
///
/// There is one limit. If the hook is so slow that 10 000 events wait for it, those that are lost meanwhile are left
/// out, with a warning that says how many, until it catches up. What the end of the transport abandons always fits.
///
/// # When and where
///
/// Soon after the loss, in batches of at most 256, on a blocking thread of the transport's worker, and never twice at
/// the same time for one transport. It may block for a moment, to write a file for instance; there are four such threads
/// for all transports together, and they also look names up. A panic is caught and logged, and counts as passed.
///
/// # At the end
///
/// **Close** waits for the hook until its deadline, and where that has passed, up to 100 ms more. After that the hook
/// goes on in the background, and the worker stays for it. **Flush** does not wait. **Drop** passes what it abandons in
/// the background too: a process that exits at once loses it. If the runtime that the host lent has ended, the shared
/// worker runs the hook.
///
/// In a **forked child** nothing of the parent's is passed. The hook itself is then shared by both processes, each with
/// its own copy of it.
///
/// [`failed`]: crate::lifecycle::Tally::failed
/// [`abandoned`]: crate::lifecycle::Tally::abandoned
pub trait Undelivered: fmt::Debug + Send + Sync + 'static {
    /// Hears of events that are lost, at least one, in the order in which they were.
    fn undelivered(&self, lost: &[Lost]);
}

/// An accepted event that will not be delivered.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Lost {
    /// The event as it was handed over to the destination.
    pub event: EncodedEvent,
    /// Why, with the fate Failed or Abandoned; the error that its caller or its ticket got.
    pub error: EmitError,
}

impl Lost {
    /// An event and its error, for a test of a hook.
    #[must_use]
    pub fn new(event: EncodedEvent, error: EmitError) -> Self {
        Self { event, error }
    }
}

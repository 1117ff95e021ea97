use std::borrow::Cow;
use std::time::Duration;

use super::Ticket;
use crate::error::EmitError;

/// What handing over an event amounted to.
#[must_use]
#[non_exhaustive]
#[derive(Debug)]
pub enum Ack {
    /// The destination confirmed it.
    Delivered(Receipt),
    /// Taken on; the ticket resolves with the event's fate.
    Queued(Ticket),
    /// Nothing was to be done, on purpose: not accepted, not counted, and the reason says why.
    Skipped(Cow<'static, str>),
}

impl Ack {
    /// Waits for the event's fate: `Ok` means delivered, `None` that it was skipped.
    ///
    /// # Errors
    ///
    /// What became of a queued event that was not delivered.
    pub async fn fate(self) -> Result<Option<Receipt>, EmitError> {
        match self {
            Self::Delivered(receipt) => Ok(Some(receipt)),
            Self::Queued(ticket) => ticket.await.map(Some),
            Self::Skipped(_) => Ok(None),
        }
    }
}

/// What is known about a delivered event.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// How many times delivery was tried, the successful attempt included.
    pub attempts: u32,
    /// From acceptance to the acknowledgement.
    pub took: Duration,
    /// It went out although an earlier event of its run was still under way, so the destination may have them in another
    /// order.
    pub reordered: bool,
}

impl Receipt {
    /// Delivered with so many attempts in so much time.
    #[must_use]
    pub fn new(attempts: u32, took: Duration) -> Self {
        Self { attempts, took, reordered: false }
    }

    /// The same for an event that did not wait for the one before it.
    #[must_use]
    pub fn out_of_order(mut self) -> Self {
        self.reordered = true;
        self
    }
}

use std::borrow::Cow;
use std::sync::Arc;
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
#[derive(Clone, Debug)]
pub struct Receipt {
    /// How many times delivery was tried, the successful attempt included.
    pub attempts: u32,
    /// From acceptance to the acknowledgement.
    pub took: Duration,
    /// It went out although an earlier event of its run was still under way, so the destination may have them in another
    /// order.
    pub reordered: bool,
    /// Of a transport with several legs: what became of the event at each, in the order in which they are tried.
    pub legs: Vec<LegReceipt>,
}

impl Receipt {
    /// Delivered with so many attempts in so much time.
    #[must_use]
    pub fn new(attempts: u32, took: Duration) -> Self {
        Self { attempts, took, reordered: false, legs: Vec::new() }
    }

    /// The same for an event that did not wait for the one before it.
    #[must_use]
    pub fn out_of_order(mut self) -> Self {
        self.reordered = true;
        self
    }

    /// The same with what became of the event at each leg.
    #[must_use]
    pub fn with_legs(mut self, legs: Vec<LegReceipt>) -> Self {
        self.legs = legs;
        self
    }
}

/// What became of an event at one leg of a composite.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct LegReceipt {
    /// Name of the leg, or its kind where it has none.
    pub leg: Arc<str>,
    /// What became of it there.
    pub fate: LegFate,
}

impl LegReceipt {
    /// An event's fate at the leg of this name.
    #[must_use]
    pub fn new(leg: impl Into<Arc<str>>, fate: LegFate) -> Self {
        Self { leg: leg.into(), fate }
    }
}

/// The fates an event can meet at one leg.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum LegFate {
    /// The destination confirmed it.
    Delivered(Receipt),
    /// It was refused, failed or was abandoned there: [`EmitError::fate`] says which.
    Lost(EmitError),
    /// The leg has taken it on, and what became of it was not known yet: it may still be delivered.
    Open,
    /// The leg had nothing to do with it, on purpose.
    Skipped(Cow<'static, str>),
    /// Its turn did not come.
    Untried,
}

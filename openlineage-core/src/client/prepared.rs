use std::borrow::Cow;

use crate::event::EncodedEvent;
use crate::transport::Ack;

/// An event as a client would hand it to its transport.
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "an event goes out or it does not")]
#[derive(Debug)]
pub enum Prepared {
    /// To be handed over.
    Ready(EncodedEvent),
    /// Left out, on purpose, and why.
    Skipped(Cow<'static, str>),
}

impl Prepared {
    /// Of what a client that sends nothing answers.
    pub(super) fn skipped(ack: Ack) -> Self {
        match ack {
            Ack::Skipped(reason) => Self::Skipped(reason),
            Ack::Delivered(_) | Ack::Queued(_) => Self::Skipped("nothing is sent".into()),
        }
    }
}

use std::error::Error;
use std::fmt;

use super::{BoxError, Disposition, EmitErrorKind};

/// Can bytes of the event have reached the destination?
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// Nothing left this process: sending again cannot make a copy.
    No,
    /// Something was sent and no answer settled it: sending again may make a copy.
    Maybe,
}

/// Why one attempt failed, as a destination reports it to its engine.
///
/// A destination classifies; the engine decides about retries, deadlines and counts.
///
/// ```
/// use openlineage_core::error::{Disposition, EmitErrorKind, Fault, Sent};
///
/// let fault = Fault::new(EmitErrorKind::Unavailable { code: 503 });
/// assert_eq!(fault.disposition(), Disposition::Transient { after: None });
///
/// let refused = Fault::new(EmitErrorKind::Unreachable).sent(Sent::No);
/// assert_eq!(refused.was_sent(), Sent::No);
/// ```
#[derive(Debug)]
pub struct Fault {
    kind: EmitErrorKind,
    sent: Sent,
    disposition: Disposition,
    source: Option<BoxError>,
}

impl Fault {
    /// A fault with the disposition of its kind and [`Sent::Maybe`], the cautious answer.
    #[must_use]
    pub fn new(kind: EmitErrorKind) -> Self {
        let disposition = kind.disposition();
        Self { kind, sent: Sent::Maybe, disposition, source: None }
    }

    /// Says whether something may have arrived.
    #[must_use]
    pub fn sent(mut self, sent: Sent) -> Self {
        self.sent = sent;
        self
    }

    /// Overrides whether a retry can help, where the destination knows better than the kind.
    #[must_use]
    pub fn with_disposition(mut self, disposition: Disposition) -> Self {
        self.disposition = disposition;
        self
    }

    /// Adds the cause. It must not contain credentials, nor a URL with a user or a query.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn kind(&self) -> &EmitErrorKind {
        &self.kind
    }

    /// Whether something may have arrived.
    #[must_use]
    pub fn was_sent(&self) -> Sent {
        self.sent
    }

    /// Whether a retry can help.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.disposition
    }

    pub(super) fn into_parts(self) -> (EmitErrorKind, Sent, Disposition, Option<BoxError>) {
        (self.kind, self.sent, self.disposition, self.source)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::{Disposition, EmitErrorKind, Fault, Sent};
use crate::lifecycle::Fate;
use crate::transport::TransportInfo;

/// Why an event was not accepted, or what became of it later. One word wide; cloning shares it.
///
/// It answers three questions: may the event be sent again without making a copy ([`accepted`](Self::accepted),
/// [`sent`](Self::sent)), can sending again help ([`disposition`](Self::disposition)), and is this transport finished
/// ([`is_terminal`](Self::is_terminal))?
///
/// `Display` names the transport and the kind; causes stand behind [`source`](Error::source), so print the chain:
///
/// ```
/// use std::error::Error;
/// use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
///
/// let error = EmitError::failed(Fault::new(EmitErrorKind::Rejected { code: 422 }).because("no run id"), 1);
/// assert_eq!(error.to_string(), "destination rejected the event (422)");
/// assert_eq!(error.source().unwrap().to_string(), "no run id");
/// ```
#[derive(Clone)]
pub struct EmitError(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: EmitErrorKind,
    fate: Fate,
    sent: Sent,
    disposition: Disposition,
    attempts: u32,
    transport: Option<TransportInfo>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl EmitError {
    /// The event was never taken on: nothing was sent and nothing will be.
    #[must_use]
    pub fn refused(kind: EmitErrorKind) -> Self {
        Self::from_fault(Fault::new(kind).sent(Sent::No), Fate::Refused, 0)
    }

    /// The event was never taken on, for a cause worth keeping.
    #[must_use]
    pub fn refused_by(fault: Fault) -> Self {
        Self::from_fault(fault.sent(Sent::No), Fate::Refused, 0)
    }

    /// The destination, the retry policy or the caller's own deadline ended it after `attempts` attempts.
    #[must_use]
    pub fn failed(fault: Fault, attempts: u32) -> Self {
        Self::from_fault(fault, Fate::Failed, attempts)
    }

    /// A close deadline, a fault, a drop or displacement ended it after `attempts` attempts.
    #[must_use]
    pub fn abandoned(fault: Fault, attempts: u32) -> Self {
        Self::from_fault(fault, Fate::Abandoned, attempts)
    }

    fn from_fault(fault: Fault, fate: Fate, attempts: u32) -> Self {
        let (kind, sent, disposition, source) = fault.into_parts();
        let source = source.map(Arc::from);
        Self(Arc::new(Inner { kind, fate, sent, disposition, attempts, transport: None, source }))
    }

    /// Names the transport in the message. Other clones of this error keep the name they have.
    #[must_use]
    pub fn at(mut self, transport: &TransportInfo) -> Self {
        Arc::make_mut(&mut self.0).transport = Some(transport.clone());
        self
    }

    /// Why.
    #[must_use]
    pub fn kind(&self) -> &EmitErrorKind {
        &self.0.kind
    }

    /// Which of the counts this event is in: failed, abandoned or refused, never delivered.
    #[must_use]
    pub fn fate(&self) -> Fate {
        self.0.fate
    }

    /// Was the event taken on? If not, sending it again cannot make a copy.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.0.fate != Fate::Refused
    }

    /// Can something have reached the destination?
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.0.sent
    }

    /// Can sending the same event again help?
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.0.disposition
    }

    /// How many times delivery was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The transport that says so, where it is known.
    #[must_use]
    pub fn transport(&self) -> Option<&TransportInfo> {
        self.0.transport.as_ref()
    }

    /// Is this transport finished, so that no event will be accepted again?
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self.0.kind, EmitErrorKind::Closed | EmitErrorKind::WorkerLost)
    }
}

impl fmt::Debug for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(transport) = &self.0.transport {
            write!(f, "{transport}: ")?;
        }
        write!(f, "{}", self.0.kind)?;
        match self.0.attempts {
            0 | 1 => Ok(()),
            attempts => write!(f, " after {attempts} attempts"),
        }
    }
}

impl Error for EmitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

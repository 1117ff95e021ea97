use std::error::Error;
use std::fmt;

use openlineage_core::error::{Disposition, EmitError, EmitErrorKind, Fault, Sent};
use openlineage_core::lifecycle::Fate;
use openlineage_core::transport::{LegFate, LegReceipt};

/// What the legs said of an event that the composite could not deliver: the cause of its error.
///
/// ```
/// use std::error::Error;
///
/// use openlineage_core::error::EmitError;
/// use openlineage_transport_composite::LegErrors;
///
/// fn legs(error: &EmitError) -> Option<&LegErrors> {
///     error.source()?.downcast_ref()
/// }
/// ```
#[derive(Debug)]
pub struct LegErrors(Vec<LegReceipt>);

impl LegErrors {
    /// What became of the event at each leg, in the order in which they are tried.
    #[must_use]
    pub fn legs(&self) -> &[LegReceipt] {
        &self.0
    }

    fn errors(&self) -> impl Iterator<Item = (&str, &EmitError)> {
        errors(&self.0)
    }
}

impl fmt::Display for LegErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (leg, error)) in self.errors().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            // An error that names its transport begins with the same words.
            match error.transport() {
                Some(transport) if transport.to_string() == leg => write!(f, "{separator}{error}")?,
                _ => write!(f, "{separator}{leg}: {error}")?,
            }
        }
        Ok(())
    }
}

impl Error for LegErrors {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.errors().find_map(|(_, error)| error.source())
    }
}

/// The error of an event of which its legs say this, at least one of them that it is lost.
///
/// It is the first leg's, of those that go on: one that is closed says nothing about the composite. It is accepted if
/// any leg had accepted it, may have been sent if any may have sent it, and is as hopeful as the most hopeful of them.
pub(crate) fn lost(legs: Vec<LegReceipt>) -> EmitError {
    let main = errors(&legs).find(|(_, error)| !error.is_terminal()).or_else(|| errors(&legs).next());
    let Some((_, main)) = main else { return EmitError::failed(Fault::new(EmitErrorKind::Faulted), 0) };
    let (kind, attempts) = (main.kind().clone(), main.attempts());
    let is_open = legs.iter().any(|leg| matches!(leg.fate, LegFate::Open | LegFate::Delivered(_)));
    let maybe = is_open || errors(&legs).any(|(_, error)| error.sent() == Sent::Maybe);
    let fate = errors(&legs).map(|(_, error)| error.fate()).find(|fate| *fate != Fate::Refused);
    let hope = errors(&legs).map(|(_, error)| error.disposition()).max_by_key(hopeful);
    let mut fault = Fault::new(kind).sent(if maybe { Sent::Maybe } else { Sent::No });
    if let Some(disposition) = hope {
        fault = fault.with_disposition(disposition);
    }
    let fault = fault.because(LegErrors(legs));
    match fate {
        None if !is_open => EmitError::refused_by(fault),
        Some(Fate::Abandoned) => EmitError::abandoned(fault, attempts),
        _ => EmitError::failed(fault, attempts),
    }
}

fn errors(legs: &[LegReceipt]) -> impl Iterator<Item = (&str, &EmitError)> {
    legs.iter().filter_map(|leg| match &leg.fate {
        LegFate::Lost(error) => Some((&*leg.leg, error)),
        _ => None,
    })
}

fn hopeful(disposition: &Disposition) -> u8 {
    match disposition {
        Disposition::Transient { .. } => 2,
        Disposition::Exhausted => 1,
        _ => 0,
    }
}

use crate::error::{EmitError, EmitErrorKind, Fault, Sent};
use crate::event::Stowed;
use crate::lifecycle::Permit;
use crate::retry::Spent;
use crate::transport::Settle;

/// One accepted event.
pub(super) struct Held {
    /// None while it is under way.
    pub(super) event: Option<Stowed>,
    pub(super) permit: Permit,
    pub(super) settle: Settle,
    pub(super) trouble: Option<Box<Trouble>>,
}

/// What went wrong with an event so far.
pub(super) struct Trouble {
    pub(super) spent: Spent,
    pub(super) last: Fault,
}

/// The fault of an event that is given up while no attempt is under way: it names the failure of the last one.
pub(super) fn given_up(kind: EmitErrorKind, trouble: Option<Box<Trouble>>) -> (Fault, u32) {
    match trouble {
        None => (Fault::new(kind).sent(Sent::No), 0),
        Some(trouble) => {
            (Fault::new(kind).sent(trouble.last.was_sent()).because(trouble.last), trouble.spent.attempts())
        }
    }
}

/// The same during an attempt.
pub(super) fn cut_off(kind: EmitErrorKind, trouble: Option<Box<Trouble>>) -> EmitError {
    let (fault, attempts) = given_up(kind, trouble);
    EmitError::abandoned(fault.sent(Sent::Maybe), attempts + 1)
}

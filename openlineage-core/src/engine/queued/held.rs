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

impl Held {
    /// By this it is told from another one that has had its slot before.
    pub(super) fn mark(&self) -> u32 {
        self.permit.number() as u32
    }

    /// Can nothing of it have reached the destination?
    pub(super) fn is_unsent(&self) -> bool {
        self.trouble.as_ref().is_none_or(|trouble| trouble.sent == Sent::No)
    }
}

/// What went wrong with an event so far.
pub(super) struct Trouble {
    pub(super) spent: Spent,
    /// Of all attempts.
    pub(super) sent: Sent,
    pub(super) last: Fault,
}

/// The fault of an event that is given up while no attempt is under way: it names the failure of the last one.
pub(super) fn given_up(kind: EmitErrorKind, trouble: Option<Box<Trouble>>) -> (Fault, u32) {
    match trouble {
        None => (Fault::new(kind).sent(Sent::No), 0),
        Some(trouble) => (Fault::new(kind).sent(trouble.sent).because(trouble.last), trouble.spent.attempts()),
    }
}

/// The same during an attempt.
pub(super) fn cut_off(kind: EmitErrorKind, trouble: Option<Box<Trouble>>) -> EmitError {
    let (fault, attempts) = given_up(kind, trouble);
    EmitError::abandoned(fault.sent(Sent::Maybe), attempts + 1)
}

use std::time::Instant;

use tokio::sync::oneshot;

use super::held::Held;
use crate::error::EmitError;
use crate::event::{EncodedEvent, Stowed};
use crate::lifecycle::Deadline;
use crate::queue::Slot;
use crate::runtime::Lease;
use crate::transport::{Outcome, TransportInfo};
use crate::undelivered::Outlet;

/// What is left to do once the queue's lock is free again.
#[derive(Default)]
#[must_use = "callers wait for what is told here"]
pub(super) struct Work {
    /// Attempts that begin now.
    pub(super) jobs: Vec<Job>,
    pub(super) keeper: Option<Keeper>,
    fates: Vec<(Held, Option<EncodedEvent>, Outcome)>,
    seats: Vec<(Seat, Result<(), EmitError>)>,
}

/// One attempt.
pub(super) struct Job {
    pub(super) slot: Slot,
    pub(super) event: EncodedEvent,
    /// When the event is given up.
    pub(super) until: Deadline,
}

/// Tells a caller in the line for room whether its event was accepted.
pub(super) type Seat = oneshot::Sender<Result<(), EmitError>>;

/// What has to happen to the task that waits for the next moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Keeper {
    Start,
    LookAgain,
}

impl Work {
    /// An event has met its fate.
    pub(super) fn settled(&mut self, held: Held, event: Option<EncodedEvent>, outcome: Outcome) {
        self.fates.push((held, event, outcome));
    }

    /// A caller hears whether its event was accepted.
    pub(super) fn seat(&mut self, seat: Seat, answer: Result<(), EmitError>) {
        self.seats.push((seat, answer));
    }

    /// Counts the fates and tells them, to the outlet first.
    pub(super) fn tell(self, info: &TransportInfo, outlet: &Outlet, lease: Option<&Lease>) {
        for (held, event, outcome) in self.fates {
            let Held { event: stowed, permit, settle, .. } = held;
            let outcome = permit.settle(outcome.map_err(|error| error.at(info)));
            if let Err(error) = &outcome
                && outlet.is_wanted()
            {
                let event = event.or_else(|| stowed.map(Stowed::event));
                if let Some(event) = event {
                    outlet.push(&event, error);
                }
            }
            settle.settle(outcome);
        }
        if let Some(lease) = lease {
            outlet.run(lease);
        }
        for (seat, answer) in self.seats {
            // Whoever does not listen any more has withdrawn.
            drop(seat.send(answer));
        }
    }
}

/// The moment the keeper waits for, `None` while there is none.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<Instant>);

impl Alarm {
    /// What has to happen now that `next` is the next moment at which there is something to do.
    pub(super) fn set(&mut self, next: Option<Instant>) -> Option<Keeper> {
        match (self.0, next) {
            (None, Some(_)) => {
                self.0 = next;
                Some(Keeper::Start)
            }
            (Some(known), Some(at)) if at < known => {
                self.0 = next;
                Some(Keeper::LookAgain)
            }
            (Some(_), None) => Some(Keeper::LookAgain),
            _ => None,
        }
    }

    /// The keeper has looked: it waits for `next`, or ends.
    pub(super) fn looked(&mut self, next: Option<Instant>) -> Option<Instant> {
        self.0 = next;
        next
    }
}

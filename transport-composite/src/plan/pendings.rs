use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault, Sent};
use openlineage_core::lifecycle::Permit;
use openlineage_core::transport::{LegFate, LegReceipt, Settle, Ticket, TransportInfo, Withdraw};

use super::Outcome;
use crate::policy::Verdict;
use crate::session::Shape;

/// Accepted events whose fate depends on what becomes of them at legs that queue.
#[derive(Default)]
pub(crate) struct Pendings(Mutex<Held>);

#[derive(Default)]
struct Held {
    is_over: bool,
    /// An event was lost with the worker of a leg.
    has_faulted: bool,
    next: u64,
    events: HashMap<u64, Pending>,
}

struct Pending {
    permit: Permit,
    settle: Settle,
    legs: Vec<LegReceipt>,
    /// Of the legs that have queued the event.
    tickets: Vec<Option<Ticket>>,
    began: Instant,
}

impl Pendings {
    /// Keeps an event, and gives it a number and a ticket, by which `keeper` gives it back.
    pub(super) fn hold(
        &self,
        permit: Permit,
        legs: Vec<LegReceipt>,
        began: Instant,
        keeper: Weak<dyn Withdraw>,
    ) -> (u64, Ticket) {
        let (settle, ticket) = Ticket::pair();
        let mut held = self.held();
        let number = held.next;
        held.next += 1;
        settle.withdrawn_by(keeper, number);
        // After the end nobody else would settle it; dropped, it is abandoned.
        if !held.is_over {
            held.events.insert(number, Pending { permit, settle, legs, tickets: Vec::new(), began });
        }
        (number, ticket)
    }

    /// Keeps the legs' tickets of an event, if it is still undecided.
    pub(super) fn keep(&self, number: u64, tickets: Vec<Option<Ticket>>) {
        if let Some(pending) = self.held().events.get_mut(&number) {
            pending.tickets = tickets;
        }
    }

    /// Takes an event back from the one leg that has it. `false` where it may arrive all the same.
    pub(crate) fn withdraw(&self, number: u64) -> bool {
        let taken = self.held().events.get_mut(&number).and_then(Pending::take_only_ticket);
        let Some((leg, ticket)) = taken else { return false };
        // Not under the lock: it tells what became of the event, which is learned here.
        if ticket.withdraw() {
            return true;
        }
        if let Some(pending) = self.held().events.get_mut(&number) {
            pending.tickets[leg] = Some(ticket);
        }
        false
    }

    /// A leg has told what became of an event there. Settles the event if that decides.
    pub(super) fn learn(&self, shape: &Shape, number: u64, leg: usize, outcome: &Outcome) {
        let mut held = self.held();
        // It may be decided already: by another leg, or by the end of the composite.
        let Some(pending) = held.events.get_mut(&number) else { return };
        pending.legs[leg].fate = match outcome {
            Ok(receipt) => LegFate::Delivered(receipt.clone()),
            Err(error) => LegFate::Lost(error.clone()),
        };
        let verdict = shape.policy.verdict(pending.legs.iter().map(|leg| &leg.fate));
        if verdict == Verdict::Open {
            return;
        }
        let decided = held.events.remove(&number);
        if let (Verdict::Lost, Err(error)) = (verdict, outcome) {
            held.has_faulted |= *error.kind() == EmitErrorKind::WorkerLost;
        }
        drop(held);
        if let Some(Pending { permit, settle: told, legs, began, .. }) = decided {
            let outcome = match verdict {
                Verdict::Delivered => Ok(shape.delivered(legs, began)),
                _ => Err(shape.lost(legs)),
            };
            told.settle(permit.settle(outcome));
        }
    }

    /// Has an event been lost with the worker of a leg?
    pub(crate) fn has_faulted(&self) -> bool {
        self.held().has_faulted
    }

    /// Gives all of them up.
    pub(crate) fn give_up(&self, info: &TransportInfo) {
        let mut held = self.held();
        held.is_over = true;
        let events = std::mem::take(&mut held.events);
        drop(held);
        for Pending { permit, settle: told, .. } in events.into_values() {
            let error = EmitError::abandoned(Fault::new(EmitErrorKind::Closed), 0).at(info);
            told.settle(permit.settle(Err(error)));
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// The ticket of the one leg that has the event, if nothing of it can have reached the others.
    fn take_only_ticket(&mut self) -> Option<(usize, Ticket)> {
        let may_have_it = |fate: &LegFate| match fate {
            LegFate::Lost(error) => error.sent() == Sent::Maybe,
            LegFate::Open | LegFate::Delivered(_) => true,
            _ => false,
        };
        let mut having = (0..self.legs.len()).filter(|leg| may_have_it(&self.legs[*leg].fate));
        let leg = having.next().filter(|_| having.next().is_none())?;
        Some((leg, self.tickets.get_mut(leg)?.take()?))
    }
}

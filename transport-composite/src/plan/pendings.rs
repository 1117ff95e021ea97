use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::lifecycle::Permit;
use openlineage_core::transport::{LegFate, LegReceipt, Settle, Ticket, TransportInfo};

use super::Outcome;
use crate::policy::Verdict;
use crate::session::Shape;

/// Accepted events whose fate depends on what becomes of them at legs that queue.
#[derive(Default)]
pub(crate) struct Pendings(Mutex<Held>);

#[derive(Default)]
struct Held {
    is_over: bool,
    next: u64,
    events: HashMap<u64, Pending>,
}

struct Pending {
    permit: Permit,
    settle: Settle,
    legs: Vec<LegReceipt>,
    began: Instant,
}

impl Pendings {
    /// Keeps an event, and gives it a number and a ticket.
    pub(super) fn hold(&self, permit: Permit, legs: Vec<LegReceipt>, began: Instant) -> (u64, Ticket) {
        let (settle, ticket) = Ticket::pair();
        let mut held = self.held();
        let number = held.next;
        held.next += 1;
        // After the end nobody else would settle it; dropped, it is abandoned.
        if !held.is_over {
            held.events.insert(number, Pending { permit, settle, legs, began });
        }
        (number, ticket)
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
        drop(held);
        if let Some(Pending { permit, settle: told, legs, began }) = decided {
            let outcome = match verdict {
                Verdict::Delivered => Ok(shape.delivered(legs, began)),
                _ => Err(shape.lost(legs)),
            };
            told.settle(permit.settle(outcome));
        }
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

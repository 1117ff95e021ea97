//! One event on its way through the legs.

mod pendings;
mod run;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Permit};
use openlineage_core::transport::{Ack, LegFate, LegReceipt, Receipt, Ticket, TransportInfo};

pub(crate) use self::pendings::Pendings;
use self::run::{Handing, Run};
use crate::fence::within;
use crate::life::Entered;
use crate::policy::Verdict;
use crate::session::{Role, Session};

/// What every outcome of an event is here.
pub(crate) type Outcome = Result<Receipt, EmitError>;

/// An event, how far it has got at each leg, and the duty to count what becomes of it.
///
/// A plain state machine: [`advance`](Self::advance) never waits, needs no runtime and sets no timer, so that an event
/// can begin in its caller's poll and go on wherever it is carried. [`run`](Self::run) adds the clock.
pub(crate) struct Plan {
    session: Arc<Session>,
    event: EncodedEvent,
    until: Deadline,
    began: Instant,
    permit: Permit,
    is_confirmed: bool,
    legs: Vec<Run>,
    /// The leg whose turn it is, where they take turns.
    at: usize,
    /// Held as long as another leg may be needed.
    searching: Option<Entered>,
}

impl Plan {
    pub(crate) fn new(session: &Arc<Session>, event: EncodedEvent, until: Deadline) -> Result<Self, EmitError> {
        // Before the event is accepted, so that a close which comes after finds it.
        let searching = Some(session.searching.enter(session, |session| &session.searching));
        let permit = session.gate.admit_on_trial()?;
        Ok(Self {
            session: Arc::clone(session),
            event,
            until,
            began: Instant::now(),
            permit,
            is_confirmed: false,
            legs: session.shape.legs.iter().map(|_| Run::Untried).collect(),
            at: 0,
            searching,
        })
    }

    /// Goes on as far as the legs have answered. Ready when the policy asks for nothing more.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let advanced = if self.session.shape.policy.is_together() { self.together(cx) } else { self.in_turn(cx) };
        self.confirm();
        if self.searching.is_some() && (advanced.is_ready() || self.is_handed_over()) {
            self.searching = None;
        }
        advanced
    }

    /// Goes on to the end, in a tokio context. Legs that do not answer in time are left behind.
    pub(crate) async fn run(&mut self) {
        let mut limit = self.limit();
        loop {
            let at = self.at;
            let moving = poll_fn(|cx| match self.advance(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                // The next leg has a limit of its own.
                Poll::Pending if self.at != at => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            });
            match within(limit, moving).await {
                Some(true) => return,
                Some(false) => {}
                None => self.expire(),
            }
            limit = self.limit();
        }
    }

    fn together(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for index in 0..self.legs.len() {
            self.start(index, false);
        }
        let mut pending = false;
        for run in &mut self.legs {
            pending |= run.poll(cx).is_pending();
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    }

    fn in_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let policy = self.session.shape.policy;
        while self.at < self.legs.len() {
            let is_last = self.at + 1 == self.legs.len() || !policy.has_fallbacks();
            self.start(self.at, !is_last);
            if self.legs[self.at].poll(cx).is_pending() {
                return Poll::Pending;
            }
            let is_over = match &self.legs[self.at] {
                // The last one's answer is awaited by whoever holds the ticket.
                Run::Taken(_) if is_last => true,
                run => !policy.goes_on_after(&run.fate()),
            };
            self.at = if is_over { self.legs.len() } else { self.at + 1 };
        }
        Poll::Ready(())
    }

    /// Hands the event to a leg that has not got it yet.
    fn start(&mut self, index: usize, has_successor: bool) {
        if !matches!(self.legs[index], Run::Untried) {
            return;
        }
        let leg = &self.session.shape.legs[index];
        let pass = match self.session.breakers.get(index).map(|breaker| breaker.pass(Instant::now())) {
            Some(None) => {
                let info = TransportInfo::new(leg.label.to_string());
                self.legs[index] = Run::Known(LegFate::Lost(EmitError::refused(EmitErrorKind::CircuitOpen).at(&info)));
                return;
            }
            pass => pass.flatten(),
        };
        let until = self.time_of(index, has_successor);
        let handing = Handing { until, waits: has_successor, needs_all: self.session.shape.policy.needs_all() };
        self.legs[index] = Run::start(&leg.transport, self.event.clone(), handing, pass);
    }

    /// Until when a leg may take: its share of what is left, or what is configured for each.
    fn time_of(&self, index: usize, has_successor: bool) -> Deadline {
        match (self.session.shape.leg_timeout, self.until.remaining()) {
            (Some(limit), _) => self.until.sooner(Deadline::after(limit)),
            (None, Some(left)) if has_successor => {
                let sharing = u32::try_from(self.legs.len() - index).unwrap_or(u32::MAX);
                Deadline::after(left / sharing)
            }
            _ => self.until,
        }
    }

    /// When a leg that has the event is left behind.
    fn limit(&self) -> Deadline {
        if self.session.shape.is_share() {
            // It adds no clock of its own to that of what it shares.
            return Deadline::never();
        }
        self.legs.iter().filter_map(Run::limit).fold(Deadline::never(), Deadline::sooner)
    }

    fn expire(&mut self) {
        self.legs.iter_mut().for_each(Run::expire);
    }

    /// Has any leg taken the event on? One that is Active and still busy with it may have; to say so is the safe side.
    fn confirm(&mut self) {
        if !self.is_confirmed {
            let legs = || self.legs.iter().zip(&self.session.shape.legs);
            self.is_confirmed = legs().any(|(run, leg)| run.has_taken(leg));
            if self.is_confirmed {
                self.permit.confirm();
            }
        }
    }

    /// Has every leg got the event that may still get it?
    fn is_handed_over(&self) -> bool {
        let mut legs = self.legs.iter().zip(&self.session.shape.legs);
        let is_last = self.session.shape.policy.is_together() || self.at + 1 >= self.legs.len();
        is_last && legs.all(|(run, leg)| !run.is_starting(leg))
    }

    fn receipts(&self) -> Vec<LegReceipt> {
        let legs = self.session.shape.legs.iter().zip(&self.legs);
        legs.map(|(leg, run)| LegReceipt::new(Arc::clone(&leg.label), run.fate())).collect()
    }

    /// Counts the event, and says what the caller gets.
    pub(crate) fn conclude(self) -> Result<Ack, EmitError> {
        let fates = self.receipts();
        match self.session.shape.policy.verdict(fates.iter().map(|leg| &leg.fate)) {
            Verdict::Delivered => {
                self.permit.settle(Ok(self.session.shape.delivered(fates, self.began))).map(Ack::Delivered)
            }
            Verdict::Open => {
                let tickets = self.legs.into_iter().map(Run::into_ticket).collect();
                Ok(Ack::Queued(self.session.hold(self.permit, fates, self.began, tickets)))
            }
            Verdict::Lost => {
                let error = self.session.shape.lost(fates);
                if error.accepted() {
                    return Err(self.permit.settle(Err(error)).err().unwrap_or_else(closed));
                }
                Err(if self.permit.retract() { self.session.gate.refuse(error) } else { closed() })
            }
            Verdict::Skipped => {
                let reason = fates.into_iter().find_map(|leg| match leg.fate {
                    LegFate::Skipped(reason) => Some(reason),
                    _ => None,
                });
                // Nothing was accepted, so that nothing is lost if it has been counted as abandoned meanwhile.
                let _retracted = self.permit.retract();
                Ok(Ack::Skipped(reason.unwrap_or_else(|| "the composite has no legs".into())))
            }
        }
    }

    /// Gives the event up here; the legs that have it account for it.
    pub(crate) fn abandon(self, fault: Fault) -> Result<Ack, EmitError> {
        let sent = if self.legs.iter().all(|run| matches!(run, Run::Untried)) { Sent::No } else { Sent::Maybe };
        let error = EmitError::abandoned(fault.sent(sent), 0).at(&self.session.shape.info);
        self.permit.settle(Err(error)).map(Ack::Delivered)
    }
}

/// The error of an event that a close has abandoned before anything was known about it.
fn closed() -> EmitError {
    EmitError::abandoned(Fault::new(EmitErrorKind::Closed), 0)
}

impl Session {
    /// Keeps an event whose fate depends on tickets of the legs. Its own ticket tells.
    fn hold(
        self: &Arc<Self>,
        permit: Permit,
        fates: Vec<LegReceipt>,
        began: Instant,
        tickets: Vec<Option<Ticket>>,
    ) -> Ticket {
        if let Role::Share(slot) = &self.shape.role {
            slot.has_queued();
        }
        let weak = Arc::downgrade(self);
        let (number, ticket) = self.pendings.hold(permit, fates, began, weak);
        for (index, leg) in tickets.iter().enumerate() {
            let Some(leg) = leg else { continue };
            let session = Arc::clone(self);
            leg.observe(move |outcome| session.pendings.learn(&session.shape, number, index, outcome));
        }
        self.pendings.keep(number, tickets);
        ticket
    }
}

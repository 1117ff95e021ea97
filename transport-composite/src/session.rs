use std::fmt;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Ended, Gate, State};
use openlineage_core::runtime::{Lease, Runtime};
use openlineage_core::transport::{Ack, LegFate, LegReceipt, Receipt, Transport, TransportInfo};
use tokio::sync::oneshot;

use crate::breaker::{Breaker, CircuitBreaker};
use crate::cache::Slot;
use crate::errors;
use crate::fence::first;
use crate::leg::Leg;
use crate::life::{Count, Flag, end_at_once};
use crate::plan::{Pendings, Plan};
use crate::policy::Policy;

/// What a composite is configured with; the same in every process.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) info: TransportInfo,
    pub(crate) legs: Vec<Leg>,
    pub(crate) policy: Policy,
    pub(crate) leg_timeout: Option<Duration>,
    pub(crate) breaker: Option<CircuitBreaker>,
    pub(crate) runtime: Runtime,
    pub(crate) role: Role,
}

/// What a session carries events for.
#[derive(Debug)]
pub(crate) enum Role {
    Composite,
    /// One client's view of what its one leg, a slot of a cache, has in store for all of them.
    Share(Arc<Slot>),
}

impl Shape {
    pub(crate) fn is_share(&self) -> bool {
        matches!(self.role, Role::Share(_))
    }

    /// What is known about an event that was delivered.
    pub(crate) fn delivered(&self, mut legs: Vec<LegReceipt>, began: Instant) -> Receipt {
        if self.is_share()
            && let Some(LegReceipt { fate: LegFate::Delivered(receipt), .. }) = legs.pop()
        {
            return receipt;
        }
        let attempts = legs.iter().find_map(|leg| match &leg.fate {
            LegFate::Delivered(receipt) => Some(receipt.attempts),
            _ => None,
        });
        Receipt::new(attempts.unwrap_or_default(), began.elapsed()).with_legs(legs)
    }

    /// The error of an event that was not.
    pub(crate) fn lost(&self, mut legs: Vec<LegReceipt>) -> EmitError {
        if self.is_share()
            && let Some(LegReceipt { fate: LegFate::Lost(error), .. }) = legs.pop()
        {
            return error.at(&self.info);
        }
        errors::lost(legs).at(&self.info)
    }
}

/// One process's life of a composite.
pub(crate) struct Session {
    pub(crate) pid: u32,
    pub(crate) shape: Arc<Shape>,
    pub(crate) gate: Gate,
    /// One for each leg, or none at all.
    pub(crate) breakers: Vec<Arc<Breaker>>,
    /// Events whose fate depends on legs that queue them.
    pub(crate) pendings: Pendings,
    /// Events that still may need another leg.
    pub(crate) searching: Count,
    /// Events that the worker carries.
    pub(crate) carried: Count,
    pub(crate) cancelled: Flag,
    /// Of a share: it has left its slot.
    pub(crate) left: AtomicBool,
    lease: Mutex<Option<Lease>>,
}

impl Session {
    pub(crate) fn new(shape: Arc<Shape>) -> Arc<Self> {
        let breakers = shape.breaker.map(|options| shape.legs.iter().map(|_| Breaker::new(options)).collect());
        Arc::new(Self {
            pid: process::id(),
            gate: Gate::new(shape.info.clone()),
            breakers: breakers.unwrap_or_default(),
            pendings: Pendings::default(),
            searching: Count::default(),
            carried: Count::default(),
            cancelled: Flag::default(),
            left: AtomicBool::new(false),
            lease: Mutex::default(),
            shape,
        })
    }

    /// Hands the event to the legs, at first in the caller's own poll: legs that answer at once, because they queue or
    /// skip, cost no change of threads. What has to be waited for is carried on by the worker, whoever drops this.
    pub(crate) async fn emit(self: &Arc<Self>, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        if self.held_lease().is_some_and(|lease| lease.refuses_wait()) {
            return Err(self.gate.refuse(EmitError::refused(EmitErrorKind::WouldDeadlock)));
        }
        let mut plan = Plan::new(self, event, until)?;
        if std::future::poll_fn(|cx| std::task::Poll::Ready(plan.advance(cx))).await.is_ready() {
            return plan.conclude();
        }
        let lease = match self.lease() {
            Ok(lease) => lease,
            Err(error) => return plan.abandon(Fault::new(EmitErrorKind::Start).because(error)),
        };
        let (tell, told) = oneshot::channel();
        let carried = Carried { session: Arc::clone(self), plan: Some(plan) };
        lease.clone().take_on(move || carried.run(lease, tell));
        told.await.unwrap_or_else(|_| {
            self.fault();
            Err(EmitError::abandoned(Fault::new(EmitErrorKind::WorkerLost), 0).at(&self.shape.info))
        })
    }

    /// The lease that is held while the composite is Active, or a new one for this moment.
    pub(crate) fn lease(&self) -> std::io::Result<Lease> {
        match self.held_lease() {
            Some(lease) => Ok(lease),
            None => self.shape.runtime.lease(),
        }
    }

    pub(crate) fn held_lease(&self) -> Option<Lease> {
        self.slot().clone()
    }

    /// Some leg has taken an event on: from now on the worker stays.
    fn keep(&self, lease: Lease) {
        let mut slot = self.slot();
        if slot.is_none() && self.gate.state() == State::Active {
            *slot = Some(lease);
        }
    }

    pub(crate) fn drop_lease(&self) -> Option<Lease> {
        self.slot().take()
    }

    /// Gives up whatever is pending; says how much that was.
    pub(crate) fn give_up(&self) -> u64 {
        let abandoned = self.gate.abandon();
        self.cancelled.raise();
        self.pendings.give_up(&self.shape.info);
        abandoned
    }

    /// The worker is gone: nothing that is pending can still be settled.
    pub(crate) fn fault(&self) {
        drop(self.gate.begin_close_with_children(Deadline::now()));
        let children = end_at_once(&self.ending());
        self.give_up();
        self.gate.finish(Ended::Faulted, children);
        drop(self.drop_lease());
    }

    /// Active as soon as a leg is that has an event of this one; the leg itself may not have said so yet.
    pub(crate) fn state(&self) -> State {
        let is_busy = || self.gate.stats().tally.pending() > 0;
        if self.gate.state() == State::New
            && is_busy()
            && self.shape.legs.iter().any(|leg| leg.state() == State::Active)
        {
            self.gate.confirm_trials();
        }
        self.gate.state()
    }

    /// Events that are pending here or, as copies, at the leg that has most of them.
    pub(crate) fn pending(&self) -> u64 {
        let own = self.gate.stats().tally.pending();
        if self.shape.is_share() {
            return own;
        }
        let legs = self.shape.legs.iter().map(|leg| leg.stats().tally.pending());
        legs.max().unwrap_or_default().max(own)
    }

    /// The transports of the legs.
    pub(crate) fn legs(&self) -> impl Iterator<Item = Arc<dyn Transport>> {
        self.shape.legs.iter().map(|leg| Arc::clone(&leg.transport))
    }

    /// The transports that end with this one.
    pub(crate) fn ending(&self) -> Vec<Arc<dyn Transport>> {
        match &self.shape.role {
            Role::Composite => self.legs().collect(),
            Role::Share(slot) if slot.detach(&self.left) => self.legs().collect(),
            Role::Share(_) => Vec::new(),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// An event on the worker. Dropped before its end, the worker has ended.
struct Carried {
    session: Arc<Session>,
    plan: Option<Plan>,
}

impl Carried {
    /// Goes on with the event, to its end or to that of the composite.
    async fn run(mut self, lease: Lease, tell: oneshot::Sender<Result<Ack, EmitError>>) {
        let session = Arc::clone(&self.session);
        let entered = session.carried.enter(&session, |session| &session.carried);
        let Some(plan) = &mut self.plan else { return };
        let ran = first(plan.run(), session.cancelled.raised()).await;
        let Some(plan) = self.plan.take() else { return };
        let answer = match ran {
            Some(()) => plan.conclude(),
            None => plan.abandon(Fault::new(EmitErrorKind::Closed)),
        };
        session.keep(lease);
        drop(entered);
        // Whoever asked may have gone; the event is counted all the same.
        drop(tell.send(answer));
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if self.plan.is_some() && self.session.pid == process::id() {
            self.session.fault();
        }
    }
}

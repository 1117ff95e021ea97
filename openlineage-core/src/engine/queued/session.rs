use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::in_line::InLine;
use super::shell::{Shell, Taken};
use super::work::{Job, Keeper, Work};
use crate::engine::Deliver;
use crate::engine::bounded::{first, within};
use crate::engine::closer::Life;
use crate::engine::fence::fenced;
use crate::engine::session::{Running, Session, Shape, Tasks};
use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::{Deadline, Ended, State, Stats};
use crate::queue::{Limits, Place, Slot};
use crate::runtime::{Lease, ParkScope};
use crate::transport::{Ticket, Withdraw};

/// One process's life of a queue.
pub(super) struct QueueSession<D: Deliver> {
    pub(super) pid: u32,
    base: Arc<Session<D>>,
    shell: Shell,
    session: Weak<Self>,
    /// From the first accepted event to the end.
    lease: Mutex<Option<Lease>>,
    nudge: Notify,
}

impl<D: Deliver> QueueSession<D> {
    pub(super) fn new(shape: Arc<Shape<D>>, limits: Limits, compress: bool) -> Arc<Self> {
        let base = Session::new(Arc::clone(&shape), ());
        Arc::new_cyclic(|session: &Weak<Self>| {
            let (gate, retry) = (base.gate.clone(), shape.retry.clone());
            let shell = Shell::new(session.clone(), gate, retry, limits, compress);
            Self {
                pid: process::id(),
                base,
                shell,
                session: session.clone(),
                lease: Mutex::default(),
                nudge: Notify::new(),
            }
        })
    }

    pub(super) fn stats(&self) -> Stats {
        self.shell.stats()
    }

    /// Takes the event on, at once or when there is room; with `settles` the event is given up at `until` as well.
    pub(super) async fn submit(
        self: &Arc<Self>,
        event: EncodedEvent,
        until: Deadline,
        settles: bool,
    ) -> Result<Ticket, EmitError> {
        let lease = self.started().map_err(|error| self.base.gate.refuse(error))?;
        let taken = self.shell.submit(event, until, settles.then_some(until));
        let (taken, work) = taken.inspect_err(|_| self.let_go_unused())?;
        self.act(&lease, work);
        drop(lease);
        match taken {
            Taken::Accepted(ticket) => Ok(ticket),
            Taken::InLine(place, ticket, seated) => {
                InLine::new(self, place, seated).await?;
                Ok(ticket)
            }
        }
    }

    pub(super) fn withdraw(self: &Arc<Self>, place: Place) {
        if let Some(work) = self.shell.withdraw(place) {
            self.carry_on(work);
        }
    }

    /// The lease, taken with the first event.
    fn started(&self) -> Result<Lease, EmitError> {
        if self.base.gate.state() >= State::Closing {
            return Err(EmitError::refused(EmitErrorKind::Closed));
        }
        let start = |error| EmitError::refused_by(Fault::new(EmitErrorKind::Start).because(error));
        let mut slot = self.lease_slot();
        let lease = match &*slot {
            Some(lease) => lease.clone(),
            None => self.base.shape.runtime.lease().map_err(start)?,
        };
        if ParkScope::refuses(&lease) {
            return Err(EmitError::refused(EmitErrorKind::WouldDeadlock));
        }
        *slot = Some(lease.clone());
        Ok(lease)
    }

    /// A refusal may have come together with the end: then nobody else lets go of the lease.
    fn let_go_unused(&self) {
        if self.base.gate.state() == State::Closed {
            drop(self.lease_slot().take());
        }
    }

    fn lease_slot(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a turn of the queue has left to do.
    fn act(self: &Arc<Self>, lease: &Lease, mut work: Work) {
        for job in work.jobs.drain(..) {
            let carrier = Carrier::new(self, job);
            lease.take_on(move || carrier.run());
        }
        match work.keeper {
            Some(Keeper::Start) => {
                let session = Arc::clone(self);
                lease.take_on(move || keep(session));
            }
            Some(Keeper::LookAgain) => self.nudge.notify_one(),
            None => {}
        }
        self.tell(work, Some(lease));
    }

    /// The same with the lease that is at hand; after the end there is none, and nothing that could start.
    fn carry_on(self: &Arc<Self>, work: Work) {
        match self.lease() {
            Some(lease) => self.act(&lease, work),
            None => self.tell(work, None),
        }
    }

    /// Tells what a turn of the queue has found out. It has started nothing, or nothing that can still start.
    fn tell(&self, work: Work, lease: Option<&Lease>) {
        work.tell(&self.base.shape.info, &self.base.outlet, lease);
    }

    /// The runtime is gone: nothing that is pending can still be settled.
    fn fault(&self) {
        drop(self.base.gate.begin_close(Deadline::now()));
        self.tell(self.shell.give_up(&EmitErrorKind::WorkerLost), self.lease().as_ref());
        self.base.gate.finish(Ended::Faulted, Vec::new());
        drop((self.base.take_open(), self.lease_slot().take()));
    }
}

impl<D: Deliver> Life for QueueSession<D> {
    type Destination = D;

    fn base(&self) -> &Session<D> {
        &self.base
    }

    fn lease(&self) -> Option<Lease> {
        self.lease_slot().clone()
    }

    fn press(self: &Arc<Self>) {
        self.carry_on(self.shell.press());
    }

    fn give_up(&self) -> u64 {
        let abandoned = self.base.gate.abandon();
        self.tell(self.shell.give_up(&EmitErrorKind::Closed), self.lease().as_ref());
        abandoned
    }

    fn release(&self) {
        drop(self.lease_slot().take());
    }
}

impl<D: Deliver> Withdraw for QueueSession<D> {
    fn withdraw(&self, number: u64) -> bool {
        let work = self.shell.take_back(Slot((number >> 32) as u32), number as u32);
        match (work, self.session.upgrade()) {
            (Some(work), Some(session)) => session.carry_on(work),
            (Some(work), None) => self.tell(work, self.lease().as_ref()),
            (None, _) => return false,
        }
        true
    }
}

/// Carries events to the destination, one attempt after the other, until none may start.
struct Carrier<D: Deliver> {
    session: Arc<QueueSession<D>>,
    /// Until the last fate is told: a close that finds nothing running finds whatever was lost in the outlet.
    _running: Running<D>,
    job: Option<Job>,
}

impl<D: Deliver> Carrier<D> {
    fn new(session: &Arc<QueueSession<D>>, job: Job) -> Self {
        Self { session: Arc::clone(session), _running: Tasks::enter(&session.base), job: Some(job) }
    }

    async fn run(mut self) {
        while let Some(job) = &self.job {
            let result = self.attempt(job).await;
            let Some(job) = self.job.take() else { return };
            let mut work = self.session.shell.attempted(job, result);
            self.job = work.jobs.pop();
            self.session.carry_on(work);
        }
    }

    async fn attempt(&self, job: &Job) -> Option<Result<(), Fault>> {
        let base = &self.session.base;
        let limit = base.shape.retry.attempt_timeout.map_or(job.until, |most| job.until.sooner(Deadline::after(most)));
        let attempt = async {
            let Some(lease) = self.session.lease() else { return Err(Fault::new(EmitErrorKind::Closed)) };
            let open = base.opened(lease, limit, State::Closed).await?;
            fenced(base.shape.destination.deliver(&open.connection, &job.event, limit)).await
        };
        let bounded = async { within(limit, attempt).await.unwrap_or_else(|| Err(Fault::new(EmitErrorKind::Timeout))) };
        first(bounded, base.tasks.cancelled()).await
    }
}

impl<D: Deliver> Drop for Carrier<D> {
    fn drop(&mut self) {
        let Some(job) = self.job.take() else { return };
        if self.session.pid != process::id() {
            std::mem::forget(job);
            return;
        }
        self.session.tell(self.session.shell.lost(job), self.session.lease().as_ref());
        self.session.fault();
    }
}

/// Waits for the next moment at which something is to be done, and does it. Ends when there is none.
async fn keep<D: Deliver>(session: Arc<QueueSession<D>>) {
    while let Some(at) = session.shell.next_look() {
        if first(tokio::time::sleep_until(at.into()), session.nudge.notified()).await.is_some() {
            session.carry_on(session.shell.look());
        }
    }
}

use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::Deliver;
use super::accepted::Accepted;
use super::bounded::{first, within};
use super::closer::Life;
use super::fence::fenced;
use crate::error::{EmitError, EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::{Deadline, Gate, State};
use crate::retry::{Attempts, RetryPolicy};
use crate::runtime::{Lease, ParkScope, Runtime};
use crate::transport::{Receipt, Ticket, TransportInfo};
use crate::undelivered::{Outlet, Undelivered};

/// What an engine is configured with; the same in every process.
#[derive(Debug)]
pub(super) struct Shape<D> {
    pub(super) info: TransportInfo,
    pub(super) deliver: D,
    pub(super) retry: RetryPolicy,
    pub(super) runtime: Runtime,
    pub(super) undelivered: Option<Arc<dyn Undelivered>>,
}

/// One process's life of an engine: its gate, its connection, its running events.
pub(super) struct Session<D: Deliver> {
    pid: u32,
    pub(super) shape: Arc<Shape<D>>,
    pub(super) gate: Gate,
    pub(super) tasks: Tasks,
    pub(super) outlet: Outlet,
    open: Mutex<Option<Arc<Open<D>>>>,
    starting: tokio::sync::Mutex<()>,
}

/// What is held from the first accepted event to the end.
pub(super) struct Open<D: Deliver> {
    pub(super) connection: D::Connection,
    pub(super) lease: Lease,
}

impl<D> Shape<D> {
    pub(super) fn new(info: TransportInfo, deliver: D) -> Self {
        Self { info, deliver, retry: RetryPolicy::default(), runtime: Runtime::shared(), undelivered: None }
    }
}

impl<D: Deliver> Session<D> {
    pub(super) fn new(shape: Arc<Shape<D>>) -> Arc<Self> {
        let (gate, outlet) = (Gate::new(shape.info.clone()), Outlet::new(shape.undelivered.clone()));
        let (tasks, open, starting) = (Tasks::default(), Mutex::default(), tokio::sync::Mutex::default());
        Arc::new(Self { pid: process::id(), shape, gate, tasks, outlet, open, starting })
    }

    pub(super) fn open(&self) -> Option<Arc<Open<D>>> {
        self.slot().clone()
    }

    pub(super) fn take_open(&self) -> Option<Arc<Open<D>>> {
        self.slot().take()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Open<D>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn emit(self: &Arc<Self>, event: EncodedEvent, until: Deadline) -> Result<Receipt, EmitError> {
        let open = match self.open() {
            Some(open) => open,
            None => self.started(until).await.map_err(|error| self.gate.refuse(error))?,
        };
        if ParkScope::refuses(&open.lease) {
            return Err(self.gate.refuse(EmitError::refused(EmitErrorKind::WouldDeadlock)));
        }
        let outcome = self.accept(open, event, until)?.await;
        if matches!(&outcome, Err(error) if *error.kind() == EmitErrorKind::WorkerLost) {
            self.fault();
        }
        outcome
    }

    /// Takes the event on. From here it is settled and counted, whether or not anybody polls the ticket.
    fn accept(self: &Arc<Self>, open: Arc<Open<D>>, event: EncodedEvent, until: Deadline) -> Result<Ticket, EmitError> {
        let permit = self.gate.admit()?;
        let (settle, ticket) = Ticket::pair_in(self.pid);
        let accepted = Accepted::new(self.pid, event, (permit, settle), &self.outlet, &open.lease);
        let (session, running) = (Arc::clone(self), Tasks::enter(self));
        let lease = open.lease.clone();
        lease.take_on(move || async move {
            let outcome = session.carry(&open, accepted.event(), until).await;
            // The connection is let go before the count moves, so that close finds nothing open.
            drop(open);
            accepted.settle(outcome);
            // At last: a close that finds nothing running finds in the outlet whatever was lost.
            drop(running);
        });
        Ok(ticket)
    }

    async fn carry(&self, open: &Open<D>, event: &EncodedEvent, until: Deadline) -> Result<Receipt, EmitError> {
        let began = Instant::now();
        let attempts = Attempts::default();
        let carried = attempts.run(&self.shape.retry, until, |limit| async move {
            let attempt = fenced(self.shape.deliver.deliver(&open.connection, event, limit));
            within(limit, attempt).await.unwrap_or_else(|| Err(Fault::new(EmitErrorKind::Timeout)))
        });
        let carried = first(carried, self.tasks.cancelled()).await;
        let outcome = carried.unwrap_or_else(|| Err(attempts.abandon(EmitErrorKind::Closed)));
        outcome.map(|attempts| Receipt::new(attempts, began.elapsed())).map_err(|error| error.at(&self.shape.info))
    }

    /// Starts on the worker, under the deadline; what the caller holds is only a wait.
    async fn started(self: &Arc<Self>, until: Deadline) -> Result<Arc<Open<D>>, EmitError> {
        if self.gate.state() >= State::Closing {
            return Err(EmitError::refused(EmitErrorKind::Closed));
        }
        let start = |error| EmitError::refused_by(Fault::new(EmitErrorKind::Start).because(error));
        let lease = self.shape.runtime.lease().map_err(start)?;
        if ParkScope::refuses(&lease) {
            return Err(EmitError::refused(EmitErrorKind::WouldDeadlock));
        }
        let session = Arc::clone(self);
        let starting = lease.clone().spawn(async move {
            let start = within(until, session.opened(lease, until, State::Closing));
            first(start, session.tasks.cancelled()).await
        });
        match starting.await {
            Ok(Some(Some(started))) => started.map_err(EmitError::refused_by),
            Ok(Some(None)) => Err(EmitError::refused(EmitErrorKind::Timeout)),
            Ok(None) => Err(EmitError::refused(EmitErrorKind::Closed)),
            Err(_) => Err(EmitError::refused(EmitErrorKind::WorkerLost)),
        }
    }

    /// The connection, made now if there is none, before the life has come to `end`. One start at a time; whoever
    /// waited for another's finds it done.
    pub(super) async fn opened(&self, lease: Lease, until: Deadline, end: State) -> Result<Arc<Open<D>>, Fault> {
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let _alone = self.starting.lock().await;
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let connection = fenced(self.shape.deliver.open(until)).await.map_err(unstarted)?;
        let open = Arc::new(Open { connection, lease });
        let mut slot = self.slot();
        if self.gate.state() < end {
            *slot = Some(Arc::clone(&open));
            return Ok(open);
        }
        drop(slot);
        within(until, fenced(shut(&self.shape.deliver, &open.connection, until))).await;
        Err(Fault::new(EmitErrorKind::Closed).sent(Sent::No))
    }

    /// The worker is gone: nothing that is pending can still be settled.
    fn fault(&self) {
        drop(self.gate.begin_close(Deadline::now()));
        self.gate.finish(crate::lifecycle::Ended::Faulted, Vec::new());
        drop(self.take_open());
    }
}

/// A fault of [`Deliver::open`] as the reason that there is no start, said once.
fn unstarted(fault: Fault) -> Fault {
    if *fault.kind() == EmitErrorKind::Start { fault } else { Fault::new(EmitErrorKind::Start).because(fault) }
}

/// [`Deliver::shut`] in the form of an attempt, so that the same fence serves it.
pub(super) async fn shut<D: Deliver>(deliver: &D, connection: &D::Connection, until: Deadline) -> Result<(), Fault> {
    deliver.shut(connection, until).await;
    Ok(())
}

/// The running events of a session: how many, and the signal that ends them and a start that is under way.
#[derive(Default)]
pub(super) struct Tasks {
    cancelled: AtomicBool,
    running: AtomicUsize,
    changed: Notify,
}

/// Held by one running event.
pub(super) struct Running<D: Deliver>(Arc<Session<D>>);

impl Tasks {
    pub(super) fn enter<D: Deliver>(session: &Arc<Session<D>>) -> Running<D> {
        session.tasks.running.fetch_add(1, Ordering::AcqRel);
        Running(Arc::clone(session))
    }

    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    pub(super) async fn cancelled(&self) {
        self.wait(|| self.is_cancelled()).await;
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Waits until no event runs. Only after [`cancel`](Self::cancel): before it nobody is told.
    pub(super) async fn ended(&self) {
        self.wait(|| self.running.load(Ordering::Acquire) == 0).await;
    }

    async fn wait(&self, is_so: impl Fn() -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so() {
                return;
            }
            changed.await;
        }
    }
}

impl<D: Deliver> Drop for Running<D> {
    fn drop(&mut self) {
        let tasks = &self.0.tasks;
        let last = tasks.running.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && tasks.is_cancelled() {
            tasks.changed.notify_waiters();
        }
    }
}

impl<D: Deliver> Life for Session<D> {
    type Deliver = D;

    fn base(&self) -> &Self {
        self
    }

    fn lease(&self) -> Option<Lease> {
        self.open().map(|open| open.lease.clone())
    }

    fn press(self: &Arc<Self>) {}

    fn give_up(&self) -> u64 {
        self.gate.abandon()
    }

    /// Goes with the connection.
    fn release(&self) {}
}

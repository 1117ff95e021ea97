use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::bounded::{first, within};
use super::connect::Connect;
use super::fence::fenced;
use crate::error::{EmitError, EmitErrorKind, Fault, Sent};
use crate::lifecycle::{Deadline, Gate, State};
use crate::retry::RetryPolicy;
use crate::runtime::{Lease, ParkScope, Runtime};
use crate::transport::TransportInfo;
use crate::undelivered::{Outlet, Undelivered};

/// What an engine is configured with; the same in every process.
#[derive(Debug)]
pub(super) struct Shape<D> {
    pub(super) info: TransportInfo,
    pub(super) destination: D,
    pub(super) retry: RetryPolicy,
    pub(super) runtime: Runtime,
    pub(super) undelivered: Option<Arc<dyn Undelivered>>,
}

/// One process's life of an engine: its gate, its connection, its running events.
pub(super) struct Session<C: Connect> {
    pub(super) pid: u32,
    pub(super) shape: Arc<Shape<C>>,
    context: C::Context,
    pub(super) gate: Gate,
    pub(super) tasks: Tasks,
    pub(super) outlet: Outlet,
    open: Mutex<Option<Arc<Open<C>>>>,
    starting: tokio::sync::Mutex<()>,
}

/// What is held from the first accepted event to the end.
pub(super) struct Open<C: Connect> {
    pub(super) connection: C::Connection,
    pub(super) lease: Lease,
}

impl<D> Shape<D> {
    pub(super) fn new(info: TransportInfo, destination: D) -> Self {
        Self { info, destination, retry: RetryPolicy::default(), runtime: Runtime::shared(), undelivered: None }
    }
}

impl<C: Connect> Session<C> {
    pub(super) fn new(shape: Arc<Shape<C>>, context: C::Context) -> Arc<Self> {
        let (gate, outlet) = (Gate::new(shape.info.clone()), Outlet::new(shape.undelivered.clone()));
        let (tasks, open, starting) = (Tasks::default(), Mutex::default(), tokio::sync::Mutex::default());
        Arc::new(Self { pid: process::id(), shape, context, gate, tasks, outlet, open, starting })
    }

    pub(super) fn open(&self) -> Option<Arc<Open<C>>> {
        self.slot().clone()
    }

    pub(super) fn take_open(&self) -> Option<Arc<Open<C>>> {
        self.slot().take()
    }

    /// The same if it is the one that is meant.
    pub(super) fn take_open_if(&self, is_it: impl FnOnce(&Open<C>) -> bool) -> Option<Arc<Open<C>>> {
        self.slot().take_if(|open| is_it(open))
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Open<C>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts on the worker, under the deadline; what the caller holds is only a wait.
    pub(super) async fn started(self: &Arc<Self>, until: Deadline) -> Result<Arc<Open<C>>, EmitError> {
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
    pub(super) async fn opened(&self, lease: Lease, until: Deadline, end: State) -> Result<Arc<Open<C>>, Fault> {
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let _alone = self.starting.lock().await;
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let connection = fenced(self.shape.destination.open(&self.context, until)).await.map_err(unstarted)?;
        let open = Arc::new(Open { connection, lease });
        let mut slot = self.slot();
        if self.gate.state() < end {
            *slot = Some(Arc::clone(&open));
            return Ok(open);
        }
        drop(slot);
        within(until, fenced(shut(&self.shape.destination, &open.connection, until))).await;
        Err(Fault::new(EmitErrorKind::Closed).sent(Sent::No))
    }
}

/// A fault of [`Deliver::open`] as the reason that there is no start, said once. No event was sent by then.
fn unstarted(fault: Fault) -> Fault {
    let is_said = *fault.kind() == EmitErrorKind::Start;
    let fault = if is_said { fault } else { Fault::new(EmitErrorKind::Start).because(fault) };
    fault.sent(Sent::No)
}

/// [`Deliver::shut`] in the form of an attempt, so that the same fence serves it.
pub(super) async fn shut<C: Connect>(
    destination: &C,
    connection: &C::Connection,
    until: Deadline,
) -> Result<(), Fault> {
    destination.shut(connection, until).await;
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
pub(super) struct Running<C: Connect>(Arc<Session<C>>);

impl Tasks {
    pub(super) fn enter<C: Connect>(session: &Arc<Session<C>>) -> Running<C> {
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

impl<C: Connect> Drop for Running<C> {
    fn drop(&mut self) {
        let tasks = &self.0.tasks;
        let last = tasks.running.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && tasks.is_cancelled() {
            tasks.changed.notify_waiters();
        }
    }
}

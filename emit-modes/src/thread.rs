//! Work on a thread of its own for each call, which its host leaves behind when its time is over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::transport::{Ack, Receipt, Ticket};
use tokio::sync::oneshot;

use crate::call::{Call, Leaving};
use crate::here;
use crate::lanes::Lanes;
use crate::mode::{FenceExpiry, Limits, ThreadOptions};
use crate::payload::Payload;
use crate::scope::Scope;
use crate::session::{Session, unanswered, unsent};
use crate::slots::{Saturated, Slot, Slots};
use crate::taken;
use crate::wait::{Waiter, message, panicked};

/// As long as the system lets the name of a thread be.
const NAME: &str = "openlineage-run";

/// What thread mode works with.
pub(crate) struct Threads {
    slots: Slots,
    pub(crate) lanes: Lanes,
    pub(crate) fence: FenceExpiry,
}

impl Threads {
    pub(crate) fn new(options: &ThreadOptions) -> Self {
        Self { slots: Slots::new(options.max_abandoned), lanes: Lanes::default(), fence: options.fence }
    }

    pub(crate) fn count(&self) -> (usize, usize) {
        self.slots.count()
    }
}

/// Runs `work` on a thread and waits for it until the caller's limit.
pub(crate) async fn run<R, W>(
    session: &Arc<Session>,
    threads: &Threads,
    work: W,
    call: &Arc<Call>,
    waiter: Waiter<'_>,
) -> Result<R, EmitError>
where
    R: Send + 'static,
    W: FnOnce(&Scope) -> R + Send + 'static,
{
    waiter.may_wait()?;
    session.refuse_work()?;
    let limits = call.limits();
    let slot = slot(session, threads, limits, waiter).await?;
    let (done, ended) = oneshot::channel::<()>();
    let value = Arc::new(Mutex::new(None));
    let (kept, scope) = (Arc::clone(&value), Scope::new(Arc::clone(session), Arc::clone(call)));
    start(session, slot, Arc::clone(call), move || {
        let result = catch_unwind(AssertUnwindSafe(|| work(&scope))).map_err(|panic| message(&*panic));
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        // Dropped, it wakes the caller.
        move || drop(done)
    })?;
    if waiter.until(session.transport(), ended, limits.caller).await?.is_none() {
        left(session, threads, call)?;
    }
    let result = value.lock().unwrap_or_else(PoisonError::into_inner).take();
    match result {
        Some(Ok(value)) => Ok(value),
        Some(Err(panic)) => Err(panicked(session.transport(), panic)),
        None => Err(EmitError::refused(EmitErrorKind::WorkerLost).at(session.transport().info())),
    }
}

/// Emits an event on a thread and waits for its fate.
pub(crate) async fn emit(
    session: &Arc<Session>,
    threads: &Threads,
    payload: Payload,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Option<Receipt>, EmitError> {
    let call = Call::of_one_event(limits);
    match run(session, threads, move |scope| scope.emit(payload), &call, waiter).await {
        Ok(outcome) => outcome,
        Err(error) if !error.accepted() && call.counts_refusal() => Err(session.gate.refuse(error)),
        Err(error) => Err(error),
    }
}

/// Starts the emission of an event on a thread.
pub(crate) async fn submit(
    session: &Arc<Session>,
    threads: &Threads,
    payload: Payload,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Ack, EmitError> {
    let refused = |error| session.gate.refuse(error);
    let slot = slot(session, threads, limits, waiter).await.map_err(refused)?;
    let account = session.admit()?;
    let (turn, call) = (session.turn(|| payload.lane()), Call::new(limits));
    let (settle, ticket) = Ticket::pair();
    let (observed, counted, carried) = (Arc::clone(&account), Arc::clone(&account), Arc::clone(session));
    let started = start(session, slot, Arc::clone(&call), move || {
        let answer = here::carry(&carried, &call, payload, turn);
        move || taken::tell(carried.transport(), &counted, settle, answer)
    });
    match started {
        Ok(()) => {
            ticket.observe(move |outcome| observed.settle(outcome));
            Ok(Ack::Queued(ticket))
        }
        Err(error) => {
            account.withdraw();
            Err(refused(error))
        }
    }
}

async fn slot(session: &Session, threads: &Threads, limits: Limits, waiter: Waiter<'_>) -> Result<Slot, EmitError> {
    let taken = match threads.slots.take_now(limits.caller) {
        Some(taken) => taken,
        None => {
            let free = threads.slots.take(limits.caller);
            waiter.until(session.transport(), free, limits.caller).await?.unwrap_or(Err(Saturated))
        }
    };
    taken.map_err(|Saturated| {
        session.saturated.fetch_add(1, Ordering::Relaxed);
        EmitError::refused(EmitErrorKind::Saturated).at(session.transport().info())
    })
}

/// Runs `work`, and what it returns when its slot is free again, on a new thread.
fn start<W, E>(session: &Session, slot: Slot, call: Arc<Call>, work: W) -> Result<(), EmitError>
where
    W: FnOnce() -> E + Send + 'static,
    E: FnOnce(),
{
    let (pid, began) = (session.pid, Instant::now());
    let body = move || {
        let tell = work();
        if pid != process::id() {
            // The work has forked and this is the child: nothing here is its own.
            return std::mem::forget((tell, slot, call));
        }
        let is_awaited = call.end();
        drop(slot);
        if !is_awaited {
            tracing::info!(took = ?began.elapsed(), "work that was left behind has ended");
        }
        tell();
    };
    let started = thread::Builder::new().name(NAME.to_owned()).spawn(body);
    started.map(drop).map_err(|error| {
        EmitError::refused_by(Fault::new(EmitErrorKind::Start).because(error)).at(session.transport().info())
    })
}

/// The caller waits no longer. `Ok` if the work has ended at that very moment.
fn left(session: &Session, threads: &Threads, call: &Call) -> Result<(), EmitError> {
    let (under_way, has_emitted) = match call.leave() {
        Leaving::Ended => return Ok(()),
        Leaving::Behind { under_way, has_emitted } => (under_way, has_emitted),
    };
    session.timed_out.fetch_add(1, Ordering::Relaxed);
    threads.slots.look_again();
    let (_, left_behind) = threads.count();
    tracing::warn!(left_behind, "work took longer than its time and is left behind on its thread");
    let fault = match (&under_way, has_emitted) {
        (Some(_), true) => unanswered("it is left behind on its thread and may be delivered yet"),
        (Some(_), false) => unsent("it is left behind on its thread before it was sent"),
        (None, true) => unanswered("it is left behind, and what it had emitted may have arrived"),
        (None, false) => unsent("it is left behind before it emitted anything"),
    };
    let told =
        if under_way.is_some() || has_emitted { EmitError::failed(fault, 0) } else { EmitError::refused_by(fault) };
    let error = told.at(session.transport().info());
    if let Some(account) = under_way {
        account.settle(&Err(error.clone()));
    }
    Err(error)
}

//! Emission as a task on the worker: bounded, in order within each run, and nobody has to wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use openlineage_core::client::Prepared;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::runtime::{Lease, Runtime};
use openlineage_core::transport::{Ack, Receipt, Ticket};
use tokio::sync::Semaphore;

use crate::account::Account;
use crate::lanes::{Lanes, Turn};
use crate::mode::{Limits, Overflow, TaskOptions};
use crate::payload::Payload;
use crate::room::{Room, Share, semaphore};
use crate::session::{Means, Session, unsent};
use crate::taken::{Answer, Taken, tell};
use crate::wait::{Waiter, bounded, fenced, lease, refuse_on};

/// What task mode works with.
pub(crate) struct Tasks {
    pub(crate) runtime: Runtime,
    overflow: Overflow,
    lanes: Lanes,
    room: Room,
    places: Arc<Semaphore>,
    /// The transport answered with a ticket last time: it has a queue, and there shall not be a second one before it.
    queues: AtomicBool,
}

impl Tasks {
    pub(crate) fn new(options: &TaskOptions) -> Self {
        Self {
            runtime: options.runtime.clone(),
            overflow: options.overflow,
            lanes: Lanes::default(),
            room: Room::new(options.max_events, options.max_bytes),
            places: semaphore(options.lanes.get()),
            queues: AtomicBool::new(false),
        }
    }

    /// May an event go straight to the transport's own queue? Not while an earlier one is on its way there.
    fn leads_to_a_queue(&self) -> bool {
        self.queues.load(Ordering::Acquire) && self.lanes.are_empty()
    }
}

/// Emits an event and waits for its fate.
pub(crate) async fn emit(
    session: &Arc<Session>,
    tasks: &Tasks,
    payload: Payload,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Option<Receipt>, EmitError> {
    if let Waiter::Parked = waiter {
        let refused = |error| session.gate.refuse(error);
        refuse_on(&lease(&tasks.runtime).map_err(refused)?).map_err(refused)?;
    }
    let taken = submit(session, tasks, payload, limits, waiter).await?;
    taken.fate(session.transport(), limits.caller, waiter).await
}

/// Takes an event on, as soon as there is room.
pub(crate) async fn submit(
    session: &Arc<Session>,
    tasks: &Tasks,
    payload: Payload,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Taken, EmitError> {
    let refused = |error| session.gate.refuse(error);
    let event = match session.prepare(payload, limits.work).await.map_err(refused)? {
        Prepared::Ready(event) => event,
        Prepared::Skipped(reason) => return Ok(Taken::known(Ack::Skipped(reason))),
    };
    if tasks.leads_to_a_queue() {
        return straight(session, tasks, event, limits, waiter).await;
    }
    let share = share(session, tasks, &event, limits, waiter).await.map_err(refused)?;
    let lease = lease(&tasks.runtime).map_err(refused)?;
    let account = session.admit()?;
    let way = Way { turn: tasks.lanes.enter(event.lane()), places: Arc::clone(&tasks.places), _share: share };
    Ok(set_out(session, lease, event, limits, account, Some(way)))
}

/// Emits on the worker and waits for the event's fate as a future that may be dropped.
pub(crate) async fn emit_apart(
    session: &Arc<Session>,
    payload: Payload,
    limits: Limits,
    runtime: &Runtime,
) -> Result<Option<Receipt>, EmitError> {
    let refused = |error| session.gate.refuse(error);
    let event = match session.prepare(payload, limits.work).await.map_err(refused)? {
        Prepared::Ready(event) => event,
        Prepared::Skipped(_) => return Ok(None),
    };
    let lease = lease(runtime).map_err(refused)?;
    let taken = set_out(session, lease, event, limits, session.admit()?, None);
    taken.fate(session.transport(), limits.caller, Waiter::Polled(runtime)).await
}

/// Into the transport's queue, where the caller waits for room if it has to.
async fn straight(
    session: &Arc<Session>,
    tasks: &Tasks,
    event: EncodedEvent,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Taken, EmitError> {
    let until = match tasks.overflow {
        Overflow::Block => limits.work,
        Overflow::RejectNew => Deadline::now(),
    };
    let (transport, account) = (session.transport(), session.admit()?);
    let answer = waiter.here(transport, fenced(transport.emit(event, until)), limits.caller);
    match answer.await {
        Ok(answer) => {
            tasks.queues.store(is_queued(&answer), Ordering::Release);
            Taken::of(session, account, answer)
        }
        Err(error) => {
            account.withdraw();
            Err(session.gate.refuse(error))
        }
    }
}

async fn share(
    session: &Session,
    tasks: &Tasks,
    event: &EncodedEvent,
    limits: Limits,
    waiter: Waiter<'_>,
) -> Result<Share, EmitError> {
    if let Some(share) = tasks.room.take_now(event.len())? {
        return Ok(share);
    }
    if tasks.overflow == Overflow::RejectNew {
        return Err(tasks.room.full());
    }
    if let Waiter::Parked = waiter {
        refuse_on(&lease(&tasks.runtime)?)?;
    }
    let share = waiter.until(session.transport(), tasks.room.take(event.len()), limits.work).await?;
    share.flatten().ok_or_else(|| tasks.room.full())
}

/// What an event holds on its way to the transport.
struct Way {
    turn: Turn,
    places: Arc<Semaphore>,
    _share: Share,
}

/// From here the event is settled and counted, whether or not anybody waits.
fn set_out(
    session: &Arc<Session>,
    lease: Lease,
    event: EncodedEvent,
    limits: Limits,
    account: Arc<Account>,
    way: Option<Way>,
) -> Taken {
    let (settle, ticket) = Ticket::pair();
    let (observed, session, counted) = (Arc::clone(&account), Arc::clone(session), Arc::clone(&account));
    ticket.observe(move |outcome| observed.settle(outcome));
    let held = lease.clone();
    lease.take_on(move || async move {
        let answer = carry(&session, event, limits, way).await;
        tell(session.transport(), &counted, settle, answer);
        drop(held);
    });
    Taken::open(Ack::Queued(ticket), account)
}

/// Hands the event to the transport in its turn. What it held is free again when this returns.
async fn carry(session: &Session, event: EncodedEvent, limits: Limits, way: Option<Way>) -> Result<Answer, EmitError> {
    let transport = session.transport();
    if let Some(way) = &way {
        let in_turn = async {
            way.turn.comes().await;
            Arc::clone(&way.places).acquire_owned().await.ok()
        };
        let Some(_place) = bounded(limits.work, in_turn).await else {
            return Err(EmitError::failed(unsent("its turn did not come"), 0).at(transport.info()));
        };
        let answer = bounded(limits.caller, fenced(transport.emit(event, limits.work))).await;
        if let Means::Task(tasks) = &session.means {
            tasks.queues.store(is_queued(&answer), Ordering::Release);
        }
        return Ok(answer);
    }
    Ok(bounded(limits.caller, fenced(transport.emit(event, limits.work))).await)
}

fn is_queued(answer: &Answer) -> bool {
    matches!(answer, Some(Ok(Ok(Ack::Queued(_)))))
}

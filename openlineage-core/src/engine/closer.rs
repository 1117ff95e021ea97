use std::process;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Deliver;
use super::bounded::{first, within};
use super::fence::fenced;
use super::session::{Open, Session, shut};
use crate::lifecycle::{CloseReport, Closing, Deadline, Ended, FlushReport, Gate};
use crate::runtime::ParkScope;

/// How much later than its deadline a closing ends, for what is worth a moment more: cancelled events let go, which
/// only need to be polled once more, and the hook for undelivered ones hears of them.
const GRACE: Duration = Duration::from_millis(100);

/// Turns that tasks of a dropped connection get before close returns: they are told by the drop, and let go of their
/// sockets when they are polled.
const LAST_TURNS: usize = 4;

pub(super) async fn flush<D: Deliver>(session: &Session<D>, until: Deadline) -> FlushReport {
    let settled = session.gate.settled();
    let pending = || session.gate.stats().tally.pending();
    let Some(open) = session.open().filter(|_| pending() > 0) else {
        return FlushReport::new(true, pending());
    };
    if ParkScope::refuses(&open.lease) {
        return FlushReport::new(false, pending());
    }
    let waiting = AbortOnDrop::new(open.lease.spawn(async move { within(until, settled).await.is_some() }));
    drop(open);
    FlushReport::new(waiting.join().await, pending())
}

pub(super) async fn close<D: Deliver>(session: &Arc<Session<D>>, until: Deadline) -> CloseReport {
    if session.open().is_some_and(|open| ParkScope::refuses(&open.lease)) {
        let (info, tally) = (session.shape.info.clone(), session.gate.stats().tally);
        return CloseReport::new(info, Ended::DeadlineReached, tally, Duration::ZERO);
    }
    match session.gate.begin_close(until) {
        Closing::Done(report) => {
            session.tasks.cancel();
            release_unused(session, until).await;
            report
        }
        Closing::Joined => session.gate.closed().await,
        Closing::Begun => {
            // Asked for only now: a first event may have started the transport since the call began.
            match session.open() {
                Some(open) => drop(open.lease.clone().spawn(drain(Ending(Arc::clone(session)), open))),
                None => session.gate.finish(Ended::Faulted, Vec::new()),
            }
            session.gate.closed().await
        }
    }
}

/// A start whose event was given up leaves a connection that no event used; close takes it down.
async fn release_unused<D: Deliver>(session: &Arc<Session<D>>, until: Deadline) {
    if let Some(open) = session.take_open() {
        let (session, lease) = (Arc::clone(session), open.lease.clone());
        // If the runtime is gone, so is the connection.
        let _gone = lease.spawn(async move { let_go(&session, &open, until).await }).await;
    }
}

async fn drain<D: Deliver>(ending: Ending<D>, open: Arc<Open<D>>) {
    let session = &ending.0;
    let (ended, until) = drained(&session.gate).await;
    if ended == Ended::DeadlineReached {
        session.gate.abandon();
    }
    session.tasks.cancel();
    let grace = Deadline::after(GRACE);
    within(grace, session.tasks.ended()).await;
    let_go(session, &open, until).await;
    in_time(&session.gate, grace, || session.outlet.drained()).await;
    // Held over the last turns: without it the worker might end, and this with it.
    let lease = open.lease.clone();
    drop((session.take_open(), open));
    for _ in 0..LAST_TURNS {
        tokio::task::yield_now().await;
    }
    session.gate.finish(ended, Vec::new());
    drop(lease);
}

/// Waits for the last event or the deadline.
async fn drained(gate: &Gate) -> (Ended, Deadline) {
    let (done, until) = in_time(gate, Deadline::now(), || gate.settled()).await;
    (if done { Ended::Drained } else { Ended::DeadlineReached }, until)
}

/// Waits for `work` until the deadline of the closing, which may move nearer meanwhile, but at least until `grace`.
/// Says whether it was done, and the deadline.
async fn in_time<F: Future<Output = ()>>(gate: &Gate, grace: Deadline, work: impl Fn() -> F) -> (bool, Deadline) {
    loop {
        let until = gate.closing_until().unwrap_or_else(Deadline::now);
        let sooner = gate.shortened(until);
        if let Some(done) = first(within(until.later(grace), work()), sooner).await {
            return (done.is_some(), until);
        }
    }
}

async fn let_go<D: Deliver>(session: &Session<D>, open: &Open<D>, until: Deadline) {
    let shutting = fenced(shut(&session.shape.deliver, &open.connection, until));
    if let Some(Err(fault)) = within(until, shutting).await {
        tracing::warn!(transport = %session.shape.info, %fault, "closing the connection went wrong");
    }
}

/// Makes sure that a closing ends: dropped with its task, it says that the worker is gone and lets go of what is left.
struct Ending<D: Deliver>(Arc<Session<D>>);

impl<D: Deliver> Drop for Ending<D> {
    fn drop(&mut self) {
        drop(self.0.take_open());
        self.0.gate.finish(Ended::Faulted, Vec::new());
    }
}

/// A wait on the worker that ends with its caller's. In a forked child it belongs to the parent and is left alone.
struct AbortOnDrop {
    waiting: JoinHandle<bool>,
    pid: u32,
}

impl AbortOnDrop {
    fn new(waiting: JoinHandle<bool>) -> Self {
        Self { waiting, pid: process::id() }
    }

    async fn join(mut self) -> bool {
        (&mut self.waiting).await.unwrap_or(false)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.pid == process::id() {
            self.waiting.abort();
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use super::bounded::{first, within};
use super::connect::Connect;
use super::fence::fenced;
use super::session::{Open, Session, shut};
use crate::lifecycle::{CloseReport, Closing, Deadline, Ended, FlushReport, Gate, State};
use crate::runtime::{Lease, ParkScope};

/// How much later than its deadline a closing ends, for what is worth a moment more: cancelled events let go, which
/// only need to be polled once more, and the hook for undelivered ones hears of them.
const GRACE: Duration = Duration::from_millis(100);

/// Turns that tasks of a dropped connection get before close returns: they are told by the drop, and let go of their
/// sockets when they are polled.
const LAST_TURNS: usize = 4;

/// What an engine adds to the end that all of them share.
pub(super) trait Life: Send + Sync + 'static {
    type Destination: Connect;

    fn base(&self) -> &Session<Self::Destination>;

    /// The claim on the worker; none before the first event and after the end.
    fn lease(&self) -> Option<Lease>;

    /// A closing has begun.
    fn press(self: &Arc<Self>);

    /// Abandons everything pending and says how much it was.
    fn give_up(&self) -> u64;

    /// Lets go of the claim on the worker.
    fn release(&self);
}

pub(super) async fn flush<L: Life>(life: &L, until: Deadline) -> FlushReport {
    let gate = &life.base().gate;
    let settled = gate.settled();
    let pending = || gate.stats().tally.pending();
    let Some(lease) = life.lease().filter(|_| pending() > 0) else {
        return FlushReport::new(pending() == 0, pending());
    };
    if ParkScope::refuses(&lease) {
        return FlushReport::new(false, pending());
    }
    let waited = lease.attend(async move { within(until, settled).await.is_some() }).await;
    FlushReport::new(waited.unwrap_or(false), pending())
}

pub(super) async fn close<L: Life>(life: &Arc<L>, until: Deadline) -> CloseReport {
    let base = life.base();
    if life.lease().is_some_and(|lease| ParkScope::refuses(&lease)) {
        let (info, tally) = (base.shape.info.clone(), base.gate.stats().tally);
        return CloseReport::new(info, Ended::DeadlineReached, tally, Duration::ZERO);
    }
    match base.gate.begin_close(until) {
        Closing::Done(report) => {
            base.tasks.cancel();
            release_unused(life, until).await;
            report
        }
        Closing::Joined => base.gate.closed().await,
        Closing::Begun => {
            // Asked for only now: a first event may have started the transport since the call began.
            match life.lease() {
                Some(lease) => drop(lease.clone().spawn(drain(Ending(Arc::clone(life)), lease))),
                None => base.gate.finish(Ended::Faulted, Vec::new()),
            }
            base.gate.closed().await
        }
    }
}

/// The end of an engine that was not closed.
pub(super) fn dropped<L: Life>(life: &L) {
    let base = life.base();
    if base.gate.state() >= State::Closing {
        return;
    }
    let abandoned = life.give_up();
    base.tasks.cancel();
    drop(base.take_open());
    life.release();
    if abandoned > 0 {
        tracing::warn!(transport = %base.shape.info, abandoned, "dropped without close, pending events are lost");
    }
}

/// A start whose event was given up leaves a connection that no event used; close takes it down.
async fn release_unused<L: Life>(life: &Arc<L>, until: Deadline) {
    if let (Some(lease), Some(open)) = (life.lease(), life.base().take_open()) {
        let life = Arc::clone(life);
        // If the runtime is gone, so is the connection.
        let _gone = lease.spawn(async move { let_go(life.base(), &open, until).await }).await;
    }
    life.release();
}

async fn drain<L: Life>(ending: Ending<L>, lease: Lease) {
    let (life, base) = (&ending.0, ending.0.base());
    life.press();
    let (ended, until) = drained(&base.gate).await;
    if ended == Ended::DeadlineReached {
        life.give_up();
    }
    base.tasks.cancel();
    let grace = Deadline::after(GRACE);
    within(grace, base.tasks.ended()).await;
    if let Some(open) = base.take_open() {
        let_go(base, &open, until.later(grace)).await;
    }
    in_time(&base.gate, grace, || base.outlet.drained()).await;
    life.release();
    // The lease is held over the last turns: without it the worker might end, and this with it.
    for _ in 0..LAST_TURNS {
        tokio::task::yield_now().await;
    }
    base.gate.finish(ended, Vec::new());
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

async fn let_go<C: Connect>(session: &Session<C>, open: &Open<C>, until: Deadline) {
    let shutting = fenced(shut(&session.shape.destination, &open.connection, until));
    if let Some(Err(fault)) = within(until, shutting).await {
        tracing::warn!(transport = %session.shape.info, %fault, "closing the connection went wrong");
    }
}

/// Makes sure that a closing ends: dropped with its task, it says that the worker is gone and lets go of what is left.
struct Ending<L: Life>(Arc<L>);

impl<L: Life> Drop for Ending<L> {
    fn drop(&mut self) {
        let base = self.0.base();
        if base.gate.state() < State::Closed {
            self.0.give_up();
        }
        drop(base.take_open());
        self.0.release();
        base.gate.finish(Ended::Faulted, Vec::new());
    }
}

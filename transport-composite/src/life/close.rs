use std::future::Future;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use openlineage_core::lifecycle::{CloseReport, Closing, Deadline, Ended, Gate, State};
use openlineage_core::runtime::Lease;
use openlineage_core::transport::Transport;

use super::Closings;
use crate::fence::{first, within};
use crate::session::{Role, Session};

/// How much later than its deadline the close of a leg may return: engines need a moment to let go of what they cancel.
pub(super) const GRACE: Duration = Duration::from_millis(100);

/// How long a closing waits for events of its own to be counted, and then for those it has given up to let go.
const LETTING_GO: Duration = Duration::from_millis(50);

/// Turns that tasks of the legs get before close returns, to let go of their sockets.
const LAST_TURNS: usize = 4;

pub(crate) async fn close(session: &Arc<Session>, until: Deadline) -> CloseReport {
    // Of a composite whose legs only queue none is held; but its closing has to wait for the worker.
    let lease = if session.gate.state() == State::Active { session.lease().ok() } else { session.held_lease() };
    if lease.is_some_and(|lease| lease.refuses_wait()) {
        let (info, tally) = (session.shape.info.clone(), session.gate.stats().tally);
        return CloseReport::new(info, Ended::DeadlineReached, tally, Duration::ZERO);
    }
    match session.gate.begin_close_with_children(until) {
        Closing::Done(report) => report,
        Closing::Joined => session.gate.closed().await,
        Closing::Begun => {
            begin(session, until);
            session.gate.closed().await
        }
    }
}

fn begin(session: &Arc<Session>, until: Deadline) {
    let ending = Ending::of(session);
    let legs = session.ending();
    if session.gate.stats().tally.pending() == 0 {
        // Legs that have nothing to wait for need no worker, and those of a new composite must not start one.
        let mut legs = Closings::of(&legs);
        legs.begin(until);
        if legs.poll_once() {
            drop(session.drop_lease());
            return ending.end(Ended::Drained, legs.into_reports());
        }
    }
    if let Ok(lease) = session.lease() {
        lease.clone().take_on(move || drain(ending, legs, lease));
    }
}

async fn drain(ending: Ending, legs: Vec<Arc<dyn Transport>>, lease: Lease) {
    let session = &ending.session;
    let gate = &session.gate;
    // The fallbacks of events that are under way must not be closed before those events, and need time themselves.
    let left = gate.closing_until().and_then(Deadline::remaining);
    let half = left.map_or(Deadline::never(), |left| Deadline::after(left / 2));
    in_time(gate, |until| within(half.sooner(until), session.searching.none())).await;
    let mut legs = Closings::of(&legs);
    loop {
        let until = gate.closing_until().unwrap_or_else(Deadline::now);
        legs.begin(until);
        if first(within(past(until, GRACE), &mut legs), gate.shortened(until)).await.is_some() {
            break;
        }
    }
    let children = legs.into_reports();
    // What was pending at legs that have ended is answered, and has to be counted. A share waits for its own.
    let settled = in_time(gate, |until| within(at_least(until, LETTING_GO), gate.settled())).await.is_some();
    let drained = settled && gate.stats().tally.abandoned == ending.abandoned;
    session.give_up();
    within(Deadline::after(LETTING_GO), session.carried.none()).await;
    drop(session.drop_lease());
    for _ in 0..LAST_TURNS {
        tokio::task::yield_now().await;
    }
    ending.end(if drained { Ended::Drained } else { Ended::DeadlineReached }, children);
    drop(lease);
}

/// Waits for `work`, which is begun anew when the deadline of the closing moves nearer.
async fn in_time<F: Future>(gate: &Gate, work: impl Fn(Deadline) -> F) -> F::Output {
    loop {
        let until = gate.closing_until().unwrap_or_else(Deadline::now);
        if let Some(done) = first(work(until), gate.shortened(until)).await {
            return done;
        }
    }
}

/// Until then, but for so long at least.
fn at_least(until: Deadline, least: Duration) -> Deadline {
    until.remaining().map_or(Deadline::never(), |left| Deadline::after(left.max(least)))
}

/// So much later than `until`, or than now if that has passed.
pub(crate) fn past(until: Deadline, grace: Duration) -> Deadline {
    until.remaining().map_or(Deadline::never(), |left| Deadline::after(left.saturating_add(grace)))
}

/// Makes sure that a closing ends: dropped with its task, it says that the worker is gone.
struct Ending {
    session: Arc<Session>,
    /// Events that had been abandoned before.
    abandoned: u64,
}

impl Ending {
    fn of(session: &Arc<Session>) -> Self {
        Self { session: Arc::clone(session), abandoned: session.gate.stats().tally.abandoned }
    }

    fn end(&self, ended: Ended, children: Vec<CloseReport>) {
        // A share stands in its inner transport's place.
        let children = match self.session.shape.role {
            Role::Composite => children,
            Role::Share(_) => children.into_iter().flat_map(|inner| inner.children).collect(),
        };
        self.session.gate.finish(ended, children);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if self.session.pid == process::id() && self.session.gate.state() < State::Closed {
            self.session.fault();
        }
    }
}

/// Closes transports together under one deadline that stays as it is. Needs a tokio context.
pub(crate) async fn close_together(transports: &[Arc<dyn Transport>], until: Deadline) -> Vec<CloseReport> {
    let mut closings = Closings::of(transports);
    closings.begin(until);
    within(past(until, GRACE), &mut closings).await;
    closings.into_reports()
}

/// Ends transports without waiting, and reports what they have abandoned.
pub(crate) fn end_at_once(transports: &[Arc<dyn Transport>]) -> Vec<CloseReport> {
    let mut closings = Closings::of(transports);
    closings.begin(Deadline::now());
    closings.poll_once();
    closings.into_reports()
}

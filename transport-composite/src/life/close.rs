use std::future::Future;
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use openlineage_core::lifecycle::{CloseReport, Closing, Deadline, Ended, Gate, State};
use openlineage_core::runtime::Lease;

use super::Closings;
use crate::fence::{first, within};
use crate::session::Session;

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
    if session.gate.stats().tally.pending() == 0 {
        // Legs that have nothing to wait for need no worker, and those of a new composite must not start one.
        let mut legs = Closings::of(session.legs());
        legs.begin(until);
        if is_ready(&mut legs) {
            return ending.end(Ended::Drained, legs.into_reports());
        }
    }
    if let Ok(lease) = session.lease() {
        lease.clone().take_on(drain(ending, lease));
    }
}

async fn drain(ending: Ending, lease: Lease) {
    let session = &ending.session;
    let gate = &session.gate;
    // The fallbacks of events that are under way must not be closed before those events, and need time themselves.
    let left = gate.closing_until().and_then(Deadline::remaining);
    let half = left.map_or(Deadline::never(), |left| Deadline::after(left / 2));
    in_time(gate, |until| within(half.sooner(until), session.searching.none())).await;
    let mut legs = Closings::of(session.legs());
    loop {
        let until = gate.closing_until().unwrap_or_else(Deadline::now);
        legs.begin(until);
        if first(within(past(until, GRACE), &mut legs), gate.shortened(until)).await.is_some() {
            break;
        }
    }
    let children = legs.into_reports();
    // What was pending at the legs has been answered by now, and has to be counted.
    let settled = within(Deadline::after(LETTING_GO), gate.settled()).await.is_some();
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

/// Polls once, for work that does not have to wait.
fn is_ready(work: &mut Closings) -> bool {
    Pin::new(work).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Ends the legs without waiting, and reports what they have abandoned.
pub(crate) fn ended_at_once(session: &Session) -> Vec<CloseReport> {
    let mut legs = Closings::of(session.legs());
    legs.begin(Deadline::now());
    let _ended = is_ready(&mut legs);
    legs.into_reports()
}

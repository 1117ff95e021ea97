use std::fmt;
use std::pin::Pin;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::ledger::{Ledger, Settled};
use super::{CloseReport, Deadline, Ended, Fate, State, Stats};
use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::transport::{Receipt, TransportInfo};

/// Admits or refuses events, counts their fates, and wakes whoever waits for the last one.
///
/// Every engine, share and composite keeps its life cycle in one of these. It starts nothing and needs no runtime: its
/// futures may be polled anywhere. Cloning shares it.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    info: TransportInfo,
    pid: u32,
    ledger: Mutex<Ledger>,
    changed: Notify,
    /// Who waits for a change: mostly nobody, which is cheaper to ask than to tell.
    waiting: AtomicUsize,
}

impl Shared {
    /// Tells whoever waits. Whoever looked before the ledger changed is counted by now.
    fn tell(&self) {
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.changed.notify_waiters();
        }
    }
}

/// What a call of `close` has to do next.
#[expect(clippy::exhaustive_enums, reason = "a caller must handle all three")]
#[derive(Debug)]
pub enum Closing {
    /// This call began the closing from Active: drain, then [`Gate::finish`].
    Begun,
    /// Another call is closing: wait for [`Gate::closed`].
    Joined,
    /// It is over, or nothing was ever started.
    Done(CloseReport),
}

impl Gate {
    /// A gate in state New for the transport named by `info`.
    #[must_use]
    pub fn new(info: TransportInfo) -> Self {
        let ledger = Mutex::new(Ledger::new());
        let (changed, waiting) = (Notify::new(), AtomicUsize::new(0));
        Self(Arc::new(Shared { info, pid: process::id(), ledger, changed, waiting }))
    }

    /// The current state.
    #[must_use]
    pub fn state(&self) -> State {
        self.ledger().state()
    }

    /// One consistent snapshot of the counts.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.ledger().stats()
    }

    /// Accepts one event, moving New to Active.
    ///
    /// # Errors
    ///
    /// [`EmitErrorKind::Closed`] once closing has begun; the refusal is counted.
    pub fn admit(&self) -> Result<Permit, EmitError> {
        let admitted = self.ledger().admit();
        match admitted {
            Some(number) => Ok(Permit { gate: self.clone(), number: Some(number) }),
            None => Err(self.refuse(EmitError::refused(EmitErrorKind::Closed))),
        }
    }

    /// Accepts one event on trial: it is pending from now on, and the state is New until it is known to be taken on.
    ///
    /// For what hands events on to other transports and learns from them whether one of them took it: then
    /// [`Permit::confirm`] moves New to Active, else [`Permit::retract`] takes the acceptance back.
    ///
    /// # Errors
    ///
    /// As [`admit`](Self::admit).
    pub fn admit_on_trial(&self) -> Result<Permit, EmitError> {
        let admitted = self.ledger().try_out();
        match admitted {
            Some(number) => Ok(Permit { gate: self.clone(), number: Some(number) }),
            None => Err(self.refuse(EmitError::refused(EmitErrorKind::Closed))),
        }
    }

    /// Moves New to Active if an event is on trial: it is seen, if not said yet, that it has been taken on.
    pub fn confirm_trials(&self) {
        let mut ledger = self.ledger();
        if ledger.stats().tally.pending() > 0 {
            ledger.confirm();
        }
    }

    /// Counts a refusal and names this transport in it. In a forked child a gate of the parent's counts nothing.
    #[must_use]
    pub fn refuse(&self, error: EmitError) -> EmitError {
        // A lock held by a thread that does not exist in this process would never come free.
        if self.0.pid == process::id() {
            self.ledger().refuse();
        }
        error.at(&self.0.info)
    }

    /// Moves to Closing, or joins the closing that is under way, shortening its deadline if `until` is sooner.
    #[must_use]
    pub fn begin_close(&self, until: Deadline) -> Closing {
        self.begin(until, true)
    }

    /// The same for what has children to close: from New, too, its closing ends with [`finish`](Self::finish) alone.
    #[must_use]
    pub fn begin_close_with_children(&self, until: Deadline) -> Closing {
        self.begin(until, false)
    }

    fn begin(&self, until: Deadline, ends_from_new: bool) -> Closing {
        let mut ledger = self.ledger();
        let ends = ends_from_new && ledger.is_untouched();
        let begun = ledger.begin_close(until, Instant::now());
        if ends {
            ledger.finish(&self.0.info, Ended::Drained, Vec::new(), Instant::now());
        }
        let closing = match ledger.report() {
            Some(report) => Closing::Done(report),
            None if begun => Closing::Begun,
            None => Closing::Joined,
        };
        drop(ledger);
        self.0.tell();
        closing
    }

    /// Ends the life: what is still pending becomes abandoned, the state Closed. The first call decides the report.
    ///
    /// `Ended::Drained` with events pending is recorded as `Faulted`: something lost them without saying so.
    pub fn finish(&self, ended: Ended, children: Vec<CloseReport>) {
        self.ledger().finish(&self.0.info, ended, children, Instant::now());
        self.0.tell();
    }

    /// Abandons everything pending and says how much it was. The state does not change.
    pub fn abandon(&self) -> u64 {
        let abandoned = self.ledger().abandon();
        self.0.tell();
        abandoned
    }

    /// Counts acknowledgements of events that had met their fate before.
    pub fn count_late(&self, acknowledgements: u64) {
        if acknowledgements > 0 {
            self.ledger().count_late(acknowledgements);
        }
    }

    /// Waits until everything accepted before this call is settled. Unbounded: put a deadline round it.
    pub fn settled(&self) -> impl Future<Output = ()> + Send + use<> {
        let (gate, target) = (self.clone(), self.ledger().next());
        async move { gate.wait(|ledger| ledger.settled_before(target).then_some(())).await }
    }

    /// Waits until the closing has ended. Unbounded: the closing itself has a deadline.
    pub async fn closed(&self) -> CloseReport {
        self.wait(Ledger::report).await
    }

    /// The deadline of the closing under way, as shortened so far.
    #[must_use]
    pub fn closing_until(&self) -> Option<Deadline> {
        self.ledger().closing_until()
    }

    /// Waits until the closing's deadline is sooner than `known`.
    pub async fn shortened(&self, known: Deadline) {
        self.wait(|ledger| ledger.closing_until().filter(|until| *until != known)).await;
    }

    /// Waits until `look` finds what it wants; looks again after every change.
    async fn wait<T>(&self, look: impl Fn(&Ledger) -> Option<T>) -> T {
        loop {
            let changed = Waiting::new(&self.0);
            if let Some(found) = look(&self.ledger()) {
                return found;
            }
            changed.await;
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait for the next change. It stands in a list behind a lock, which a thread of the parent may have held when this
/// process was forked: an inherited one is left where it is.
struct Waiting<'a> {
    shared: &'a Shared,
    changed: Option<Pin<Box<Notified<'a>>>>,
}

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::AcqRel);
        Self { shared, changed: Some(Box::pin(shared.changed.notified())) }
    }
}

impl Future for Waiting<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.changed.as_mut().map_or(Poll::Ready(()), |changed| changed.as_mut().poll(cx))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.shared.pid != process::id() {
            return std::mem::forget(self.changed.take());
        }
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Gate");
        out.field("info", &self.0.info);
        // A lock held by a thread that does not exist in this process would never come free.
        if self.0.pid == process::id() {
            out.field("state", &self.state()).field("stats", &self.stats());
        }
        out.finish_non_exhaustive()
    }
}

/// The right, and the duty, to settle one accepted event.
///
/// Dropping it unsettled counts the event as abandoned, so that the sum holds whatever happens.
#[must_use = "dropping a permit abandons its event"]
#[derive(Debug)]
pub struct Permit {
    gate: Gate,
    number: Option<u64>,
}

impl Permit {
    /// Where the event stands in the order of acceptance.
    pub(crate) fn number(&self) -> u64 {
        self.number.unwrap_or_default()
    }

    /// Of an event on trial: somebody has taken it on.
    pub fn confirm(&self) {
        if self.number.is_some() {
            self.gate.ledger().confirm();
        }
    }

    /// Of an event on trial: nobody has taken it on, and it counts nowhere. A refusal is counted by [`Gate::refuse`].
    ///
    /// `false` if it was abandoned meanwhile, by the deadline of a close or by a drop; then it stays so.
    #[must_use]
    pub fn retract(mut self) -> bool {
        let Some(number) = self.number.take() else { return false };
        let retracted = self.gate.ledger().retract(number);
        self.gate.0.tell();
        retracted
    }

    /// Counts the event's fate, and returns the outcome that was counted: the one to tell.
    ///
    /// That is `outcome`, unless the event had been abandoned before, by the deadline of a close or by a drop. Then it
    /// stays abandoned, as [`EmitErrorKind::Closed`], whatever has become of it since; an acknowledgement is counted in
    /// [`Stats::late`]. An accepted event cannot become refused either: an error that says so counts as abandoned.
    ///
    /// # Errors
    ///
    /// What the event was lost by.
    pub fn settle(mut self, outcome: Result<Receipt, EmitError>) -> Result<Receipt, EmitError> {
        let outcome = outcome.map_err(|error| match error.fate() {
            Fate::Refused => given_up(error.kind().clone(), error),
            _ => error,
        });
        if self.count(outcome.as_ref().map_or_else(EmitError::fate, |_| Fate::Delivered), outcome.as_ref().err()) {
            return outcome;
        }
        let error = match outcome {
            Err(error) if error.fate() == Fate::Abandoned => return Err(error),
            Err(error) => given_up(EmitErrorKind::Closed, error),
            Ok(receipt) => {
                let fault = Fault::new(EmitErrorKind::Closed).because("the destination confirmed it too late");
                EmitError::abandoned(fault, receipt.attempts)
            }
        };
        Err(error.at(&self.gate.0.info))
    }

    /// `false` if the event had been counted before.
    fn count(&mut self, fate: Fate, error: Option<&EmitError>) -> bool {
        let Some(number) = self.number.take() else { return false };
        let settled = self.gate.ledger().settle(number, fate, error);
        if settled == Settled::InTurn {
            self.gate.0.tell();
        }
        settled != Settled::TooLate
    }
}

/// The error of an event that counts as abandoned whatever `error` says.
fn given_up(kind: EmitErrorKind, error: EmitError) -> EmitError {
    let (sent, attempts) = (error.sent(), error.attempts());
    EmitError::abandoned(Fault::new(kind).sent(sent).because(error), attempts)
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.number.is_some() && self.gate.0.pid == process::id() {
            self.count(Fate::Abandoned, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn gate() -> Gate {
        Gate::new(TransportInfo::new("test"))
    }

    fn receipt() -> Result<Receipt, EmitError> {
        Ok(Receipt::new(2, Duration::ZERO))
    }

    fn told(outcome: Result<Receipt, EmitError>) -> (Fate, EmitErrorKind, u32) {
        let error = outcome.unwrap_err();
        (error.fate(), error.kind().clone(), error.attempts())
    }

    #[test]
    fn an_event_that_was_abandoned_is_told_so_whatever_the_destination_says() {
        let gate = gate();
        let [first, second, third] = std::array::from_fn(|_| gate.admit().unwrap());
        assert_eq!(gate.abandon(), 3);
        assert_eq!(told(first.settle(receipt())), (Fate::Abandoned, EmitErrorKind::Closed, 2));
        assert_eq!(gate.stats().late, 1);
        let failed = EmitError::failed(Fault::new(EmitErrorKind::Rejected { code: 400 }), 3);
        assert_eq!(told(second.settle(Err(failed))), (Fate::Abandoned, EmitErrorKind::Closed, 3));
        let abandoned = EmitError::abandoned(Fault::new(EmitErrorKind::WorkerLost), 1);
        assert_eq!(told(third.settle(Err(abandoned))), (Fate::Abandoned, EmitErrorKind::WorkerLost, 1));
        let stats = gate.stats();
        assert_eq!((stats.late, stats.tally.abandoned, stats.tally.lost(), stats.tally.delivered), (1, 3, 3, 0));
    }

    #[test]
    fn an_event_that_is_pending_is_told_what_its_destination_says() {
        let gate = gate();
        let [first, second, third] = std::array::from_fn(|_| gate.admit().unwrap());
        assert!(second.settle(receipt()).is_ok());
        let failed = EmitError::failed(Fault::new(EmitErrorKind::Timeout), 1);
        assert_eq!(told(first.settle(Err(failed))), (Fate::Failed, EmitErrorKind::Timeout, 1));
        let refused = EmitError::refused(EmitErrorKind::Saturated);
        assert_eq!(told(third.settle(Err(refused))), (Fate::Abandoned, EmitErrorKind::Saturated, 0));
        let tally = gate.stats().tally;
        assert_eq!((tally.delivered, tally.failed, tally.abandoned, tally.refused), (1, 1, 1, 0));
        assert_eq!(gate.stats().late, 0);
    }
}

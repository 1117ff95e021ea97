use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use super::Receipt;
use crate::error::{EmitError, EmitErrorKind, Fault, Sent};

pub(crate) type Outcome = Result<Receipt, EmitError>;
type Observer = Box<dyn FnOnce(&Outcome) + Send>;

/// The fate of one accepted event, as a future that any executor can poll.
///
/// Dropping it changes nothing: the event is settled and counted all the same.
///
/// In a forked child an event of the parent's has no fate: unless it was settled before the fork, its ticket says
/// [`EmitErrorKind::WorkerLost`] there, at once.
#[must_use = "a ticket tells what became of the event; drop it to ignore that"]
pub struct Ticket(Arc<Shared>);

/// The other end of a [`Ticket`], held by whoever is responsible for the event.
///
/// Used up by the one call that settles it. Dropped unsettled, it settles the event as abandoned
/// ([`EmitErrorKind::WorkerLost`]), so that no ticket waits for ever and every sum holds.
#[must_use = "dropping this abandons the event"]
pub struct Settle(Arc<Shared>);

struct Shared {
    pid: u32,
    /// Set once the outcome is in: from then on nothing waits here, and dropping either end is plain memory.
    done: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Boxed, because most of the time there is none.
    outcome: Option<Box<Outcome>>,
    waker: Option<Waker>,
    observers: Vec<Observer>,
    withdraw: Option<(Weak<dyn Withdraw>, u64)>,
}

/// Gives events back that have not been sent: what a queue does for [`Ticket::withdraw`].
pub trait Withdraw: Send + Sync + 'static {
    /// Takes back the event of this number and settles it as failed, if nothing of it was sent and no attempt is under
    /// way. Says whether it did. Must not block.
    fn withdraw(&self, number: u64) -> bool;
}

impl Ticket {
    /// Both ends for one event.
    pub fn pair() -> (Settle, Self) {
        Self::pair_in(process::id())
    }

    /// Both ends, for a caller that has just asked for its process id.
    pub(crate) fn pair_in(pid: u32) -> (Settle, Self) {
        let shared = Arc::new(Shared { pid, done: AtomicBool::new(false), state: Mutex::default() });
        (Settle(Arc::clone(&shared)), Self(shared))
    }

    /// A ticket that is settled already.
    pub fn settled(outcome: Outcome) -> Self {
        let (settle, ticket) = Self::pair();
        settle.settle(outcome);
        ticket
    }

    /// The fate, for a caller that has just taken the event on, in this process, and waits from now on: that the ticket is
    /// not a parent's need not be asked of the system before the first look.
    pub(crate) fn heard_here(mut self) -> impl Future<Output = Outcome> + Send {
        let mut is_ours = true;
        poll_fn(move |cx| if mem::take(&mut is_ours) { self.look(cx) } else { Pin::new(&mut self).poll(cx) })
    }

    fn look(&self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut state = self.0.lock();
        match &state.outcome {
            Some(outcome) => Poll::Ready(Outcome::clone(outcome)),
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }

    /// Takes the event back, if nothing of it has been sent. `true`: it is settled as failed, and will not arrive.
    ///
    /// `false` if it may have been sent, is settled already, or if whoever queues it cannot give events back.
    #[must_use = "an event that was not withdrawn may still arrive"]
    pub fn withdraw(&self) -> bool {
        let withdraw = self.0.lock().withdraw.clone();
        withdraw.is_some_and(|(queue, number)| queue.upgrade().is_some_and(|queue| queue.withdraw(number)))
    }

    /// Calls `observer` once with the outcome, on the thread that settles the event and before the ticket resolves, or
    /// at once if it is settled. It is called even if nobody ever polls the ticket, and must not block.
    pub fn observe(&self, observer: impl FnOnce(&Outcome) + Send + 'static) {
        if self.0.is_inherited() {
            return observer(&Err(unheard()));
        }
        let mut state = self.0.lock();
        match state.outcome.clone() {
            None => state.observers.push(Box::new(observer)),
            Some(outcome) => {
                drop(state);
                observer(&outcome);
            }
        }
    }
}

impl Future for Ticket {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        if self.0.is_inherited() {
            return Poll::Ready(Err(unheard()));
        }
        self.look(cx)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The other end keeps what is inherited, and needs no question to the system.
        if Arc::strong_count(&self.0) == 1 && self.0.is_inherited() {
            mem::forget(Arc::clone(&self.0));
        }
    }
}

impl Settle {
    /// Says who gives the event back, and by which number, for [`Ticket::withdraw`].
    pub fn withdrawn_by(&self, queue: Weak<dyn Withdraw>, number: u64) {
        self.0.lock().withdraw = Some((queue, number));
    }

    /// The destination confirmed the event.
    pub fn delivered(self, receipt: Receipt) {
        self.settle(Ok(receipt));
    }

    /// The event will not be delivered.
    pub fn lost(self, error: EmitError) {
        self.settle(Err(error));
    }

    /// Either.
    pub fn settle(self, outcome: Outcome) {
        self.0.resolve(outcome).into_iter().for_each(Waker::wake);
    }

    /// The same, with whoever waits for it left to be woken by the caller, who has more to settle.
    pub(crate) fn settle_first(self, outcome: Outcome) -> Option<Waker> {
        self.0.resolve(outcome)
    }
}

impl fmt::Debug for Settle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settle").finish_non_exhaustive()
    }
}

impl Drop for Settle {
    fn drop(&mut self) {
        if self.0.done.load(Ordering::Acquire) {
            return;
        }
        if self.0.is_inherited() {
            mem::forget(Arc::clone(&self.0));
        } else {
            let lost = EmitError::abandoned(Fault::new(EmitErrorKind::WorkerLost), 0);
            self.0.resolve(Err(lost)).into_iter().for_each(Waker::wake);
        }
    }
}

impl Shared {
    /// Came from a parent process, unsettled: its locks may be held by threads that do not exist, so leave it as it is.
    fn is_inherited(&self) -> bool {
        !self.done.load(Ordering::Acquire) && self.pid != process::id()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Observers run before the ticket can resolve, so that whoever has seen an event's fate also finds it counted.
    /// Returns who is to be woken.
    fn resolve(&self, outcome: Outcome) -> Option<Waker> {
        let mut state = self.lock();
        if !state.observers.is_empty() {
            let observers = mem::take(&mut state.observers);
            drop(state);
            observers.into_iter().for_each(|observer| observer(&outcome));
            state = self.lock();
        }
        let (waker, late) = (state.waker.take(), mem::take(&mut state.observers));
        let told = (!late.is_empty()).then(|| outcome.clone());
        state.outcome = Some(Box::new(outcome));
        drop(state);
        self.done.store(true, Ordering::Release);
        if let Some(outcome) = told {
            late.into_iter().for_each(|observer| observer(&outcome));
        }
        waker
    }
}

/// The parent's worker carries the event, and tells the parent.
fn unheard() -> EmitError {
    let fault = Fault::new(EmitErrorKind::WorkerLost).sent(Sent::Maybe);
    EmitError::abandoned(fault.because("the event belongs to the process that this one was forked from"), 0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    use super::*;
    use crate::lifecycle::Fate;

    fn poll(ticket: &mut Ticket) -> Poll<Outcome> {
        Pin::new(ticket).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_settled_event_resolves_its_ticket() {
        let (settle, mut ticket) = Ticket::pair();
        assert!(poll(&mut ticket).is_pending());
        settle.delivered(Receipt::new(1, Duration::ZERO));
        assert!(matches!(poll(&mut ticket), Poll::Ready(Ok(receipt)) if receipt.attempts == 1));
    }

    #[test]
    fn a_dropped_settle_abandons() {
        let (settle, mut ticket) = Ticket::pair();
        drop(settle);
        let Poll::Ready(Err(error)) = poll(&mut ticket) else { panic!("not settled") };
        assert_eq!(error.fate(), Fate::Abandoned);
    }

    #[test]
    fn an_observer_hears_once_even_if_the_ticket_is_dropped() {
        let heard = Arc::new(AtomicU32::new(0));
        let (settle, ticket) = Ticket::pair();
        let count = Arc::clone(&heard);
        ticket.observe(move |outcome| {
            assert!(outcome.is_ok());
            count.fetch_add(1, Ordering::Relaxed);
        });
        drop(ticket);
        settle.delivered(Receipt::new(1, Duration::ZERO));
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn an_observer_of_a_settled_ticket_hears_at_once() {
        let ticket = Ticket::settled(Ok(Receipt::new(3, Duration::ZERO)));
        let (sender, heard) = std::sync::mpsc::channel();
        ticket.observe(move |outcome| sender.send(outcome.is_ok()).unwrap());
        assert_eq!(heard.try_recv(), Ok(true));
    }
}

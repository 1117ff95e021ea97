use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use openlineage_core::client::Client;
use openlineage_core::error::{EmitError, EmitErrorKind};
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State};
use openlineage_core::runtime::{ForkCell, Runtime};
use openlineage_core::transport::{Ack, Receipt};

use crate::call::Call;
use crate::mode::{Limits, Mode};
use crate::payload::Payload;
use crate::scope::Scope;
use crate::session::{Means, Session};
use crate::stats::EmitterStats;
use crate::wait::{Waiter, lease, message, panicked, parked};
use crate::{closing, here, task, thread};

/// Emits through a client, in one [`Mode`]. Cloning it is a reference count.
///
/// Making one starts nothing. Every call is bounded by the mode's `execution_timeout`, counted from the call. The
/// transport hears the deadline, so that its retries fit; in thread and task mode one a little sooner (a twentieth, at
/// most 100 ms), so that its own verdict comes before the caller is gone.
///
/// # Counts
///
/// [`stats`](Self::stats) counts each event once, as its caller heard of it: accepted = delivered + failed + abandoned +
/// pending. What a caller was told to have timed out and is delivered all the same is counted as `late` besides.
///
/// # Dropping
///
/// Dropping the last clone without [`shutdown`](Self::shutdown) neither waits nor cancels: what is under way goes on to
/// its own deadline, and one warning says how much it is. If the process ends before, it is lost.
#[derive(Clone)]
pub struct Emitter {
    shared: Arc<Shared>,
    limit: Duration,
}

struct Shared {
    client: Client,
    mode: Mode,
    session: ForkCell<Arc<Session>>,
    /// Keeps the time of calls that are futures.
    clock: Runtime,
}

impl Emitter {
    /// An emitter before `client`.
    #[must_use]
    pub fn new(client: Client, mode: Mode) -> Self {
        let (limit, clock) = match &mode {
            Mode::Task(options) => (options.execution_timeout, options.runtime.clone()),
            Mode::Inline(_) | Mode::Thread(_) => (mode.execution_timeout(), Runtime::shared()),
        };
        Self { shared: Arc::new(Shared { client, mode, session: ForkCell::new(), clock }), limit }
    }

    /// The same emitter for calls with another time limit; [`Duration::MAX`] is none. Threads, bounds and counts are
    /// shared.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self { shared: Arc::clone(&self.shared), limit }
    }

    /// Where events go.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// How it emits.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.shared.mode
    }

    /// Runs `work`, which looks lineage up and emits it, under one time limit.
    ///
    /// In thread mode it runs on a thread of its own and this returns in time whatever it does: work that takes longer
    /// is left behind, holds one of `max_abandoned` threads until it ends, and can emit nothing more. In the other modes
    /// it runs on the calling thread: all it does through its [`Scope`] keeps the limit, its own code is not interrupted.
    ///
    /// # Errors
    ///
    /// `Timeout` if it was left behind: not accepted if it had emitted nothing by then. `Saturated` if every thread is
    /// held by work that was left behind. `Faulted` if it panicked. `Closed` after [`shutdown`](Self::shutdown).
    /// `WouldDeadlock` in thread mode on the worker, `Start` if the system has no thread.
    pub fn run<R, W>(&self, work: W) -> Result<R, EmitError>
    where
        R: Send + 'static,
        W: FnOnce(&Scope) -> R + Send + 'static,
    {
        let (session, limits) = (self.session(), self.limits());
        if let Means::Thread(threads) = &session.means {
            let call = Call::new(limits);
            return parked(session.transport(), thread::run(session, threads, work, &call, Waiter::Parked));
        }
        session.refuse_work()?;
        let scope = Scope::new(Arc::clone(session), Call::new(limits));
        let result = catch_unwind(AssertUnwindSafe(|| work(&scope)));
        result.map_err(|panic| panicked(session.transport(), message(&*panic)))
    }

    /// Emits an event and waits for its fate: `Ok` means delivered, `None` that it was skipped on purpose.
    ///
    /// Where the transport queues, it waits for the ticket; an event that is still queued when the time is over counts as
    /// failed here and may be delivered yet.
    ///
    /// # Errors
    ///
    /// What became of the event; besides what the transport says, `Timeout`, and in thread mode those of
    /// [`run`](Self::run). `WouldDeadlock` on the thread that drives the transport's runtime or that of the tasks.
    pub fn emit(&self, event: impl Into<Payload>) -> Result<Option<Receipt>, EmitError> {
        let (session, limits, event) = (self.session(), self.limits(), event.into());
        match &session.means {
            Means::Inline => here::emit(session, &Call::new(limits), event),
            Means::Thread(threads) => {
                parked(session.transport(), thread::emit(session, threads, event, limits, Waiter::Parked))
            }
            Means::Task(tasks) => {
                parked(session.transport(), task::emit(session, tasks, event, limits, Waiter::Parked))
            }
        }
    }

    /// The same as a future, for any executor. Its time counts from this call.
    ///
    /// It may be dropped at any point: an event that was taken on is settled and counted all the same. In inline mode
    /// the transport's own future runs on the worker, for that reason.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), without `WouldDeadlock`.
    pub fn emit_async<P: Into<Payload>>(
        &self,
        event: P,
    ) -> impl Future<Output = Result<Option<Receipt>, EmitError>> + Send + use<P> {
        let (emitter, limits, event) = (self.clone(), self.limits(), event.into());
        async move {
            let (session, clock) = (emitter.session(), &emitter.shared.clock);
            match &session.means {
                Means::Inline => task::emit_apart(session, event, limits, clock).await,
                Means::Thread(threads) => thread::emit(session, threads, event, limits, Waiter::Polled(clock)).await,
                Means::Task(tasks) => task::emit(session, tasks, event, limits, Waiter::Polled(clock)).await,
            }
        }
    }

    /// Hands an event over and does not wait for its fate, which the ticket in [`Ack::Queued`] tells.
    ///
    /// | mode | waits for | answers |
    /// | --- | --- | --- |
    /// | inline | the transport: for delivery, or for room if it queues | what the transport says |
    /// | thread | a thread, if all are at work | a ticket |
    /// | task | room, or nothing with [`RejectNew`](crate::Overflow::RejectNew) | a ticket |
    ///
    /// In thread mode the client's own work on the event happens on the thread as well. The ticket of an event that is
    /// skipped after it was taken on has a receipt without any attempt.
    ///
    /// # Errors
    ///
    /// The event was not taken on: `QueueFull`, `TooLarge`, `Saturated`, `Closed`, `Timeout`, `Encode`, `Start`.
    /// `WouldDeadlock` if there is no room and this thread drives the runtime of the tasks.
    pub fn submit(&self, event: impl Into<Payload>) -> Result<Ack, EmitError> {
        let (session, limits, event) = (self.session(), self.limits(), event.into());
        match &session.means {
            Means::Inline => here::hand_over(session, &Call::new(limits), event),
            Means::Thread(threads) => {
                parked(session.transport(), thread::submit(session, threads, event, limits, Waiter::Parked))
            }
            Means::Task(tasks) => {
                let taken = task::submit(session, tasks, event, limits, Waiter::Parked);
                parked(session.transport(), taken).map(|taken| taken.ack)
            }
        }
    }

    /// Waits until every event accepted before is settled, here and at the transport. Changes no state.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on a thread that drives what would be waited for.
    pub fn flush(&self, within: Duration) -> Result<FlushReport, EmitError> {
        let (session, until) = (self.session(), Deadline::after(within));
        closing::may_park(session)?;
        parked(session.transport(), closing::flush(session, until, Waiter::Parked))
    }

    /// The same as a future.
    ///
    /// # Errors
    ///
    /// `Start` or `WorkerLost` if there is no worker to keep the time.
    pub async fn flush_async(&self, within: Duration) -> Result<FlushReport, EmitError> {
        closing::flush(self.session(), Deadline::after(within), Waiter::Polled(&self.shared.clock)).await
    }

    /// Refuses new events, waits for those under way, abandons the rest when the time is over, and closes the client.
    ///
    /// Idempotent: a second call waits for the first and returns its report. The report's child is that of the transport.
    /// Threads that work was left behind on cannot be ended; a warning says how many there are.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on a thread that drives what would be waited for: nothing was closed.
    pub fn shutdown(&self, within: Duration) -> Result<CloseReport, EmitError> {
        let (session, until) = (self.session(), Deadline::after(within));
        closing::may_park(session)?;
        parked(session.transport(), closing::shut(session, until, Waiter::Parked))
    }

    /// The same as a future. Dropping it does not stop the closing.
    ///
    /// # Errors
    ///
    /// `Start` or `WorkerLost` if there is no worker to close on.
    pub async fn shutdown_async(&self, within: Duration) -> Result<CloseReport, EmitError> {
        let (session, until, clock) = (Arc::clone(self.session()), Deadline::after(within), self.shared.clock.clone());
        let lease = lease(&clock)?;
        let closing = lease.spawn(async move { closing::shut(&session, until, Waiter::Polled(&clock)).await });
        closing.await.unwrap_or_else(|_| Err(EmitError::refused(EmitErrorKind::WorkerLost)))
    }

    /// Where it is in its life: New until the first event, Closed after [`shutdown`](Self::shutdown).
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.session.get().map_or(State::New, |session| session.gate.state())
    }

    /// What became of the events, and how many threads are at work. Never blocks.
    #[must_use]
    pub fn stats(&self) -> EmitterStats {
        self.shared.session.get().map_or_else(EmitterStats::default, |session| session.stats())
    }

    fn limits(&self) -> Limits {
        Limits::of(&self.shared.mode, self.limit)
    }

    fn session(&self) -> &Arc<Session> {
        self.shared.session.get_or_init(|| Session::new(self.shared.client.clone(), &self.shared.mode))
    }
}

impl fmt::Debug for Emitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter")
            .field("client", &self.shared.client)
            .field("mode", &self.shared.mode)
            .field("limit", &self.limit)
            .finish()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // In a forked child this finds only what the child made itself; the rest is the parent's.
        let Some(session) = self.session.get() else { return };
        let pending = session.gate.stats().tally.pending();
        if pending > 0 {
            tracing::warn!(pending, "dropped without shutdown, events are still under way");
        }
    }
}

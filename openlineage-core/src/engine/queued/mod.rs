mod held;
mod in_line;
mod session;
mod shell;
#[cfg(test)]
mod shuttled;
mod sync;
mod work;

use std::sync::Arc;

use async_trait::async_trait;

use self::session::QueueSession;
use super::Deliver;
use super::closer::{self, Life};
use super::session::Shape;
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use crate::queue::Limits;
use crate::retry::RetryPolicy;
use crate::runtime::{ForkCell, Runtime};
use crate::transport::{Ack, Receipt, Transport, TransportInfo};
use crate::undelivered::Undelivered;

/// The engine that queues: `emit` answers [`Ack::Queued`] as soon as the event has room, and never waits for the
/// destination.
///
/// What it takes on, in which order it lets go of it and what waits for what stands in [`queue`](crate::queue). Nothing
/// runs before the first event and nothing runs while nothing is to be done: no thread, no task, no timer.
///
/// The connection is made with the first attempt; if that fails, the event waits like after any other failure of the
/// destination. Each event's `until` bounds the wait for room only. From then on the retry policy, an age limit or the
/// closing end it.
///
/// At [`close`](Transport::close) every event that waits for another attempt gets one at once, and the destination is
/// given no pauses any more; what is left at the deadline is abandoned. Dropping it without closing abandons what is
/// pending, with one warning.
pub struct Queued<D: Deliver> {
    shape: Arc<Shape<D>>,
    limits: Limits,
    compress: bool,
    session: ForkCell<Arc<QueueSession<D>>>,
}

/// Sets up a [`Queued`].
#[derive(Debug)]
pub struct QueuedBuilder<D> {
    shape: Shape<D>,
    limits: Limits,
    compress: bool,
}

impl<D: Deliver> Queued<D> {
    /// A queue before `deliver`, with the default limits and retry policy, on the shared worker.
    pub fn builder(info: TransportInfo, deliver: D) -> QueuedBuilder<D> {
        QueuedBuilder { shape: Shape::new(info, deliver), limits: Limits::default(), compress: false }
    }

    /// The destination as it was configured.
    pub fn destination(&self) -> &D {
        &self.shape.destination
    }

    /// Hands over an event and waits for its fate, in the same lanes as [`emit`](Transport::emit): it overtakes no event
    /// of its run. Here `until` bounds everything, and ends the event.
    ///
    /// # Errors
    ///
    /// As [`emit`](Transport::emit), or what became of the event.
    pub async fn emit_confirmed(&self, event: EncodedEvent, until: Deadline) -> Result<Receipt, EmitError> {
        self.session().submit(event, until, true).await?.heard_here().await
    }

    fn session(&self) -> &Arc<QueueSession<D>> {
        self.session.get_or_init(|| QueueSession::new(Arc::clone(&self.shape), self.limits, self.compress))
    }
}

impl<D: Deliver> QueuedBuilder<D> {
    /// Repeats failed attempts by this policy.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.shape.retry = policy;
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.shape.runtime = runtime;
        self
    }

    /// Takes on so much.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps waiting events as gzip and nothing beside it, for a destination that asks for
    /// [`EncodedEvent::gzip`]. Compressed on the caller's thread, unless that is
    /// [slow](EncodedEvent::gzip_is_slow). Default: kept as text.
    #[must_use]
    pub fn keep_compressed(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// Hands what will not be delivered to this.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.shape.undelivered = Some(hook);
        self
    }

    /// The transport. Starts nothing.
    pub fn build(self) -> Queued<D> {
        let Self { shape, limits, compress } = self;
        Queued { shape: Arc::new(shape), limits, compress, session: ForkCell::new() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: Deliver> Transport for Queued<D> {
    fn info(&self) -> &TransportInfo {
        &self.shape.info
    }

    fn state(&self) -> State {
        self.session.get().map_or(State::New, |session| session.base().gate.state())
    }

    fn stats(&self) -> Stats {
        let nothing = || Stats::default().with_queue(crate::queue::QueueStats::default(), 0);
        self.session.get().map_or_else(nothing, |session| session.stats())
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.session().submit(event, until, false).await.map(Ack::Queued)
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        closer::flush(&**self.session(), until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        closer::close(self.session(), until).await
    }
}

impl<D: Deliver> std::fmt::Debug for Queued<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Queued");
        out.field("shape", &self.shape).field("limits", &self.limits);
        out.field("session", &self.session).finish_non_exhaustive()
    }
}

impl<D: Deliver> Drop for Queued<D> {
    fn drop(&mut self) {
        // In a forked child this finds only what the child made itself; the rest is the parent's.
        if let Some(session) = self.session.get() {
            closer::dropped(&**session);
        }
    }
}

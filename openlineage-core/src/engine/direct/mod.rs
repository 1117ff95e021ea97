mod session;

use std::sync::Arc;

use async_trait::async_trait;

use super::session::{Session, Shape};
use super::{Deliver, closer};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use crate::retry::RetryPolicy;
use crate::runtime::{ForkCell, Runtime};
use crate::transport::{Ack, Transport, TransportInfo};
use crate::undelivered::Undelivered;

/// The engine that confirms each event: `emit` resolves when the destination has answered.
///
/// Has no queue: as many events are under way as callers wait for. Everything a [`Deliver`] does runs on the worker;
/// the caller's side only waits, on any executor.
///
/// Dropping it without [`close`](Transport::close) abandons what is pending, with one warning. What was accepted and will
/// not be delivered passes to the hook, if one is [set](DirectBuilder::undelivered).
#[derive(Debug)]
pub struct Direct<D: Deliver> {
    shape: Arc<Shape<D>>,
    session: ForkCell<Arc<Session<D>>>,
}

/// Sets up a [`Direct`].
#[derive(Debug)]
pub struct DirectBuilder<D>(Shape<D>);

impl<D: Deliver> Direct<D> {
    /// An engine over `deliver`, with the default retry policy, on the shared worker.
    pub fn builder(info: TransportInfo, deliver: D) -> DirectBuilder<D> {
        DirectBuilder(Shape::new(info, deliver))
    }

    /// The destination as it was configured.
    pub fn destination(&self) -> &D {
        &self.shape.destination
    }

    fn session(&self) -> &Arc<Session<D>> {
        self.session.get_or_init(|| Session::new(Arc::clone(&self.shape), ()))
    }
}

impl<D: Deliver> DirectBuilder<D> {
    /// Repeats failed attempts by this policy.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.0.retry = policy;
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.0.runtime = runtime;
        self
    }

    /// Passes to this hook every accepted event that fails or is abandoned. Default: none.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.0.undelivered = Some(hook);
        self
    }

    /// The transport. Starts nothing.
    pub fn build(self) -> Direct<D> {
        Direct { shape: Arc::new(self.0), session: ForkCell::new() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: Deliver> Transport for Direct<D> {
    fn info(&self) -> &TransportInfo {
        &self.shape.info
    }

    fn state(&self) -> State {
        self.session.get().map_or(State::New, |session| session.gate.state())
    }

    fn stats(&self) -> Stats {
        self.session.get().map_or_else(Stats::default, |session| session.gate.stats())
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.session().emit(event, until).await.map(Ack::Delivered)
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        closer::flush(&**self.session(), until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        closer::close(self.session(), until).await
    }
}

impl<D: Deliver> Drop for Direct<D> {
    fn drop(&mut self) {
        // In a forked child this finds only what the child made itself; the rest is the parent's.
        if let Some(session) = self.session.get() {
            closer::dropped(&**session);
        }
    }
}

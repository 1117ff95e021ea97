use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::runtime::ForkCell;
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use crate::builder::CompositeBuilder;
use crate::life::{self, end_at_once};
use crate::session::{Session, Shape};

/// Several transports as one: kind `composite`.
///
/// # What it answers
///
/// By the [policy](crate): [`Ack::Delivered`] where acknowledgements of the legs suffice, with every leg in
/// [`Receipt::legs`](openlineage_core::transport::Receipt::legs); [`Ack::Queued`] where it depends on legs that have
/// queued the event, and the ticket tells when it is decided; [`Ack::Skipped`] if every leg skipped it. Else the error is
/// the first leg's, with [`LegErrors`](crate::LegErrors) as its cause: accepted if any leg accepted the event.
///
/// A leg that skips an event has neither delivered nor failed: the next one gets it.
///
/// # Time
///
/// Legs that are asked together all have until the caller's deadline. In order, a leg with a successor has an equal share
/// of what is left, and the last one has all of it. With a `leg_timeout`, each has at most that. A leg that does not
/// answer in time has failed. If it has queued the event, the event is taken back where nothing of it was sent; else
/// that leg may still deliver it beside its successor, and the receipt says so ([`LegFate::Open`]).
///
/// [`LegFate::Open`]: openlineage_core::transport::LegFate::Open
///
/// # Order
///
/// Legs that are asked together get the events of a run in the order of the calls, and so does the first leg in any case:
/// behind one that queues, order holds as with it alone. A later leg gets an event when those before it have answered, so
/// that only callers who wait for the answer to one event before they hand over the next keep their order there.
///
/// # Counts
///
/// It counts events, not copies: by the policy's verdict. [`Stats::children`] and [`CloseReport::children`] have the
/// counts of the legs, in the order in which they are tried. A flush waits for the copies at the legs, too. An event that
/// waits for room at a leg counts as accepted.
///
/// It has a queue, [`Stats::queue`], if every leg that gets an event at once has one: the fullest of those.
///
/// # The end
///
/// Events under way may still use their fallbacks for at most half of the time of a close. Then all legs are closed
/// together under its deadline. A leg that panics or does not return has a report that says so, and keeps no other from
/// ending.
///
/// A composite owns its legs: they end with it, by a close as by a drop, also for whoever else uses them.
#[derive(Debug)]
pub struct CompositeTransport {
    shape: Arc<Shape>,
    session: ForkCell<Arc<Session>>,
}

impl CompositeTransport {
    /// A composite without legs, to be given some.
    pub fn builder() -> CompositeBuilder {
        CompositeBuilder::new()
    }

    pub(crate) fn new(shape: Shape) -> Self {
        Self { shape: Arc::new(shape), session: ForkCell::new() }
    }

    fn session(&self) -> &Arc<Session> {
        self.session.get_or_init(|| Session::new(Arc::clone(&self.shape)))
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for CompositeTransport {
    fn info(&self) -> &TransportInfo {
        &self.shape.info
    }

    fn state(&self) -> State {
        self.session.get().map_or(State::New, |session| session.state())
    }

    fn stats(&self) -> Stats {
        let session = self.session.get();
        let own = session.map_or_else(Stats::default, |session| session.gate.stats());
        let circuit = |index: usize| session?.breakers.get(index).map(|breaker| breaker.circuit(Instant::now()));
        let legs = self.shape.legs.iter().enumerate().map(|(index, leg)| match circuit(index) {
            Some(circuit) => leg.stats().with_breaker(circuit),
            None => leg.stats(),
        });
        let mut stats = own.with_children(legs.collect());
        stats.queue = self.shape.queue(&stats.children);
        stats
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.session().emit(event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        life::flush(self.session(), until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        life::close(self.session(), until).await
    }
}

impl Drop for CompositeTransport {
    fn drop(&mut self) {
        // In a forked child this finds only what the child made itself; the rest is the parent's.
        let Some(session) = self.session.get() else { return };
        if session.gate.state() >= State::Closing {
            return;
        }
        let abandoned = session.pending();
        session.give_up();
        drop(end_at_once(&session.ending()));
        drop(session.drop_lease());
        if abandoned > 0 {
            tracing::warn!(transport = %self.shape.info, abandoned, "dropped without close, pending events are lost");
        }
    }
}

mod attendant;
mod connection;
mod cork;
mod desk;
mod in_line;
#[cfg(test)]
mod model;
mod session;
mod sleepers;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::connection::ByPost;
use self::session::PostSession;
use super::Post;
use super::closer::{self, Life};
use super::session::Shape;
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use crate::queue::Limits;
use crate::runtime::{ForkCell, Runtime};
use crate::transport::{Ack, Transport, TransportInfo};
use crate::undelivered::Undelivered;

/// The engine over a destination that has a queue of its own, a [`Post`].
///
/// Events go from the caller's thread straight to the destination; the worker is needed to connect, for reports, for
/// deadlines and for the end.
///
/// | | confirming, the default | [not confirming](PostedBuilder::confirm) |
/// | --- | --- | --- |
/// | `emit` answers | [`Ack::Delivered`] when the destination has reported the event | [`Ack::Queued`] when the event is posted |
/// | `until` bounds | everything, and ends the event | the wait for room |
///
/// A caller without time to wait cannot hear of a report, and gets a ticket in either case. What ends an event that
/// nobody ends is up to the destination.
///
/// An event that finds no room waits in line until its deadline, and is then refused as
/// [`QueueFull`](crate::error::EmitErrorKind::QueueFull). An event that was ended by its deadline keeps its room until the
/// destination has reported it. Events cannot be taken back.
///
/// At [`close`](Transport::close) what was posted has until the deadline; then it is abandoned. Dropping it without
/// closing abandons what is pending, with one warning.
pub struct Posted<P: Post> {
    plan: Arc<Plan<P>>,
    session: ForkCell<Arc<PostSession<P>>>,
}

/// What is the same in every process.
#[derive(Debug)]
struct Plan<P> {
    shape: Arc<Shape<ByPost<P>>>,
    events: usize,
    bytes: usize,
    confirms: bool,
}

/// Sets up a [`Posted`].
#[derive(Debug)]
pub struct PostedBuilder<P> {
    shape: Shape<ByPost<P>>,
    events: usize,
    bytes: usize,
    confirms: bool,
}

impl<P: Post> Posted<P> {
    /// An engine over `destination`, which confirms events, on the shared worker.
    pub fn builder(info: TransportInfo, destination: P) -> PostedBuilder<P> {
        let Limits { events, bytes, .. } = Limits::default();
        PostedBuilder { shape: Shape::new(info, ByPost(destination)), events, bytes, confirms: true }
    }

    /// The destination as it was configured.
    pub fn destination(&self) -> &P {
        &self.plan.shape.destination.0
    }

    /// What [`emit`](Transport::emit) does, for a transport made of this one: without the box in which a future of the trait
    /// comes.
    ///
    /// # Errors
    ///
    /// As [`emit`](Transport::emit).
    pub async fn hand_over(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let session = self.session();
        let confirms = self.plan.confirms && !until.has_passed();
        let ticket = session.submit(event, until, confirms).await?;
        if confirms { session.confirmed(ticket).await.map(Ack::Delivered) } else { Ok(Ack::Queued(ticket)) }
    }

    fn session(&self) -> &Arc<PostSession<P>> {
        self.session.get_or_init(|| PostSession::new(&self.plan))
    }
}

impl<P: Post> PostedBuilder<P> {
    /// Most events, and bytes of them, that the destination has at once. Default 10,000 and 64 MiB; 0 counts as 1.
    ///
    /// An event that is larger by itself is refused as [`TooLarge`](crate::error::EmitErrorKind::TooLarge).
    #[must_use]
    pub fn room(mut self, events: usize, bytes: usize) -> Self {
        (self.events, self.bytes) = (events, bytes);
        self
    }

    /// Lets callers wait for reports, or not. Default: they wait.
    #[must_use]
    pub fn confirm(mut self, confirms: bool) -> Self {
        self.confirms = confirms;
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.shape.runtime = runtime;
        self
    }

    /// Hands what will not be delivered to this.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.shape.undelivered = Some(hook);
        self
    }

    /// The transport. Starts nothing.
    pub fn build(self) -> Posted<P> {
        let Self { shape, events, bytes, confirms } = self;
        Posted { plan: Arc::new(Plan { shape: Arc::new(shape), events, bytes, confirms }), session: ForkCell::new() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<P: Post> Transport for Posted<P> {
    fn info(&self) -> &TransportInfo {
        &self.plan.shape.info
    }

    fn state(&self) -> State {
        self.session.get().map_or(State::New, |session| session.base().gate.state())
    }

    fn stats(&self) -> Stats {
        let nothing = || Stats::default().with_queue(crate::queue::QueueStats::default(), 0);
        self.session.get().map_or_else(nothing, |session| session.stats())
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.hand_over(event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        closer::flush(&**self.session(), until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        closer::close(self.session(), until).await
    }
}

impl<P: Post> fmt::Debug for Posted<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Posted").field("plan", &self.plan).field("session", &self.session).finish()
    }
}

impl<P: Post> Drop for Posted<P> {
    fn drop(&mut self) {
        // In a forked child this finds only what the child made itself; the rest is the parent's.
        if let Some(session) = self.session.get() {
            closer::dropped(&**session);
        }
    }
}

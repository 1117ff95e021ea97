//! A client: a transport, and what configuration says is to be done with each event on its way there.
//!
//! ```
//! use std::sync::Arc;
//!
//! use openlineage_core::builtin::Memory;
//! use openlineage_core::client::Client;
//! use openlineage_core::model::{JobRef, RunEvent, RunId, Uri};
//!
//! let memory = Memory::new();
//! let client = Client::builder().transport(Arc::new(memory.transport())).build()?.blocking();
//!
//! let job = JobRef::new("warehouse", "daily_orders");
//! let event = RunEvent::start(RunId::new(), job).build(&Uri::from_static("https://acme.example/scheduler"));
//! let _ack = client.emit(event)?;
//! assert!(client.close()?.is_clean());
//! assert_eq!(memory.events().len(), 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What happens to an event
//!
//! In this order, for [`Client::emit`]:
//!
//! | stage | of | configured by |
//! | --- | --- | --- |
//! | disabled: skipped, and nothing else is looked at | all | `OPENLINEAGE_DISABLED` |
//! | filters: skipped by the name of its job | runs | `filters` |
//! | variables of the environment, behind those the event has | runs | `facets.environment_variables` |
//! | tags, over those the event has | runs and jobs | `tags`; runs also get `openlineage_client_version` |
//! | source code location, unless the event has one | runs | `facets.source_code_location` |
//! | datasets reduced | runs | `dataset` |
//! | encoded, once | all | |
//!
//! The caller's event is never changed. A stage that cannot read a facet leaves it as it came and warns once: lineage
//! with a facet less is better than none. [`Client::forward`] takes text and only filters it.
//!
//! # How long calls take
//!
//! | call | at most, unless said otherwise |
//! | --- | --- |
//! | `emit`, `forward`, each event of a [`Run`] | 10 s |
//! | `submit`, `submit_encoded` | no wait: some microseconds |
//! | `flush` | 10 s |
//! | `close` | 10 s |
//! | dropping a [`Guard`] | 5 s |
//!
//! Each that may wait has a variant `_within` for a limit from now, and one `_until` for a deadline. The limits count from
//! the call.
//!
//! # Which call to use
//!
//! | call | its answer says | over a transport without a queue |
//! | --- | --- | --- |
//! | [`emit`](Client::emit), [`forward`](Client::forward) | delivered, or taken on once there was room | waits for the destination |
//! | [`submit`](Client::submit), [`submit_encoded`](Client::submit_encoded) | taken on, or refused because there is no room now | refuses |

mod blocking;
mod builder;
mod guard;
mod once;
mod pipeline;
mod prepared;
mod run;
mod submit;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use self::blocking::Blocking;
pub use self::builder::ClientBuilder;
pub use self::guard::{Guard, init};
use self::pipeline::Pipeline;
pub use self::prepared::Prepared;
pub use self::run::{Ending, ParentRunId, ParentRunIdError, Run, RunBuilder, Starting};
use crate::builtin::Noop;
use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::facets::ParentRunFacet;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, Stats};
use crate::model::Event;
use crate::transport::{Ack, Transport};

/// Hands events over: the face of this library for programs. Cloning it is a reference count.
///
/// Building one starts nothing. It accepts events until it is closed; dropped without [`close`](Self::close), what its
/// transport had not delivered yet is lost, so close it, or let a [`Guard`] do that.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    road: Road,
    namespace: Option<String>,
    parent: Option<ParentRunFacet>,
}

enum Road {
    Open {
        pipeline: Pipeline,
        transport: Arc<dyn Transport>,
    },
    /// Nothing is sent, so nothing is prepared either.
    Disabled(Noop),
}

impl Client {
    /// How long handing over an event may take.
    pub const EMIT_WITHIN: Duration = Duration::from_secs(10);
    /// How long a flush may take.
    pub const FLUSH_WITHIN: Duration = Duration::from_secs(10);
    /// How long a closing may take.
    pub const CLOSE_WITHIN: Duration = Duration::from_secs(10);

    /// The same client for code that is not async.
    #[must_use]
    pub fn blocking(&self) -> Blocking {
        Blocking::new(self.clone())
    }

    /// Hands over an event, within [`EMIT_WITHIN`](Self::EMIT_WITHIN).
    ///
    /// # Errors
    ///
    /// As [`emit_until`](Self::emit_until).
    pub fn emit(&self, event: impl Into<Event>) -> impl Future<Output = Result<Ack, EmitError>> + Send {
        self.emit_within(event, Self::EMIT_WITHIN)
    }

    /// Hands over an event, within a limit from now.
    ///
    /// # Errors
    ///
    /// As [`emit_until`](Self::emit_until).
    pub fn emit_within(
        &self,
        event: impl Into<Event>,
        limit: Duration,
    ) -> impl Future<Output = Result<Ack, EmitError>> + Send {
        self.emit_until(event, Deadline::after(limit))
    }

    /// Hands over an event.
    ///
    /// The caller's own event stays as it is: what the client adds, it adds to a copy, and copies only what is shared.
    /// May be dropped at any point, and polled by any executor, as [`Transport::emit`] may.
    ///
    /// # Errors
    ///
    /// What the transport says; or `Encode` if a facet cannot be written, which the counts do not know of.
    pub fn emit_until(
        &self,
        event: impl Into<Event>,
        until: Deadline,
    ) -> impl Future<Output = Result<Ack, EmitError>> + Send {
        self.hand_over(event.into(), until)
    }

    /// Hands over an event that is text, byte for byte, within [`EMIT_WITHIN`](Self::EMIT_WITHIN).
    ///
    /// # Errors
    ///
    /// What the transport says.
    pub fn forward(&self, event: EncodedEvent) -> impl Future<Output = Result<Ack, EmitError>> + Send {
        self.forward_within(event, Self::EMIT_WITHIN)
    }

    /// The same within a limit from now.
    ///
    /// # Errors
    ///
    /// What the transport says.
    pub fn forward_within(
        &self,
        event: EncodedEvent,
        limit: Duration,
    ) -> impl Future<Output = Result<Ack, EmitError>> + Send {
        self.forward_until(event, Deadline::after(limit))
    }

    /// The same until a deadline. Filters apply, and nothing else does.
    ///
    /// # Errors
    ///
    /// What the transport says.
    pub async fn forward_until(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        match self.prepare_text(event)? {
            Prepared::Ready(event) => self.transport().emit(event, until).await,
            Prepared::Skipped(reason) => Ok(Ack::Skipped(reason)),
        }
    }

    /// All that [`emit_until`](Self::emit_until) does to an event before it hands it to the
    /// [`transport`](Self::transport), for whoever hands it over in a way of its own.
    ///
    /// # Errors
    ///
    /// `Encode` if a facet cannot be written; `Closed` if the client is disabled and was closed; `WouldDeadlock` where
    /// the calling thread would wait for itself.
    pub async fn prepare(&self, event: Event, until: Deadline) -> Result<Prepared, EmitError> {
        let pipeline = match &self.0.road {
            Road::Disabled(noop) => return noop.skip().map(Prepared::skipped),
            Road::Open { pipeline, .. } => pipeline,
        };
        if let Some(reason) = pipeline.leaves_out(&event) {
            return Ok(Prepared::Skipped(reason.into()));
        }
        let event = pipeline.enrich(event, until).await?;
        event.encode().map(Prepared::Ready).map_err(|error| {
            EmitError::refused_by(Fault::new(EmitErrorKind::Encode).because(error)).at(self.transport().info())
        })
    }

    /// The same of [`forward_until`](Self::forward_until): only filters apply.
    ///
    /// # Errors
    ///
    /// `Closed` if the client is disabled and was closed.
    pub fn prepare_text(&self, event: EncodedEvent) -> Result<Prepared, EmitError> {
        match &self.0.road {
            Road::Disabled(noop) => noop.skip().map(Prepared::skipped),
            Road::Open { pipeline, .. } => Ok(match pipeline.leaves_out_text(&event) {
                Some(reason) => Prepared::Skipped(reason.into()),
                None => Prepared::Ready(event),
            }),
        }
    }

    /// Waits until what was accepted before is settled, within [`FLUSH_WITHIN`](Self::FLUSH_WITHIN).
    pub fn flush(&self) -> impl Future<Output = FlushReport> + Send {
        self.flush_within(Self::FLUSH_WITHIN)
    }

    /// The same within a limit from now.
    pub fn flush_within(&self, limit: Duration) -> impl Future<Output = FlushReport> + Send {
        self.flush_until(Deadline::after(limit))
    }

    /// The same until a deadline.
    pub async fn flush_until(&self, until: Deadline) -> FlushReport {
        self.transport().flush(until).await
    }

    /// Refuses new events, delivers what it can and reports, within [`CLOSE_WITHIN`](Self::CLOSE_WITHIN).
    ///
    /// It closes the transport, for every clone of this client and for whoever else has it.
    pub fn close(&self) -> impl Future<Output = CloseReport> + Send {
        self.close_within(Self::CLOSE_WITHIN)
    }

    /// The same within a limit from now.
    pub fn close_within(&self, limit: Duration) -> impl Future<Output = CloseReport> + Send {
        self.close_until(Deadline::after(limit))
    }

    /// The same until a deadline.
    pub async fn close_until(&self, until: Deadline) -> CloseReport {
        self.transport().close(until).await
    }

    /// The counts of the transport. Skipped events are in none of them.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.transport().stats()
    }

    /// Where events go; a `noop` if the client is disabled.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        match &self.0.road {
            Road::Open { transport, .. } => &**transport,
            Road::Disabled(noop) => noop,
        }
    }

    /// Does it send nothing because `OPENLINEAGE_DISABLED` says so, or because its configuration was unusable?
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        matches!(self.0.road, Road::Disabled(_))
    }

    fn default_namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// The parent that the environment names for the runs of this program, root included; see [`run`](Self::run).
    #[must_use]
    pub fn inherited_parent(&self) -> Option<&ParentRunFacet> {
        self.0.parent.as_ref()
    }

    async fn hand_over(&self, event: Event, until: Deadline) -> Result<Ack, EmitError> {
        match self.prepare(event, until).await? {
            Prepared::Ready(event) => self.transport().emit(event, until).await,
            Prepared::Skipped(reason) => Ok(Ack::Skipped(reason)),
        }
    }
}

/// The event as text for this transport.
fn encoded(event: Event, transport: &dyn Transport) -> Result<EncodedEvent, EmitError> {
    event
        .encode()
        .map_err(|error| EmitError::refused_by(Fault::new(EmitErrorKind::Encode).because(error)).at(transport.info()))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", self.transport().info()).finish_non_exhaustive()
    }
}

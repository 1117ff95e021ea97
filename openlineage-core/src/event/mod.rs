//! An event on its way: JSON text made once, or taken as it came, and what routing needs to know of it.

mod encode;
mod gzip;
mod head;
mod idempotency;
mod inner;
mod lane;
mod ndjson;
mod routing;
mod stow;

use std::borrow::Cow;
use std::sync::Arc;
use std::{fmt, io};

use bytes::Bytes;

pub(crate) use self::head::{read_head, utf8};
pub use self::idempotency::IdempotencyKey;
pub use self::routing::{JobName, JobTypeName};
pub(crate) use self::stow::Stowed;

use self::head::{Head, Span};
use self::inner::Inner;
use crate::model::{DatasetEvent, Event, EventType, JobEvent, ModelError, RunEvent, scan};

/// An event as JSON, whether it began as a type or as text. Cloning it is one reference count.
///
/// Text passes through byte for byte and is never encoded again: only its head is read.
///
/// ```
/// use openlineage_core::event::{EncodedEvent, EventKind};
///
/// let json = r#"{ "job": {"namespace": "warehouse", "name": "d\u00e4ily"}, "eventTime": "2024-05-01" }"#;
/// let event = EncodedEvent::from_json(json)?;
/// assert_eq!(event.kind(), EventKind::Job);
/// assert_eq!(event.job_name().as_deref(), Some("däily"));
/// assert_eq!(event.bytes(), json);
/// # Ok::<(), openlineage_core::model::ModelError>(())
/// ```
#[derive(Clone)]
pub struct EncodedEvent(Arc<Inner>);

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Of a run.
    Run,
    /// Of a job, outside of any run.
    Job,
    /// Of a dataset, outside of any run.
    Dataset,
}

impl EncodedEvent {
    /// Encodes a typed event in one pass: `eventType`, `eventTime`, `run`, `job`, `inputs`, `outputs`, `producer`,
    /// `schemaURL`, then the unknown fields in their order.
    ///
    /// # Errors
    /// Where a facet cannot be written as a JSON object, or the event would reach 4 GiB.
    pub fn encode(event: &Event) -> Result<Self, ModelError> {
        encode::event(event)
    }

    /// Takes an event's text as it is, spaces around it included.
    ///
    /// Its kind is told by its structure: `run` and `job` make a run event, `job` without `run` a job event, `dataset`
    /// without both of them a dataset event. For `job` and `dataset` without `run` the last part of `schemaURL` decides.
    /// Only objects count. Nothing else is looked at, so depth, digits and lone surrogates do not matter; of a key that
    /// repeats, the last counts.
    ///
    /// # Errors
    /// Where the text is not UTF-8, not exactly one JSON object, of none of the kinds, or 4 GiB and more.
    pub fn from_json(json: impl Into<Bytes>) -> Result<Self, ModelError> {
        let bytes = json.into();
        let (_, head) = read_head(&bytes)?;
        Ok(Self::new(bytes, head))
    }

    /// Reads the text into a typed event.
    ///
    /// # Errors
    /// As [`Event::from_json`].
    pub fn decode(&self) -> Result<Event, ModelError> {
        Event::from_json(self.bytes())
    }

    /// The text. It stays where it is in memory as long as the event or a clone of it lives.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.0.json()
    }

    /// Length of the text in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an event is never empty")]
    pub fn len(&self) -> usize {
        self.0.json_len()
    }

    /// The text compressed with gzip, level 3. Made on the first call and kept, for every clone as well.
    ///
    /// # Errors
    /// Where the encoder has one, which is not known to happen.
    pub fn gzip(&self) -> io::Result<Bytes> {
        self.0.gzip().cloned()
    }

    /// Whether [`gzip`](Self::gzip) has yet to compress more than 256 KiB, which is no work for a thread that drives
    /// other futures.
    #[must_use]
    pub fn gzip_is_slow(&self) -> bool {
        self.len() > gzip::SLOW && !self.0.is_gzipped()
    }

    /// The text as one line without its line feed, for line-delimited JSON: as it is where it has no line break, else
    /// without the spaces between its tokens.
    #[must_use]
    pub fn to_ndjson(&self) -> Cow<'_, [u8]> {
        ndjson::one_line(self.bytes())
    }

    /// Which kind of event it is.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.0.form().kind
    }

    /// What happened to the run; `None` where the event has no type, or none that the format knows.
    #[must_use]
    pub fn event_type(&self) -> Option<EventType> {
        self.0.head().event_type
    }

    /// When it happened, as the text that was sent.
    #[must_use]
    pub fn event_time(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().event_time)
    }

    /// When it happened, in nanoseconds since 1970-01-01T00:00:00Z; `None` where the text is not strict RFC 3339, as
    /// [`Timestamp::to_unix_nanos`](crate::model::Timestamp::to_unix_nanos) reads it.
    #[must_use]
    pub fn event_time_nanos(&self) -> Option<i128> {
        crate::model::unix_nanos(&self.event_time()?)
    }

    /// What tells a copy of this event from another event: the same text has the same key, in every process.
    #[must_use]
    pub fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey::of(self.bytes())
    }

    /// Id of the run, in its own spelling; `None` but in a run event.
    #[must_use]
    pub fn run_id(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().run_id)
    }

    /// Namespace of the job; `None` in a dataset event.
    #[must_use]
    pub fn job_namespace(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().job_namespace)
    }

    /// Name of the job; `None` in a dataset event.
    #[must_use]
    pub fn job_name(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().job_name)
    }

    /// Namespace of the dataset; `None` but in a dataset event.
    #[must_use]
    pub fn dataset_namespace(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().dataset_namespace)
    }

    /// Name of the dataset; `None` but in a dataset event.
    #[must_use]
    pub fn dataset_name(&self) -> Option<Cow<'_, str>> {
        self.string(self.0.head().dataset_name)
    }

    /// The facet `parent` of the run, as it stands in the text; `None` but in a run event.
    #[must_use]
    pub fn parent_facet(&self) -> Option<&[u8]> {
        self.0.head().parent.bytes(self.bytes())
    }

    /// The job that started this run, from the facet `parent`. Looked for on each call, like what follows.
    #[must_use]
    pub fn parent_job(&self) -> Option<JobName<'_>> {
        routing::parent(self.0.head().parent.text(self.bytes()))
    }

    /// The job at the top of the chain of parents, from the `root` of the facet `parent`.
    #[must_use]
    pub fn root_parent_job(&self) -> Option<JobName<'_>> {
        routing::root(self.0.head().parent.text(self.bytes()))
    }

    /// The topmost job that the facet `parent` names: that of its root, else that of the parent.
    #[must_use]
    pub fn topmost_parent_job(&self) -> Option<JobName<'_>> {
        routing::topmost(self.0.head().parent.text(self.bytes()))
    }

    /// Integration and type of the job, from the facet `jobType`.
    #[must_use]
    pub fn job_type(&self) -> Option<JobTypeName<'_>> {
        routing::job_type(self.0.head().job_type.text(self.bytes()))
    }

    fn new(bytes: Bytes, head: Head) -> Self {
        Self(Arc::new(Inner::new(bytes, head)))
    }

    fn string(&self, span: Span) -> Option<Cow<'_, str>> {
        span.text(self.bytes()).and_then(scan::string)
    }
}

macro_rules! encode {
    ($($Event:ident $encode:ident)*) => {$(
        impl $Event {
            /// Encodes the event, as [`EncodedEvent::encode`] does.
            ///
            /// # Errors
            /// Where a facet cannot be written as a JSON object.
            pub fn encode(&self) -> Result<EncodedEvent, ModelError> {
                encode::$encode(self)
            }
        }
    )*};
}

encode! { RunEvent run_event JobEvent job_event DatasetEvent dataset_event }

impl fmt::Debug for EncodedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: what facets hold may be secret or long.
        f.debug_struct("EncodedEvent")
            .field("kind", &self.kind())
            .field("event_type", &self.event_type())
            .field("run_id", &self.run_id())
            .field("len", &self.len())
            .finish()
    }
}

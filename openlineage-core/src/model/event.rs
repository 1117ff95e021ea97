//! The three events.

use std::sync::Arc;

use super::error::{self, ModelError};
use super::{EventType, Extra, InputDataset, JobRef, List, OutputDataset, RunRef, StaticDataset, Timestamp, Uri};
use crate::event::{EncodedEvent, EventKind};

/// What happened to a run of a job.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunEvent {
    /// What happened; the format lets it be left out.
    pub event_type: Option<EventType>,
    /// When it happened.
    pub event_time: Timestamp,
    /// The run.
    pub run: RunRef,
    /// The job that runs.
    pub job: JobRef,
    /// What the run reads; absent and empty stay apart.
    pub inputs: Option<List<InputDataset>>,
    /// What the run writes; absent and empty stay apart.
    pub outputs: Option<List<OutputDataset>>,
    /// Who made the event.
    pub producer: Uri,
    /// The schema of the event.
    pub schema_url: Uri,
    /// Fields that this type does not know.
    pub extra: Extra,
}

/// What is known of a job outside of any run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobEvent {
    /// When it became known.
    pub event_time: Timestamp,
    /// The job.
    pub job: JobRef,
    /// What the job reads; absent and empty stay apart.
    pub inputs: Option<List<InputDataset>>,
    /// What the job writes; absent and empty stay apart.
    pub outputs: Option<List<OutputDataset>>,
    /// Who made the event.
    pub producer: Uri,
    /// The schema of the event.
    pub schema_url: Uri,
    /// Fields that this type does not know.
    pub extra: Extra,
}

/// What is known of a dataset outside of any run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DatasetEvent {
    /// When it became known.
    pub event_time: Timestamp,
    /// The dataset.
    pub dataset: StaticDataset,
    /// Who made the event.
    pub producer: Uri,
    /// The schema of the event.
    pub schema_url: Uri,
    /// Fields that this type does not know.
    pub extra: Extra,
}

/// One event of any kind; cloning it is a reference count.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Of a run.
    Run(Arc<RunEvent>),
    /// Of a job.
    Job(Arc<JobEvent>),
    /// Of a dataset.
    Dataset(Arc<DatasetEvent>),
}

impl Event {
    /// Reads one event. Its kind is told by its structure, as [`EncodedEvent::from_json`] does; facets stay text.
    ///
    /// # Errors
    /// Where the text is not exactly one JSON object, or a field of the event, its run, job or datasets is missing,
    /// repeated or of another type. What facets hold is not looked at.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let (text, head) = crate::event::read_head(json)?;
        Ok(match head.kind() {
            EventKind::Run => Self::Run(Arc::new(error::read(text)?)),
            EventKind::Job => Self::Job(Arc::new(error::read(text)?)),
            EventKind::Dataset => Self::Dataset(Arc::new(error::read(text)?)),
        })
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Run(_) => EventKind::Run,
            Self::Job(_) => EventKind::Job,
            Self::Dataset(_) => EventKind::Dataset,
        }
    }

    /// Encodes the event, as [`EncodedEvent::encode`] does.
    ///
    /// # Errors
    /// Where a facet cannot be written as a JSON object.
    pub fn encode(&self) -> Result<EncodedEvent, ModelError> {
        EncodedEvent::encode(self)
    }
}

macro_rules! events {
    ($($Event:ident $Kind:ident { $($r:tt)* } { $($o:tt)* };)*) => {$(
        impl $Event {
            /// Reads an event of this kind; facets stay text.
            ///
            /// # Errors
            /// As [`Event::from_json`].
            pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
                error::read(crate::event::utf8(json)?)
            }
        }

        impl From<$Event> for Event {
            fn from(event: $Event) -> Self {
                Self::$Kind(Arc::new(event))
            }
        }

        impl From<Arc<$Event>> for Event {
            fn from(event: Arc<$Event>) -> Self {
                Self::$Kind(event)
            }
        }

        crate::__object_reader! { $Event { $($r)* } { $($o)* } {} }
    )*};
}

events! {
    RunEvent Run {
        event_time: Timestamp = "eventTime",
        run: RunRef = "run",
        job: JobRef = "job",
        producer: Uri = "producer",
        schema_url: Uri = "schemaURL",
    } {
        event_type: EventType = "eventType",
        inputs: List<InputDataset> = "inputs",
        outputs: List<OutputDataset> = "outputs",
    };
    JobEvent Job {
        event_time: Timestamp = "eventTime",
        job: JobRef = "job",
        producer: Uri = "producer",
        schema_url: Uri = "schemaURL",
    } {
        inputs: List<InputDataset> = "inputs",
        outputs: List<OutputDataset> = "outputs",
    };
    DatasetEvent Dataset {
        event_time: Timestamp = "eventTime",
        dataset: StaticDataset = "dataset",
        producer: Uri = "producer",
        schema_url: Uri = "schemaURL",
    } {};
}

//! Builders of the three events: what is required is an argument, the rest has a method.

use super::place::{DatasetPlace, In, JobPlace, RunPlace};
use super::{
    DatasetEvent, EventType, Extra, InputDataset, JobEvent, JobRef, List, OutputDataset, RunEvent, RunRef,
    StaticDataset, Timestamp, Uri,
};

const RUN_EVENT: Uri = Uri::from_static("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
const JOB_EVENT: Uri = Uri::from_static("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent");
const DATASET_EVENT: Uri = Uri::from_static("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent");

macro_rules! begin {
    ($($(#[$doc:meta])* $begin:ident $EventType:ident;)*) => {$(
        $(#[$doc])*
        pub fn $begin(run: impl Into<RunRef>, job: JobRef) -> RunEventBuilder {
            RunEventBuilder::new(EventType::$EventType, run.into(), job)
        }
    )*};
}

impl RunEvent {
    begin! {
        /// The run begins.
        start Start;
        /// The run goes on.
        running Running;
        /// The run has ended well.
        complete Complete;
        /// The run was stopped.
        abort Abort;
        /// The run has ended in an error.
        fail Fail;
        /// There is more to tell of the run.
        other Other;
    }
}

impl JobEvent {
    /// Tells what is known of a job.
    pub fn of(job: JobRef) -> JobEventBuilder {
        JobEventBuilder { job, time: None, inputs: None, outputs: None }
    }
}

impl DatasetEvent {
    /// Tells what is known of a dataset.
    pub fn of(dataset: StaticDataset) -> DatasetEventBuilder {
        DatasetEventBuilder { dataset, time: None }
    }
}

/// Builds a [`RunEvent`].
#[derive(Clone, Debug)]
#[must_use]
pub struct RunEventBuilder {
    event_type: EventType,
    run: RunRef,
    job: JobRef,
    time: Option<Timestamp>,
    inputs: Option<List<InputDataset>>,
    outputs: Option<List<OutputDataset>>,
}

/// Builds a [`JobEvent`].
#[derive(Clone, Debug)]
#[must_use]
pub struct JobEventBuilder {
    job: JobRef,
    time: Option<Timestamp>,
    inputs: Option<List<InputDataset>>,
    outputs: Option<List<OutputDataset>>,
}

/// Builds a [`DatasetEvent`].
#[derive(Clone, Debug)]
#[must_use]
pub struct DatasetEventBuilder {
    dataset: StaticDataset,
    time: Option<Timestamp>,
}

impl RunEventBuilder {
    const fn new(event_type: EventType, run: RunRef, job: JobRef) -> Self {
        Self { event_type, run, job, time: None, inputs: None, outputs: None }
    }

    /// Adds a facet of the run.
    pub fn run_facet<F: In<RunPlace>>(mut self, facet: F) -> Self {
        self.run.facets.insert(facet);
        self
    }

    /// The event, from `producer`. Facets that have no producer of their own are sent under it.
    #[must_use]
    pub fn build(self, producer: &Uri) -> RunEvent {
        RunEvent {
            event_type: Some(self.event_type),
            event_time: self.time.unwrap_or_else(Timestamp::now),
            run: self.run,
            job: self.job,
            inputs: self.inputs,
            outputs: self.outputs,
            producer: producer.clone(),
            schema_url: RUN_EVENT,
            extra: Extra::new(),
        }
    }
}

impl JobEventBuilder {
    /// The event, from `producer`. Facets that have no producer of their own are sent under it.
    #[must_use]
    pub fn build(self, producer: &Uri) -> JobEvent {
        JobEvent {
            event_time: self.time.unwrap_or_else(Timestamp::now),
            job: self.job,
            inputs: self.inputs,
            outputs: self.outputs,
            producer: producer.clone(),
            schema_url: JOB_EVENT,
            extra: Extra::new(),
        }
    }
}

impl DatasetEventBuilder {
    /// Adds a facet of the dataset.
    pub fn facet<F: In<DatasetPlace>>(mut self, facet: F) -> Self {
        self.dataset.facets.insert(facet);
        self
    }

    /// The event, from `producer`. Facets that have no producer of their own are sent under it.
    #[must_use]
    pub fn build(self, producer: &Uri) -> DatasetEvent {
        DatasetEvent {
            event_time: self.time.unwrap_or_else(Timestamp::now),
            dataset: self.dataset,
            producer: producer.clone(),
            schema_url: DATASET_EVENT,
            extra: Extra::new(),
        }
    }
}

macro_rules! at {
    ($($Builder:ident)*) => {$(
        impl $Builder {
            /// When it happened; by default when the event is built.
            pub fn at(mut self, time: impl Into<Timestamp>) -> Self {
                self.time = Some(time.into());
                self
            }
        }
    )*};
}

macro_rules! job_and_datasets {
    ($($Builder:ident)*) => {$(
        impl $Builder {
            /// Adds a facet of the job.
            pub fn job_facet<F: In<JobPlace>>(mut self, facet: F) -> Self {
                self.job.facets.insert(facet);
                self
            }

            /// Adds a dataset that is read.
            pub fn input(mut self, dataset: InputDataset) -> Self {
                self.inputs.get_or_insert_default().push(dataset);
                self
            }

            /// Adds a dataset that is written.
            pub fn output(mut self, dataset: OutputDataset) -> Self {
                self.outputs.get_or_insert_default().push(dataset);
                self
            }
        }
    )*};
}

at! { RunEventBuilder JobEventBuilder DatasetEventBuilder }
job_and_datasets! { RunEventBuilder JobEventBuilder }

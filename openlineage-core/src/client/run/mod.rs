mod about;
mod builder;
mod detached;
mod ending;
pub(super) mod inherited;
mod parent;
mod starting;

use std::error::Error;
use std::{process, thread};

use self::about::{About, Begin};
pub use self::builder::RunBuilder;
pub use self::ending::Ending;
pub use self::parent::{ParentRunId, ParentRunIdError};
pub use self::starting::Starting;
use super::Client;
use crate::error::EmitError;
use crate::lifecycle::Deadline;
use crate::model::{In, InputDataset, JobPlace, JobRef, OutputDataset, RunEvent, RunId, RunPlace};
use crate::transport::Ack;

/// A run that has started and has to end: with [`complete`](Self::complete), [`fail`](Self::fail) or
/// [`abort`](Self::abort).
///
/// # Dropped without an end
///
/// It then ends with FAIL if the thread is panicking, else with ABORT, and that is logged. Dropping does not wait: the
/// event is handed to the transport as far as that goes at once, which is all the way to being accepted for a transport
/// that is running and has room. Where it must wait, for the transport to start above all, the worker goes on with it,
/// for at most 10 s. What comes of it shows in the counts and the log only. A close that follows at once waits for the
/// event if it was accepted, and refuses it if it was not. In a forked child the runs of its parent end silently.
#[derive(Debug)]
#[must_use = "dropped without an end, the run is aborted"]
pub struct Run {
    client: Client,
    about: About,
    start_error: Option<EmitError>,
    is_open: bool,
    pid: u32,
}

impl Run {
    fn new(client: Client, about: About) -> Self {
        Self { client, about, start_error: None, is_open: true, pid: process::id() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.about.run.run_id
    }

    /// Why START was not handed over, if it was not.
    #[must_use]
    pub fn start_error(&self) -> Option<&EmitError> {
        self.start_error.as_ref()
    }

    /// This run as programs that it starts find it, in [`ParentRunId::VARIABLE`].
    #[must_use]
    pub fn as_parent_id(&self) -> ParentRunId {
        let job = &self.about.job;
        ParentRunId::new(job.namespace.as_str(), job.name.as_str(), self.id().clone())
    }

    /// The run from which the chain of parents began, for [`ParentRunId::ROOT_VARIABLE`]; this one if it has no parent.
    #[must_use]
    pub fn as_root_id(&self) -> ParentRunId {
        let root = self.about.root();
        ParentRunId::new(root.job.namespace, root.job.name, root.run.run_id)
    }

    /// Describes a run that this one starts, of a job in the same namespace.
    pub fn child(&self, job: impl Into<String>) -> RunBuilder {
        let job = JobRef::new(self.about.job.namespace.as_str(), job);
        RunBuilder::new(self.client.clone(), job, Some(self.about.as_parent())).producer(self.about.producer.clone())
    }

    /// Adds a dataset that it reads, to the events that follow.
    pub fn add_input(&mut self, dataset: InputDataset) {
        self.about.inputs.push(dataset);
    }

    /// Adds a dataset that it writes, to the events that follow.
    pub fn add_output(&mut self, dataset: OutputDataset) {
        self.about.outputs.push(dataset);
    }

    /// Adds a facet of the run, to the events that follow.
    pub fn add_run_facet<F: In<RunPlace>>(&mut self, facet: F) {
        self.about.run.facets.insert(facet);
    }

    /// Adds a facet of the job, to the events that follow.
    pub fn add_job_facet<F: In<JobPlace>>(&mut self, facet: F) {
        self.about.job.facets.insert(facet);
    }

    /// It ended well.
    pub fn complete(self) -> Ending {
        self.end(RunEvent::complete, None)
    }

    /// It ended in an error, whose message and causes become the facet `errorMessage`.
    pub fn fail(self, error: &dyn Error) -> Ending {
        self.end(RunEvent::fail, Some(about::chain(error)))
    }

    /// It was stopped.
    pub fn abort(self) -> Ending {
        self.end(RunEvent::abort, None)
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn started(&mut self, outcome: Result<Ack, EmitError>) {
        if let Err(error) = outcome {
            tracing::warn!(%error, run = %self.id(), "START was not handed over");
            self.start_error = Some(error);
        }
    }

    fn end(self, begin: Begin, problem: Option<String>) -> Ending {
        let event = self.about.event(begin, problem);
        Ending::new(self, event, Deadline::after(Client::EMIT_WITHIN))
    }

    fn ended(&mut self) {
        self.is_open = false;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.is_open || self.pid != process::id() || self.client.is_disabled() {
            return;
        }
        let (kind, begin, problem): (_, Begin, _) = match thread::panicking() {
            true => ("FAIL", RunEvent::fail, Some("panicked".to_owned())),
            false => ("ABORT", RunEvent::abort, None),
        };
        detached::emit(&self.client, kind, self.id(), || self.about.event(begin, problem));
    }
}

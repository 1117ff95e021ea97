use super::Starting;
use super::about::About;
use crate::client::{Blocking, Client};
use crate::facets::ParentRunFacet;
use crate::lifecycle::Deadline;
use crate::model::{
    DEFAULT_PRODUCER, In, InputDataset, JobPlace, JobRef, OutputDataset, RunEvent, RunId, RunPlace, RunRef, Uri,
};

/// Namespace of jobs for which nobody names one.
const NAMESPACE: &str = "default";

impl Client {
    /// Describes a run of a job, to be started.
    ///
    /// Without a namespace it is that of `OPENLINEAGE_NAMESPACE`, or `default`. The run's parent, and the root of the
    /// chain, are those that the environment names: in `OPENLINEAGE_CONTEXT`, the JSON `{"parent": {"run": .., "job":
    /// .., "root": ..}}`, else in `OPENLINEAGE_PARENT_ID` and `OPENLINEAGE_ROOT_PARENT_ID`, as a
    /// [`ParentRunId`](super::ParentRunId) writes them.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use openlineage_core::{builtin::Memory, client::Client};
    /// # let memory = Memory::new();
    /// # let client = Client::builder().transport(Arc::new(memory.transport())).build()?;
    /// use openlineage_core::model::{InputDataset, OutputDataset};
    ///
    /// let mut run = client
    ///     .run("warehouse", "daily_orders")
    ///     .input(InputDataset::new("postgres://db:5432", "shop.public.orders"))
    ///     .start()
    ///     .wait();
    /// run.add_output(OutputDataset::new("s3://lake", "orders/daily"));
    /// let _ack = run.complete().wait()?;
    /// # assert_eq!(memory.events().len(), 2);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn run<'a>(&self, namespace: impl Into<Option<&'a str>>, job: impl Into<String>) -> RunBuilder {
        let namespace = namespace.into().or(self.default_namespace()).unwrap_or(NAMESPACE);
        RunBuilder::new(self.clone(), JobRef::new(namespace, job), self.inherited_parent().cloned())
    }
}

impl Blocking {
    /// [`Client::run`]; its calls end with `.wait()` instead of `.await`.
    pub fn run<'a>(&self, namespace: impl Into<Option<&'a str>>, job: impl Into<String>) -> RunBuilder {
        self.client().run(namespace, job)
    }
}

/// Describes a [`Run`](super::Run) before it starts. Every event of the run says what is said here.
#[derive(Debug)]
#[must_use = "nothing is sent before the run is started"]
pub struct RunBuilder {
    pub(super) client: Client,
    pub(super) about: About,
}

impl RunBuilder {
    pub(super) fn new(client: Client, job: JobRef, parent: Option<ParentRunFacet>) -> Self {
        let (run, inputs, outputs) = (RunRef::new(RunId::new()), Vec::new(), Vec::new());
        Self { client, about: About { run, job, parent, inputs, outputs, producer: DEFAULT_PRODUCER } }
    }

    /// Its id; a new one unless said otherwise.
    pub fn id(mut self, id: RunId) -> Self {
        self.about.run.run_id = id;
        self
    }

    /// The run that started it, instead of what the environment says: a facet, or a
    /// [`ParentRunId`](super::ParentRunId).
    pub fn parent(mut self, parent: impl Into<ParentRunFacet>) -> Self {
        self.about.parent = Some(parent.into());
        self
    }

    /// The program that tells of it; this library unless said otherwise.
    pub fn producer(mut self, producer: Uri) -> Self {
        self.about.producer = producer;
        self
    }

    /// Adds a dataset that it reads.
    pub fn input(mut self, dataset: InputDataset) -> Self {
        self.about.inputs.push(dataset);
        self
    }

    /// Adds a dataset that it writes.
    pub fn output(mut self, dataset: OutputDataset) -> Self {
        self.about.outputs.push(dataset);
        self
    }

    /// Adds a facet of the run.
    pub fn run_facet<F: In<RunPlace>>(mut self, facet: F) -> Self {
        self.about.run.facets.insert(facet);
        self
    }

    /// Adds a facet of the job.
    pub fn job_facet<F: In<JobPlace>>(mut self, facet: F) -> Self {
        self.about.job.facets.insert(facet);
        self
    }

    /// Makes the START event, to be sent by `.await` or [`wait`](Starting::wait).
    pub fn start(self) -> Starting {
        let event = self.about.event(RunEvent::start, None);
        Starting::new(self, event, Deadline::after(Client::EMIT_WITHIN))
    }
}

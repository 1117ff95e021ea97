use anyhow::Result;
use openlineage::client::ParentRunId;
use openlineage::facets::{
    ErrorMessageRunFacet, JobTypeJobFacet, NominalTimeRunFacet, ParentRunFacet, ProcessingEngineRunFacet,
};
use openlineage::model::{JobRef, RunEvent, RunEventBuilder, RunId, RunRef, Timestamp, Uri};

use super::child::Ended;
use super::facet_file::FacetFile;
use crate::args::{Dataset, Run};
use crate::report::note;

const PRODUCER: Uri = Uri::from_static(concat!(env!("CARGO_PKG_REPOSITORY"), "/tree/", env!("CARGO_PKG_VERSION")));

/// The two events of one command.
pub(super) struct Events {
    run: RunRef,
    job: JobRef,
    /// Where the chain of parents begins, if not here.
    root: Option<ParentRunId>,
    inputs: Vec<Dataset>,
    outputs: Vec<Dataset>,
    began: Timestamp,
    facet_file: Option<FacetFile>,
}

impl Events {
    pub(super) fn new(args: &Run, parent: Option<ParentRunFacet>) -> Self {
        let engine = ProcessingEngineRunFacet::new(env!("CARGO_PKG_VERSION")).with_name("openlineage-cli");
        let mut run = RunRef::new(RunId::new()).with_facet(engine);
        let root = parent.as_ref().and_then(|parent| parent.root.as_ref());
        let root = root.map(|root| ParentRunId::new(&*root.job.namespace, &*root.job.name, root.run.run_id.clone()));
        if let Some(parent) = parent {
            run = run.with_facet(parent);
        }
        let job_type = JobTypeJobFacet::new("BATCH", "OPENLINEAGE_CLI").with_job_type("COMMAND");
        let job = JobRef::new(args.namespace.as_str(), args.job.as_str()).with_facet(job_type);
        Self {
            run,
            job,
            root,
            inputs: args.input.clone(),
            outputs: args.output.clone(),
            began: Timestamp::now(),
            facet_file: args.facet_file.as_deref().map(FacetFile::new),
        }
    }

    /// Takes up what the facet file says before the command starts.
    pub(super) fn add_early_facets(&mut self) -> Result<()> {
        match &self.facet_file {
            Some(file) => file.add_early(&mut self.run, &mut self.job),
            None => Ok(()),
        }
    }

    /// This run, as the command finds it in its environment.
    pub(super) fn as_parent(&self) -> ParentRunId {
        ParentRunId::new(self.job.namespace.as_str(), self.job.name.as_str(), self.run.run_id.clone())
    }

    /// The run from which the chain of parents began.
    pub(super) fn as_root(&self) -> ParentRunId {
        self.root.clone().unwrap_or_else(|| self.as_parent())
    }

    pub(super) fn start(&self) -> RunEvent {
        let run = self.run.clone().with_facet(NominalTimeRunFacet::new(self.began.clone()));
        self.build(RunEvent::start(run, self.job.clone()).at(self.began.clone()))
    }

    /// COMPLETE, FAIL or ABORT, by how the command ended.
    pub(super) fn terminal(&self, ended: &Ended) -> (&'static str, RunEvent) {
        let now = Timestamp::now();
        let nominal = NominalTimeRunFacet::new(self.began.clone()).with_nominal_end_time(now.clone());
        let (mut run, mut job) = (self.run.clone().with_facet(nominal), self.job.clone());
        if let Some(Err(error)) = self.facet_file.as_ref().map(|file| file.add(&mut run, &mut job)) {
            note(&format!("warning: {error:#}; the event is sent without its facets"));
        }
        if let Some(problem) = ended.problem() {
            run = run.with_facet(problem_facet(&problem));
        }
        let (kind, event) = match ended {
            Ended::Exited(0) => ("COMPLETE", RunEvent::complete(run, job)),
            Ended::Exited(_) | Ended::NotStarted { .. } => ("FAIL", RunEvent::fail(run, job)),
            Ended::Killed(_) => ("ABORT", RunEvent::abort(run, job)),
        };
        (kind, self.build(event.at(now)))
    }

    fn build(&self, mut event: RunEventBuilder) -> RunEvent {
        for input in &self.inputs {
            event = event.input(input.input());
        }
        for output in &self.outputs {
            event = event.output(output.output());
        }
        event.build(&PRODUCER)
    }
}

/// The language is unknown: it is whatever the command is written in.
fn problem_facet(problem: &str) -> ErrorMessageRunFacet {
    ErrorMessageRunFacet::new(problem, "UNKNOWN")
}

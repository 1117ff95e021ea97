use std::error::Error;

use crate::facets::{ErrorMessageRunFacet, ParentJob, ParentRoot, ParentRun, ParentRunFacet};
use crate::model::{InputDataset, JobRef, OutputDataset, RunEvent, RunEventBuilder, RunRef, Uri};

/// The language of the program that failed.
const LANGUAGE: &str = "RUST";

/// Which event it is: a constructor of [`RunEvent`].
pub(super) type Begin = fn(RunRef, JobRef) -> RunEventBuilder;

/// What every event of a run says.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) run: RunRef,
    pub(super) job: JobRef,
    pub(super) parent: Option<ParentRunFacet>,
    pub(super) inputs: Vec<InputDataset>,
    pub(super) outputs: Vec<OutputDataset>,
    pub(super) producer: Uri,
}

impl About {
    /// An event that happens now.
    pub(super) fn event(&self, begin: Begin, problem: Option<String>) -> RunEvent {
        let mut event = begin(self.run.clone(), self.job.clone());
        if let Some(parent) = &self.parent {
            event = event.run_facet(parent.clone());
        }
        if let Some(problem) = problem {
            event = event.run_facet(ErrorMessageRunFacet::new(problem, LANGUAGE));
        }
        event = self.inputs.iter().cloned().fold(event, RunEventBuilder::input);
        event = self.outputs.iter().cloned().fold(event, RunEventBuilder::output);
        event.build(&self.producer)
    }

    /// How runs that this one starts name it.
    pub(super) fn as_parent(&self) -> ParentRunFacet {
        let (run, job) = self.itself();
        ParentRunFacet::new(run, job).with_root(self.root())
    }

    /// The run from which the chain began, which is this one if nobody started it.
    pub(super) fn root(&self) -> ParentRoot {
        let (run, job) = match &self.parent {
            Some(ParentRunFacet { root: Some(root), .. }) => return root.clone(),
            Some(parent) => (parent.run.clone(), parent.job.clone()),
            None => self.itself(),
        };
        ParentRoot::new(run, job)
    }

    fn itself(&self) -> (ParentRun, ParentJob) {
        let job = ParentJob::new(self.job.namespace.as_str(), self.job.name.as_str());
        (ParentRun::new(self.run.run_id.clone()), job)
    }
}

/// The message with those of its causes, as far as they are not part of it already.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

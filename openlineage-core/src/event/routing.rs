//! What an event says of its parent and of the kind of its job, found in its facets on demand.

use super::head::{Head, Span};
use crate::model::scan::{pick_within, string};

use std::borrow::Cow;

/// A job by its namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobName<'a> {
    /// Where the name is unique.
    pub namespace: Cow<'a, str>,
    /// Name of the job.
    pub name: Cow<'a, str>,
}

/// What kind of job it is, from the facet `jobType`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobTypeName<'a> {
    /// The integration that reports the job, such as `SPARK`.
    pub integration: Cow<'a, str>,
    /// What the integration calls the job, such as `TASK`; optional.
    pub job_type: Option<Cow<'a, str>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Routing {
    parent: [Span; 2],
    root: [Span; 2],
    job_type: [Span; 2],
}

impl Routing {
    pub(super) fn read(bytes: &[u8], head: &Head) -> Self {
        let [parent_job, root] = pick_within(head.parent.text(bytes), ["job", "root"]);
        let [root_job] = pick_within(root, ["job"]);
        let spans = |text, keys| pick_within::<2>(text, keys).map(|part| Span::of(bytes, part));
        Self {
            parent: spans(parent_job, ["namespace", "name"]),
            root: spans(root_job, ["namespace", "name"]),
            job_type: spans(head.job_type.text(bytes), ["integration", "jobType"]),
        }
    }

    pub(super) fn parent<'a>(&self, bytes: &'a [u8]) -> Option<JobName<'a>> {
        job_name(bytes, self.parent)
    }

    pub(super) fn root<'a>(&self, bytes: &'a [u8]) -> Option<JobName<'a>> {
        job_name(bytes, self.root)
    }

    pub(super) fn job_type<'a>(&self, bytes: &'a [u8]) -> Option<JobTypeName<'a>> {
        let [integration, job_type] = self.job_type.map(|span| span.text(bytes).and_then(string));
        Some(JobTypeName { integration: integration?, job_type })
    }
}

fn job_name(bytes: &[u8], spans: [Span; 2]) -> Option<JobName<'_>> {
    let [namespace, name] = spans.map(|span| span.text(bytes).and_then(string));
    Some(JobName { namespace: namespace?, name: name? })
}

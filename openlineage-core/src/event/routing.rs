//! What an event says of its parent and of the kind of its job, found in its facets on demand.

use crate::model::scan::{pick_paths, pick_within, string};

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

/// The job that the facet `parent` names.
pub(super) fn parent(facet: Option<&str>) -> Option<JobName<'_>> {
    let [namespace, name] = pick_paths(facet, [&["job", "namespace"], &["job", "name"]]);
    job_name(namespace, name)
}

/// The job of its `root`.
pub(super) fn root(facet: Option<&str>) -> Option<JobName<'_>> {
    let [namespace, name] = pick_paths(facet, [&["root", "job", "namespace"], &["root", "job", "name"]]);
    job_name(namespace, name)
}

/// The latter, else the former.
pub(super) fn topmost(facet: Option<&str>) -> Option<JobName<'_>> {
    let paths: [&[&str]; 4] =
        [&["root", "job", "namespace"], &["root", "job", "name"], &["job", "namespace"], &["job", "name"]];
    let [root_namespace, root_name, namespace, name] = pick_paths(facet, paths);
    job_name(root_namespace, root_name).or_else(|| job_name(namespace, name))
}

/// What the facet `jobType` says.
pub(super) fn job_type(facet: Option<&str>) -> Option<JobTypeName<'_>> {
    let [integration, job_type] = pick_within(facet, ["integration", "jobType"]);
    Some(JobTypeName { integration: integration.and_then(string)?, job_type: job_type.and_then(string) })
}

fn job_name<'a>(namespace: Option<&'a str>, name: Option<&'a str>) -> Option<JobName<'a>> {
    Some(JobName { namespace: namespace.and_then(string)?, name: name.and_then(string)? })
}

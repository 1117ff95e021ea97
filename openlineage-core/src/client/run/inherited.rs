//! The parent of a program's runs, as its environment tells it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ParentRunId, ParentRunIdError};
use crate::config::Environment;
use crate::facets::{ParentJob, ParentRoot, ParentRun, ParentRunFacet};

const CONTEXT: &str = ParentRunId::CONTEXT_VARIABLE;

/// What `OPENLINEAGE_CONTEXT` says, else the two older variables. Where nobody names a root, the parent is it.
///
/// A variable that cannot be read is warned of and counts as unset: it is no reason to send less.
pub(in crate::client) fn parent(environment: &Environment) -> Option<ParentRunFacet> {
    of_context(environment).or_else(|| of_ids(environment))
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    parent: Option<Parent<'a>>,
}

#[derive(Deserialize)]
struct Parent<'a> {
    run: ParentRun,
    job: ParentJob,
    #[serde(borrow)]
    root: Option<&'a RawValue>,
}

fn of_context(environment: &Environment) -> Option<ParentRunFacet> {
    let text = environment.filled(CONTEXT)?;
    let context: Context<'_> = match serde_json::from_str(text) {
        Ok(context) => context,
        Err(error) => {
            tracing::warn!(%error, "{CONTEXT} does not name a parent that can be read, it is not used");
            return None;
        }
    };
    let Parent { run, job, root } = context.parent?;
    let root = root.and_then(|root| match serde_json::from_str::<ParentRoot>(root.get()) {
        Ok(root) => Some(root),
        Err(error) => {
            tracing::warn!(%error, "{CONTEXT} does not name a root that can be read, the parent is taken for it");
            None
        }
    });
    let root = root.unwrap_or_else(|| ParentRoot::new(run.clone(), job.clone()));
    Some(ParentRunFacet::new(run, job).with_root(root))
}

fn of_ids(environment: &Environment) -> Option<ParentRunFacet> {
    let parent = read(environment, ParentRunId::VARIABLE)??;
    let facet = parent.facet();
    Some(match read(environment, ParentRunId::ROOT_VARIABLE) {
        Some(Some(root)) => facet.with_root(root.root()),
        // A root that cannot be read is not the parent either.
        Some(None) => facet,
        None => facet.with_root(parent.root()),
    })
}

/// Nothing where the variable is not set, and nothing in something where it cannot be read.
fn read(environment: &Environment, name: &str) -> Option<Option<ParentRunId>> {
    let parsed = environment.filled(name)?.parse();
    Some(parsed.map_err(|error: ParentRunIdError| tracing::warn!(%error, "{name} is not used")).ok())
}

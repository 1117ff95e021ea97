//! Tags of the configuration, put over those of the event.

use crate::client::once::Once;
use crate::facets::{Tag, TagsJobFacet, TagsRunFacet};
use crate::model::{DEFAULT_PRODUCER, Facets, In, JobPlace, List, ModelError, Place, RunPlace};

const USER: &str = "USER";
const CLIENT: &str = "OPENLINEAGE_CLIENT";
const VERSION_KEY: &str = "openlineage_client_version";

/// The tags of one client, ready to be put in.
#[derive(Debug)]
pub(super) struct Tags {
    job: Vec<Tag>,
    run: Vec<Tag>,
    unreadable: Once,
}

impl Tags {
    /// Tags as configuration gives them; runs get the version of this client besides.
    pub(super) fn new(job: &[(String, String)], run: &[(String, String)]) -> Self {
        let version = Tag::new(VERSION_KEY, env!("CARGO_PKG_VERSION")).with_source(CLIENT);
        Self { job: of_user(job).collect(), run: of_user(run).chain([version]).collect(), unreadable: Once::new() }
    }

    /// Is there anything to put on a job?
    pub(super) fn has_job(&self) -> bool {
        !self.job.is_empty()
    }

    pub(super) fn job(&self, facets: &mut Facets<JobPlace>) {
        if self.has_job() {
            self.warn(put::<JobPlace, TagsJobFacet>(facets, &self.job));
        }
    }

    pub(super) fn run(&self, facets: &mut Facets<RunPlace>) {
        self.warn(put::<RunPlace, TagsRunFacet>(facets, &self.run));
    }

    fn warn(&self, outcome: Result<(), ModelError>) {
        if let Err(error) = outcome {
            self.unreadable.warn(|| format!("the tags of an event stay as they are, they cannot be read: {error}"));
        }
    }
}

fn of_user(tags: &[(String, String)]) -> impl Iterator<Item = Tag> {
    tags.iter().map(|(key, value)| Tag::new(key.as_str(), value.as_str()).with_source(USER))
}

trait Tagged: Default {
    fn list(&mut self) -> &mut List<Tag>;
}

impl Tagged for TagsJobFacet {
    fn list(&mut self) -> &mut List<Tag> {
        self.tags.get_or_insert_default()
    }
}

impl Tagged for TagsRunFacet {
    fn list(&mut self) -> &mut List<Tag> {
        self.tags.get_or_insert_default()
    }
}

fn put<P: Place, F: In<P> + Tagged>(facets: &mut Facets<P>, ours: &[Tag]) -> Result<(), ModelError> {
    if !facets.edit::<F>(|facet| merge(facet.list(), ours))? {
        let mut facet = F::default();
        *facet.list() = ours.to_vec().into();
        facets.insert_by(facet, &DEFAULT_PRODUCER);
    }
    Ok(())
}

/// What is not replaced stays in front; what is keeps the spelling its key had.
fn merge(tags: &mut List<Tag>, ours: &[Tag]) {
    let ours: Vec<Tag> = ours.iter().map(|tag| respelled(tag, tags)).collect();
    tags.retain(|tag| !ours.iter().any(|our| same_key(tag, our)));
    tags.extend(ours);
}

fn respelled(tag: &Tag, as_in: &[Tag]) -> Tag {
    let mut tag = tag.clone();
    if let Some(known) = as_in.iter().rfind(|known| same_key(known, &tag)) {
        tag.key.clone_from(&known.key);
    }
    tag
}

fn same_key(one: &Tag, other: &Tag) -> bool {
    one.key.to_lowercase() == other.key.to_lowercase()
}

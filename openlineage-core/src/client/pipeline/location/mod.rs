//! Where the code of a job is, as a facet of it.

mod ci;
mod repository;

use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use once_cell::race::OnceBox;
use tokio::task::JoinHandle;

use self::repository::Repository;
use crate::config::{Environment, SourceCodeLocation};
use crate::error::{EmitError, EmitErrorKind};
use crate::facets::SourceCodeLocationJobFacet;
use crate::lifecycle::Deadline;
use crate::model::{DEFAULT_PRODUCER, Facet, Facets, JobPlace};
use crate::runtime::{Lease, ParkScope, Runtime};

/// A repository on a disk that does not answer is given up after this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The location, found at first need and then kept.
#[derive(Debug)]
pub(super) struct Location {
    told: SourceCodeLocation,
    folder: Option<PathBuf>,
    /// Written without a lock, so that a forked child never waits for a reader that it does not have.
    found: OnceBox<Option<SourceCodeLocationJobFacet>>,
    /// The last process that has begun to look without waiting; 0 is none.
    looking: AtomicU32,
}

impl Location {
    /// What is told counts, the rest is looked for in this environment; `None` where the facet is switched off.
    pub(super) fn new(told: &SourceCodeLocation, environment: &Environment) -> Option<Arc<Self>> {
        if told.disabled {
            return None;
        }
        let mut told = told.clone();
        told.pull_request_number = told.pull_request_number.or_else(|| ci::pull_request(environment));
        let folder = environment.working_directory().map(PathBuf::from);
        Some(Arc::new(Self { told, folder, found: OnceBox::new(), looking: AtomicU32::new(0) }))
    }

    /// Looks for the repository unless that was done. Files may be slow, so the worker's blocking threads read them.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` where the calling thread parks and is the worker. A repository that cannot be read is none.
    pub(super) async fn find(self: &Arc<Self>, until: Deadline) -> Result<(), EmitError> {
        if self.found.get().is_some() {
            return Ok(());
        }
        let Ok(lease) = Runtime::shared().lease() else { return Ok(()) };
        if ParkScope::refuses(&lease) {
            return Err(EmitError::refused(EmitErrorKind::WouldDeadlock));
        }
        // If the worker is gone, so is whoever would use the facet.
        let _gone = self.look(lease, until).await;
        Ok(())
    }

    /// Begins to look for the repository, once in a process, unless that was done.
    pub(super) fn find_meanwhile(self: &Arc<Self>) {
        if self.found.get().is_some() || self.looking.swap(process::id(), Ordering::Relaxed) == process::id() {
            return;
        }
        if let Ok(lease) = Runtime::shared().lease() {
            drop(self.look(lease, Deadline::never()));
        }
    }

    fn look(self: &Arc<Self>, lease: Lease, until: Deadline) -> JoinHandle<()> {
        let location = Arc::clone(self);
        lease.clone().spawn(async move {
            let reader = Arc::clone(&location);
            let reading = tokio::task::spawn_blocking(move || reader.read());
            let limit = until.remaining().map_or(PATIENCE, |left| left.min(PATIENCE));
            let facet = tokio::time::timeout(limit, reading).await.ok().and_then(Result::ok);
            if facet.is_none() {
                tracing::warn!("the git repository could not be read in time, events go without sourceCodeLocation");
            }
            location.keep(facet.flatten());
            drop(lease);
        })
    }

    /// Puts in what was found, unless the event says something itself.
    pub(super) fn job(&self, facets: &mut Facets<JobPlace>) {
        if let Some(Some(facet)) = self.found.get()
            && !facets.contains_key(SourceCodeLocationJobFacet::KEY)
        {
            facets.insert_by(facet.clone(), &DEFAULT_PRODUCER);
        }
    }

    /// Whoever was first is right: all have read the same files.
    fn keep(&self, facet: Option<SourceCodeLocationJobFacet>) {
        drop(self.found.set(Box::new(facet)));
    }

    /// The facet, if there is a URL.
    fn read(&self) -> Option<SourceCodeLocationJobFacet> {
        let told = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let repository = self.folder.as_deref().and_then(Repository::around);
        let found = |look: &dyn Fn(&Repository) -> Option<String>| repository.as_ref().and_then(look);
        let url =
            told(&self.told.repo_url).map(repository::without_credentials).or_else(|| found(&Repository::origin))?;
        let commit = found(&Repository::commit);
        let tag = told(&self.told.tag).or_else(|| found(&|files| files.tag(commit.as_deref()?)));
        let mut facet = SourceCodeLocationJobFacet::new("git", url.as_str()).with_repo_url(url);
        facet.tag = tag;
        facet.branch = told(&self.told.branch).or_else(|| found(&Repository::branch));
        facet.version = told(&self.told.version).or(commit);
        facet.pull_request_number = told(&self.told.pull_request_number);
        Some(facet)
    }
}

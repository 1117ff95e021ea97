//! Local files: one that grows by a line for each event, or one for each event.

mod append;
mod config;
mod each;
mod indent;
mod log;
mod name;
mod publish;
mod rotate;
mod trouble;

use std::path::Path;

pub use append::AppendFile;
pub(super) use config::FileFactory;
pub use each::FilePerEvent;
pub(crate) use log::Log;

use crate::error::{EmitErrorKind, Fault};

pub(super) const KIND: &str = "file";

/// When what was written is also forced to the disk, so that it outlives a crash of the system.
///
/// A crash of this process alone loses nothing that was delivered, whichever is chosen.
#[expect(clippy::exhaustive_enums, reason = "a file can be synchronised after a write or before it is closed")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fsync {
    /// Whenever the system sees fit.
    #[default]
    Never,
    /// Before an event counts as delivered.
    Event,
    /// Before a file is let go of: when it is rotated, and when the transport is closed.
    Close,
}

/// Runs on the blocking pool what a disk may hold up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Fault::new(EmitErrorKind::WorkerLost).because(error)),
    }
}

/// The folder in which `path` names something.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Forces the names in a folder to the disk; without this a new file may be gone after a crash.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

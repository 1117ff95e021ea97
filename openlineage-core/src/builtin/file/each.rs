use std::path::PathBuf;
use std::time::SystemTime;

use async_trait::async_trait;

use super::indent::indented;
use super::publish::publish;
use super::trouble::fault;
use super::{Fsync, KIND, blocking, folder, name};
use crate::engine::{Deliver, Direct};
use crate::error::{Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::retry::RetryPolicy;
use crate::transport::TransportInfo;

/// Writes each event to a file of its own: kind `file` without `append`.
///
/// The name is that of the Python client, `<path>-YYYYMMDD-HHMMSS.ffffff.json`, but the time is UTC, not that of the
/// machine's zone. Where two events have the same microsecond the second file ends in `_1.json`: no file is written
/// over, whoever writes. The folder must be there.
///
/// A file appears under its name when it is whole. Until then it is called `.openlineage-<process>-<number>.tmp` in the
/// same folder; a killed process can leave such a file behind. (A file system without hard links has no way to refuse a
/// name that is taken: there, two processes in the same microsecond can write over each other, as upstream's do.)
///
/// ```
/// use openlineage_core::builtin::FilePerEvent;
///
/// let transport = FilePerEvent::new("lineage/event").debug_mode(true).transport(); // writes nothing yet
/// ```
#[derive(Clone, Debug)]
pub struct FilePerEvent {
    path: PathBuf,
    debug_mode: bool,
    fsync: Fsync,
}

impl FilePerEvent {
    /// Writes files whose names begin with `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), debug_mode: false, fsync: Fsync::Never }
    }

    /// For people to read: the name says job or dataset and event type,
    /// `<path>-yymmddTHHMMSS.ffffff-<name>-<type>.json`, and the JSON is indented by two spaces.
    ///
    /// Of the name every character but letters, digits, `_`, `.` and `-` becomes `__`; it is cut at 120 bytes.
    #[must_use]
    pub fn debug_mode(mut self, on: bool) -> Self {
        self.debug_mode = on;
        self
    }

    /// When to force files to the disk. A file is closed with its event, so that `Close` and `Event` are the same here.
    #[must_use]
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    /// A transport that writes so, on the shared worker. A failed write is not repeated.
    #[must_use]
    pub fn transport(self) -> Direct<Self> {
        Direct::builder(TransportInfo::new(KIND), self).retry(RetryPolicy::never()).build()
    }

    fn content(&self, event: &EncodedEvent) -> Vec<u8> {
        let mut content = if self.debug_mode { indented(event.bytes()) } else { event.bytes().to_vec() };
        content.push(b'\n');
        content
    }
}

#[async_trait]
impl Deliver for FilePerEvent {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        let path = self.path.clone();
        blocking(move || {
            let there = std::fs::read_dir(folder(&path)).map(drop);
            there.map_err(|error| fault("write files there", &path, Sent::No, error))
        })
        .await
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let now = SystemTime::now();
        let name = if self.debug_mode { name::speaking(now, event) } else { name::plain(now) };
        let (stem, content, sync) =
            (name::with_end(&self.path, &name), self.content(event), self.fsync != Fsync::Never);
        blocking(move || publish(&stem, &content, sync)).await
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

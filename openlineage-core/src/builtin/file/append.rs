use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::log::Log;
use super::{Fsync, KIND, blocking};
use crate::engine::{Deliver, Direct};
use crate::error::Fault;
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::retry::RetryPolicy;
use crate::transport::TransportInfo;

/// Appends each event as one line of JSON (NDJSON) to one file: kind `file` with `append: true`.
///
/// The file is opened, and made if need be, with the first event; its folder must be there. Delivered means written to
/// the operating system; [`fsync`](Self::fsync) asks for the disk. If another program moves the file away, the next
/// event makes a new one.
///
/// # Many writers
///
/// Threads, transports and processes may append to one file: a line is written at its end in one write, while the
/// file's advisory lock is held (`flock` on Unix). A write that stops half-way, on a full disk for example, is taken
/// back before the lock is let go, so that no half line stays behind. What a killed process left of a line is ended by
/// the next writer and costs that line only. A program that holds the lock for long makes events wait until their
/// deadline. One that writes without it does not mix its lines with ours as long as it writes each in one go, though an
/// empty line may come between. Where a file system has no locks they are done without.
///
/// # Rotation
///
/// With [`rotate_bytes`](Self::rotate_bytes) a file that the next line would make larger is first renamed, in one step
/// and under the lock, to its path with the time in UTC: `events.ndjson.20240501-120000.123456`, and `_1` behind it if
/// there is one of that name. No event is lost over it, whoever writes. Outside of Unix only one process may write to
/// a file that is rotated.
///
/// # Other things than files
///
/// A pipe or a device is written to without a lock, and cannot be rotated.
///
/// ```
/// use std::num::NonZeroU64;
/// use openlineage_core::builtin::{AppendFile, Fsync};
///
/// let log = AppendFile::new("events.ndjson").rotate_bytes(NonZeroU64::new(64 << 20)).fsync(Fsync::Close);
/// let transport = log.transport(); // opens nothing yet
/// ```
#[derive(Clone, Debug)]
pub struct AppendFile {
    pub(super) path: PathBuf,
    pub(super) rotate_bytes: Option<NonZeroU64>,
    pub(super) max_files: Option<NonZeroU32>,
    pub(super) fsync: Fsync,
}

impl AppendFile {
    /// Appends to the file at `path`: never rotated, synchronised when the system sees fit.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), rotate_bytes: None, max_files: None, fsync: Fsync::Never }
    }

    /// Begins a new file before the current one would grow beyond so many bytes; `None`, the default, lets it grow.
    ///
    /// A larger event gets a file of its own.
    #[must_use]
    pub fn rotate_bytes(mut self, bytes: impl Into<Option<NonZeroU64>>) -> Self {
        self.rotate_bytes = bytes.into();
        self
    }

    /// Keeps so many rotated files beside the current one and **deletes older ones**; `None`, the default, keeps all.
    #[must_use]
    pub fn max_files(mut self, files: impl Into<Option<NonZeroU32>>) -> Self {
        self.max_files = files.into();
        self
    }

    /// When to force what was written to the disk.
    #[must_use]
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A transport that appends, on the shared worker. A failed write is not repeated.
    #[must_use]
    pub fn transport(self) -> Direct<Self> {
        Direct::builder(TransportInfo::new(KIND), self).retry(RetryPolicy::never()).build()
    }
}

#[async_trait]
impl Deliver for AppendFile {
    /// Waiting for it takes no thread of the pool, however many events are under way.
    type Connection = Arc<Mutex<Log>>;

    async fn open(&self, _until: Deadline) -> Result<Self::Connection, Fault> {
        let shape = self.clone();
        blocking(move || Log::open(shape).map(|log| Arc::new(Mutex::new(log)))).await
    }

    async fn deliver(&self, log: &Self::Connection, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let mut line = event.to_ndjson().into_owned();
        line.push(b'\n');
        let mut log = Arc::clone(log).lock_owned().await;
        blocking(move || log.append(&line)).await
    }

    async fn shut(&self, log: &Self::Connection, _until: Deadline) {
        let mut log = Arc::clone(log).lock_owned().await;
        if let Err(fault) = blocking(move || log.close()).await {
            let cause = std::error::Error::source(&fault).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(cause, "the last lines may not have reached the disk");
        }
    }
}

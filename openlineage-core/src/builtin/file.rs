use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::line;
use crate::engine::{Deliver, Direct};
use crate::error::Fault;
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::retry::RetryPolicy;
use crate::runtime::Runtime;
use crate::transport::TransportInfo;

pub(super) const KIND: &str = "file";

/// Appends each event as one line of JSON (NDJSON): kind `file`, options `log_file_path` and `append: true`.
///
/// The file is opened, and made if need be, with the first event; its folder must be there. Delivered means written to
/// the operating system, not to the disk. A write that fails half-way may leave part of a line.
pub type File = Direct<FileDeliver>;

/// The destination below [`File`].
#[derive(Debug)]
pub struct FileDeliver(PathBuf);

impl File {
    /// Appends to the file at `path`.
    #[must_use]
    pub fn append(path: impl Into<PathBuf>) -> Self {
        at(TransportInfo::new(KIND), path.into(), Runtime::shared())
    }
}

pub(super) fn at(info: TransportInfo, path: PathBuf, runtime: Runtime) -> File {
    Direct::builder(info, FileDeliver(path)).retry(RetryPolicy::never()).runtime(runtime).build()
}

#[async_trait]
impl Deliver for FileDeliver {
    type Connection = Arc<Mutex<fs::File>>;

    async fn open(&self, _until: Deadline) -> Result<Self::Connection, Fault> {
        let path = self.0.clone();
        line::open(move || fs::OpenOptions::new().append(true).create(true).open(path)).await
    }

    async fn deliver(&self, file: &Self::Connection, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        line::write(file, event).await
    }

    async fn shut(&self, _file: &Self::Connection, _until: Deadline) {}
}

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Lost, Undelivered};
use crate::builtin::{AppendFile, Log};
use crate::config::{ConfigError, Section};
use crate::error::Fault;
use crate::runtime::ForkCell;

/// Appends undelivered events to a file, one line of JSON each (NDJSON). `openlineage emit FILE` sends them again.
///
/// The file is opened, and made if need be, with the first lost event; its folder must be there. Any number of
/// transports and processes may share it, in the way that [`AppendFile`] describes under "many writers". A batch of
/// events is written at once, entirely or not at all where the file system allows that.
///
/// What cannot be written is lost: the first such failure is logged with its cause, and the next success with the number
/// of events in between. Sending the file again may make copies of events whose [`sent`](crate::error::EmitError::sent)
/// was Maybe; move it away before, so that nothing is appended to it meanwhile.
///
/// ```
/// use std::sync::Arc;
/// use openlineage_core::undelivered::{Undelivered, UndeliveredFile};
///
/// let hook: Arc<dyn Undelivered> = Arc::new(UndeliveredFile::new("undelivered.ndjson")); // opens nothing yet
/// ```
pub struct UndeliveredFile {
    shape: AppendFile,
    writer: ForkCell<Writer>,
}

/// One process's side of the file.
struct Writer {
    log: Mutex<Log>,
    written: AtomicU64,
    failed: AtomicU64,
    /// Events that could not be written since it last worked.
    failing: AtomicU64,
}

impl UndeliveredFile {
    /// The option that [`read`](Self::read) takes, for [`Section::finish`].
    pub const OPTION: &str = "undelivered_file";

    /// Appends to the file at `path`. Opens nothing.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { shape: AppendFile::new(path), writer: ForkCell::new() }
    }

    /// Takes the option `undelivered_file`, the path of such a file, as every kind spells it.
    ///
    /// # Errors
    ///
    /// It is there and empty, a list or a map.
    pub fn read(options: &mut Section) -> Result<Option<Arc<dyn Undelivered>>, ConfigError> {
        match options.text(Self::OPTION)? {
            None => Ok(None),
            Some(path) if path.is_empty() => {
                Err(ConfigError::new(options.key(Self::OPTION), "empty").cure("write the path of a file"))
            }
            Some(path) => Ok(Some(Arc::new(Self::new(path)))),
        }
    }

    /// How many events this process has written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.writer.get().map_or(0, |writer| writer.written.load(Ordering::Relaxed))
    }

    /// How many events this process could not write.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.writer.get().map_or(0, |writer| writer.failed.load(Ordering::Relaxed))
    }

    fn writer(&self) -> &Writer {
        self.writer.get_or_init(|| Writer {
            log: Mutex::new(Log::closed(self.shape.clone())),
            written: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            failing: AtomicU64::new(0),
        })
    }
}

impl Undelivered for UndeliveredFile {
    fn undelivered(&self, lost: &[Lost]) {
        let mut lines = Vec::with_capacity(lost.iter().map(|lost| lost.event.len() + 1).sum());
        for lost in lost {
            lines.extend_from_slice(&lost.event.to_ndjson());
            lines.push(b'\n');
        }
        let (writer, events) = (self.writer(), lost.len() as u64);
        // Held until the outcome is noted, so that two transports do not both report the first failure.
        let mut log = writer.log.lock().unwrap_or_else(PoisonError::into_inner);
        match log.append(&lines) {
            Ok(()) => writer.works(events),
            Err(fault) => writer.fails(events, &fault),
        }
    }
}

impl fmt::Debug for UndeliveredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UndeliveredFile").field(&self.shape.path()).finish()
    }
}

impl Writer {
    fn works(&self, events: u64) {
        self.written.fetch_add(events, Ordering::Relaxed);
        let missing = self.failing.swap(0, Ordering::Relaxed);
        if missing > 0 {
            tracing::warn!(missing, "undelivered events are written again, some before were not");
        }
    }

    fn fails(&self, events: u64, fault: &Fault) {
        self.failed.fetch_add(events, Ordering::Relaxed);
        if self.failing.fetch_add(events, Ordering::Relaxed) == 0 {
            let cause = fault.source().map(ToString::to_string).unwrap_or_default();
            let error = fault.source().and_then(Error::source).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(events, cause, error, "undelivered events cannot be written and are lost");
        }
    }
}

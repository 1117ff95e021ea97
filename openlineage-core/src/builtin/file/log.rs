//! The file that lines are appended to. Everything here blocks.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::append::AppendFile;
use super::trouble::fault;
use super::{Fsync, folder, rotate, sync_folder};
use crate::error::{Fault, Sent};

/// A file of lines, opened again when it is no longer the one at its path.
#[derive(Debug)]
pub struct Log {
    shape: AppendFile,
    open: Option<Open>,
}

/// An open file. Dropping it gives up its lock.
#[derive(Debug)]
struct Open {
    file: File,
    /// Where the last line we wrote ended; if the file ends there, so does a line.
    end: u64,
    /// A pipe or a device has neither a lock nor a length.
    is_regular: bool,
}

impl Log {
    /// A file that is opened when the first line comes.
    pub(crate) fn closed(shape: AppendFile) -> Self {
        Self { shape, open: None }
    }

    pub(super) fn open(shape: AppendFile) -> Result<Self, Fault> {
        let mut log = Self::closed(shape);
        log.open = Some(log.opened()?);
        Ok(log)
    }

    /// Appends one line, or several at once, each with its line feed.
    pub(crate) fn append(&mut self, line: &[u8]) -> Result<(), Fault> {
        let mut open = self.locked(line.len() as u64)?;
        let written = open.write(line).map_err(|(sent, error)| self.fault("write to it", sent, error));
        open.unlock();
        let synced = written.and_then(|()| match self.shape.fsync {
            Fsync::Event if open.is_regular => {
                let synced = open.file.sync_data();
                synced.map_err(|error| self.fault("force it to the disk", Sent::Maybe, error))
            }
            _ => Ok(()),
        });
        self.open = Some(open);
        synced
    }

    /// Lets go of the file.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        match (self.open.take(), self.shape.fsync) {
            (Some(open), Fsync::Close) if open.is_regular => {
                open.file.sync_all().map_err(|error| self.fault("force it to the disk", Sent::Maybe, error))
            }
            _ => Ok(()),
        }
    }

    /// The file at the path, locked, with room for so many bytes more.
    fn locked(&mut self, more: u64) -> Result<Open, Fault> {
        loop {
            let open = match self.open.take() {
                Some(open) => open,
                None => self.opened()?,
            };
            if !open.is_regular {
                return Ok(open);
            }
            open.lock().map_err(|error| self.fault("lock it", Sent::No, error))?;
            let len = open.len().map_err(|error| self.fault("look at it", Sent::No, error))?;
            let is_full = self.shape.rotate_bytes.is_some_and(|limit| len > 0 && len + more > limit.get());
            // Whoever holds the lock of the file at the path is the only one who may rename it.
            match open.is_at(&self.shape.path) {
                false => {}
                true if is_full => rotate::rotate(&self.shape, &open.file)?,
                true => return Ok(open),
            }
        }
    }

    fn opened(&self) -> Result<Open, Fault> {
        let open = Open::at(&self.shape.path).map_err(|error| self.fault("open it", Sent::No, error))?;
        if !open.is_regular && self.shape.rotate_bytes.is_some() {
            let error = io::Error::new(ErrorKind::Unsupported, "it is a pipe or a device, remove rotate_bytes");
            return Err(self.fault("rotate it", Sent::No, error));
        }
        if open.is_regular && self.shape.fsync != Fsync::Never {
            let synced = sync_folder(folder(&self.shape.path));
            synced.map_err(|error| self.fault("force its folder to the disk", Sent::No, error))?;
        }
        Ok(open)
    }

    fn fault(&self, doing: &'static str, sent: Sent, error: io::Error) -> Fault {
        fault(doing, &self.shape.path, sent, error)
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        // A pipe opened for reading as well would have a reader in us.
        let readable = std::fs::metadata(path).map_or(true, |metadata| metadata.is_file());
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let file = match options.read(readable).open(path) {
            Err(error) if readable && error.kind() == ErrorKind::PermissionDenied => options.read(false).open(path),
            opened => opened,
        }?;
        let is_regular = file.metadata()?.is_file();
        Ok(Self { file, end: 0, is_regular })
    }

    /// Waits for the lock, as long as it takes. Without it where the file system has none.
    fn lock(&self) -> io::Result<()> {
        match self.file.lock() {
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
            locked => locked,
        }
    }

    fn unlock(&self) {
        // Closing the file would do as well, but for a copy of it in a child that was forked meanwhile.
        drop(self.file.unlock());
    }

    fn len(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }

    fn is_at(&self, path: &Path) -> bool {
        match (self.file.metadata(), std::fs::metadata(path)) {
            (Ok(own), Ok(there)) => is_same(&own, &there),
            _ => false,
        }
    }

    /// Writes all of `line` or, where that is possible, nothing; an error says which.
    fn write(&mut self, line: &[u8]) -> Result<(), (Sent, io::Error)> {
        if !self.is_regular {
            return self.file.write_all(line).map_err(|error| (Sent::Maybe, error));
        }
        let len = self.len().map_err(|error| (Sent::No, error))?;
        let joined;
        let bytes = if self.ends_within_a_line(len) {
            joined = [b"\n", line].concat();
            &joined
        } else {
            line
        };
        let mut written = 0;
        while written < bytes.len() {
            match self.file.write(&bytes[written..]) {
                Ok(0) => return Err(self.taken_back(len, written, ErrorKind::WriteZero.into())),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.taken_back(len, written, error)),
            }
        }
        self.end = len + written as u64;
        Ok(())
    }

    /// Cuts off the `written` bytes of a line that did not fit, unless somebody without the lock wrote behind them.
    fn taken_back(&self, len: u64, written: usize, error: io::Error) -> (Sent, io::Error) {
        let is_last = self.len().is_ok_and(|now| now == len + written as u64);
        let gone = written == 0 || (is_last && self.file.set_len(len).is_ok());
        (if gone { Sent::No } else { Sent::Maybe }, error)
    }

    /// Has somebody been killed over a line? Only asked if another has written, and answered no where we may not read.
    fn ends_within_a_line(&mut self, len: u64) -> bool {
        if len == 0 || len == self.end {
            return false;
        }
        let mut last = [b'\n'];
        let read = self.file.seek(SeekFrom::Start(len - 1)).and_then(|_| self.file.read_exact(&mut last));
        read.is_ok() && last != [b'\n']
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.unlock();
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// There is no stable way to tell; a file that was moved away goes on being written to.
#[cfg(not(unix))]
fn is_same(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

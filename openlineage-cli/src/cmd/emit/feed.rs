//! The reading side: a thread that reads files and hands over one item at a time.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::args::Emit;
use crate::input::{Item, Reader, Source};

/// Read ahead of what is being sent; one is enough to keep the reader busy.
const AHEAD: usize = 1;
const BUFFER: usize = 256 * 1024;

/// What was read.
#[derive(Debug)]
pub(super) enum Fed {
    Item(Item, Place),
    /// The rest of a file cannot be read.
    Broken(io::Error, Arc<str>),
}

/// Where an item stands.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Default))]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) file_number: usize,
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Offset behind the item.
    pub(super) end: u64,
    /// Lines were not counted from the beginning of the file.
    pub(super) skipped: bool,
}

impl Place {
    pub(super) fn is_before(&self, other: &Self) -> bool {
        (self.file_number, self.offset) < (other.file_number, other.offset)
    }

    /// The place right behind the item.
    pub(super) fn behind(self) -> Self {
        Self { offset: self.end, ..self }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.skipped {
            true => write!(f, "{} at byte {}", self.file, self.offset),
            false => write!(f, "{}:{}", self.file, self.line),
        }
    }
}

/// The files to read, all of them there.
pub(super) struct Feed {
    files: Vec<PathBuf>,
    offset: u64,
    limit: usize,
    /// Bytes in all, where every file tells its size.
    pub(super) total: Option<u64>,
}

impl Feed {
    /// Finds out about missing files before anything is sent.
    pub(super) fn new(args: &Emit) -> Result<Self> {
        let mut total = Some(0);
        for (number, path) in args.files.iter().enumerate() {
            let size = if is_stdin(path) { None } else { size(path).with_context(|| path.display().to_string())? };
            if let Some(size) = size.filter(|size| number == 0 && args.offset > *size) {
                anyhow::bail!("{}: {}", path.display(), beyond(args.offset, size));
            }
            total = total.zip(size).map(|(total, size)| total + size);
        }
        let total = total.map(|total| total.saturating_sub(args.offset));
        Ok(Self { files: args.files.clone(), offset: args.offset, limit: args.max_event_bytes.get(), total })
    }

    /// Begins to read. The thread ends with the input or when nobody listens any more.
    pub(super) fn start(self) -> Result<Receiver<Fed>> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        thread::Builder::new().name("openlineage-read".to_owned()).spawn(move || self.read(&sender))?;
        Ok(receiver)
    }

    fn read(self, sender: &Sender<Fed>) {
        for (number, path) in self.files.iter().enumerate() {
            let offset = if number == 0 { self.offset } else { 0 };
            let file: Arc<str> = path.to_string_lossy().into();
            match read_file(path, number, offset, self.limit, &file, sender) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => drop(sender.blocking_send(Fed::Broken(error, file))),
            }
        }
    }
}

/// `Ok(false)` if nobody listens any more.
fn read_file(
    path: &Path,
    file_number: usize,
    offset: u64,
    limit: usize,
    file: &Arc<str>,
    sender: &Sender<Fed>,
) -> io::Result<bool> {
    let (input, beginning) = open(path, offset)?;
    let source = Source::new(input, offset, limit);
    let mut reader = if offset > 0 { Reader::further_on(source, &beginning) } else { Reader::new(source) };
    while let Some(item) = reader.next()? {
        let (file, skipped) = (Arc::clone(file), offset > 0);
        let place = Place { file, file_number, line: item.line, offset: item.offset, end: item.end, skipped };
        if sender.blocking_send(Fed::Item(item, place)).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The input from `offset` on, and what it begins with if that is skipped.
fn open(path: &Path, offset: u64) -> io::Result<(Box<dyn BufRead>, Vec<u8>)> {
    if is_stdin(path) {
        let mut input = BufReader::with_capacity(BUFFER, io::stdin());
        let beginning = if offset > 0 { input.fill_buf()?.to_vec() } else { Vec::new() };
        let skipped = io::copy(&mut input.by_ref().take(offset), &mut io::sink())?;
        if skipped < offset {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, beyond(offset, skipped)));
        }
        return Ok((Box::new(input), beginning));
    }
    let mut input = BufReader::with_capacity(BUFFER, File::open(path)?);
    let mut beginning = Vec::new();
    if offset > 0 {
        beginning.extend_from_slice(input.fill_buf()?);
        input.seek(SeekFrom::Start(offset))?;
    }
    Ok((Box::new(input), beginning))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A pipe has no size and is not opened for it: whoever writes to it would lose its reader again.
fn size(path: &Path) -> Result<Option<u64>> {
    let data = fs::metadata(path)?;
    if data.is_dir() {
        anyhow::bail!("is a directory, name the files in it");
    }
    if data.is_file() {
        File::open(path)?;
    }
    Ok(data.is_file().then_some(data.len()))
}

fn beyond(offset: u64, size: u64) -> String {
    format!("--offset {offset} is beyond its end, it has {size} bytes")
}

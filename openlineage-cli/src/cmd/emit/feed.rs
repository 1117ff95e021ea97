//! The reading side: a thread that reads files and hands over one item at a time.

use std::fs::File;
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
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) file_number: usize,
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Lines were not counted from the beginning of the file.
    skipped: bool,
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
        for path in &args.files {
            let size = if is_stdin(path) { None } else { size(path)? };
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
    let (input, in_array) = open(path, offset)?;
    let mut reader = Reader::new(Source::new(input, offset, limit), in_array);
    while let Some(item) = reader.next()? {
        let (line, at) = (item.line, item.offset);
        let place = Place { file: Arc::clone(file), file_number, line, offset: at, skipped: offset > 0 };
        if sender.blocking_send(Fed::Item(item, place)).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The input from `offset` on, and whether its beginning says that it is an array.
fn open(path: &Path, offset: u64) -> io::Result<(Box<dyn BufRead>, bool)> {
    if is_stdin(path) {
        let mut input = BufReader::with_capacity(BUFFER, io::stdin());
        let in_array = begins_array(&mut input)? && offset > 0;
        io::copy(&mut input.by_ref().take(offset), &mut io::sink())?;
        return Ok((Box::new(input), in_array));
    }
    let mut input = BufReader::with_capacity(BUFFER, File::open(path)?);
    let in_array = offset > 0 && begins_array(&mut input)?;
    if offset > 0 {
        input.seek(SeekFrom::Start(offset))?;
    }
    Ok((Box::new(input), in_array))
}

fn begins_array(input: &mut impl BufRead) -> io::Result<bool> {
    let beginning = input.fill_buf()?;
    Ok(beginning.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'['))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn size(path: &Path) -> Result<Option<u64>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let data = file.metadata().with_context(|| path.display().to_string())?;
    if data.is_dir() {
        anyhow::bail!("{}: is a directory, name the files in it", path.display());
    }
    Ok(data.is_file().then_some(data.len()))
}

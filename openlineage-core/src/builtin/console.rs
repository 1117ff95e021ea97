use std::fs::File;
use std::io;
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

pub(super) const KIND: &str = "console";

/// Prints each event as one line of JSON: kind `console`, option `stream` (`stdout`, the default, or `stderr`).
///
/// It writes to a duplicate of the descriptor, not through [`std::io::Stdout`]: a host that holds that lock is not
/// waited for, and neither is one whose thread held it when the process was forked. A closed pipe is a failed event.
/// (The Python client's `console` writes to its logger instead and shows nothing unless logging is set up.)
pub type Console = Direct<ConsoleDeliver>;

/// The destination below [`Console`].
#[derive(Debug)]
pub struct ConsoleDeliver(Stream);

/// Which of the two.
#[expect(clippy::exhaustive_enums, reason = "a process has two")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stream {
    /// Standard output.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}

impl Console {
    /// Prints to `stream`.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        at(TransportInfo::new(KIND), stream, Runtime::shared())
    }
}

pub(super) fn at(info: TransportInfo, stream: Stream, runtime: Runtime) -> Console {
    Direct::builder(info, ConsoleDeliver(stream)).retry(RetryPolicy::never()).runtime(runtime).build()
}

#[async_trait]
impl Deliver for ConsoleDeliver {
    type Connection = Arc<Mutex<File>>;

    async fn open(&self, _until: Deadline) -> Result<Self::Connection, Fault> {
        let stream = self.0;
        line::open(move || duplicate(stream)).await
    }

    async fn deliver(&self, out: &Self::Connection, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        line::write(out, event).await
    }

    async fn shut(&self, _out: &Self::Connection, _until: Deadline) {}
}

#[cfg(unix)]
fn duplicate(stream: Stream) -> io::Result<File> {
    use std::os::fd::AsFd;

    match stream {
        Stream::Stdout => io::stdout().as_fd().try_clone_to_owned().map(File::from),
        Stream::Stderr => io::stderr().as_fd().try_clone_to_owned().map(File::from),
    }
}

#[cfg(windows)]
fn duplicate(stream: Stream) -> io::Result<File> {
    use std::os::windows::io::AsHandle;

    match stream {
        Stream::Stdout => io::stdout().as_handle().try_clone_to_owned().map(File::from),
        Stream::Stderr => io::stderr().as_handle().try_clone_to_owned().map(File::from),
    }
}

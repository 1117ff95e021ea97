//! The contract over real files. They answer at once and cannot be told to fail, so some checks do not apply.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use openlineage_core::builtin::{AppendFile, FilePerEvent};
use openlineage_core::engine::{Deliver, Direct};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Answer, Attempt, Capabilities, Harness, Log, Setup, Sink};
use openlineage_core::transport::{Transport, TransportInfo};
use tempfile::TempDir;

/// A folder; what arrived are the lines of its files.
#[derive(Debug)]
struct Folder(TempDir);

impl Sink for Folder {
    fn script(&self, _first: &[Answer], _then: Answer) {}

    fn fail_start(&self) {}

    fn log(&self) -> Log {
        loop {
            let files = self.files();
            let texts: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect();
            // A file that was renamed meanwhile was read twice or not at all.
            if self.files() == files {
                return texts.iter().flat_map(|text| text.lines()).fold(Log::default(), arrived);
            }
        }
    }

    fn wait(&self, enough: &mut dyn FnMut(&Log) -> bool, limit: Duration) -> bool {
        let until = Deadline::after(limit);
        while !enough(&self.log()) {
            if until.has_passed() {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }
}

impl Folder {
    /// Those that have their final name.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = super::files(self.0.path());
        files.retain(|file| !super::name(file).starts_with('.'));
        files
    }
}

fn arrived(mut log: Log, line: &str) -> Log {
    let body = line.to_owned().into();
    log.attempts.push(Attempt { body, at: Instant::now(), answer: Some(Answer::Accept) });
    log
}

struct Files<D>(fn(&Path) -> D);

impl<D: Deliver> Harness for Files<D> {
    type Sink = Folder;

    fn sink(&self) -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn transport(&self, sink: &Folder, setup: Setup) -> Arc<dyn Transport> {
        let builder = Direct::builder(TransportInfo::new("file"), (self.0)(sink.0.path()));
        Arc::new(builder.retry(RetryPolicy::never()).runtime(setup.runtime).build())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().confirms_each().takes_runtime().survives_fork()
    }
}

mod append {
    use super::*;

    openlineage_core::contract!(Files(|folder| AppendFile::new(folder.join("events.ndjson"))));
}

mod rotated {
    use super::*;

    openlineage_core::contract!(Files(|folder| {
        AppendFile::new(folder.join("events.ndjson")).rotate_bytes(std::num::NonZeroU64::new(4096))
    }));
}

mod each {
    use super::*;

    openlineage_core::contract!(Files(|folder| FilePerEvent::new(folder.join("event"))));
}

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::sink::Sink;
use super::verdict::{Outcome, broken, ensure};
use crate::lifecycle::Deadline;

/// What this process has at one moment. Read from `/proc`.
#[derive(Debug)]
pub(super) struct Census {
    threads: BTreeSet<u32>,
    files: usize,
    open: usize,
}

impl Census {
    pub(super) fn take(sink: &dyn Sink) -> Outcome<Self> {
        Ok(Self { threads: threads()?, files: names("/proc/self/fd")?.len(), open: sink.log().open })
    }

    /// Demands that nothing has come since; what has gone does not matter.
    pub(super) fn unchanged(&self, sink: &dyn Sink) -> Outcome {
        let now = Self::take(sink)?;
        let new: Vec<String> = now.threads.difference(&self.threads).map(|thread| comm(*thread)).collect();
        ensure(new.is_empty(), || format!("new threads: {new:?}"))?;
        ensure(now.files <= self.files, || format!("{} files are open instead of {}", now.files, self.files))?;
        ensure(now.open <= self.open, || format!("{} connections are open", now.open))
    }

    /// Demands the same within `grace`: the system takes its time to end a thread, and gives no sign.
    pub(super) fn restored(&self, sink: &dyn Sink, grace: Duration) -> Outcome {
        let until = Deadline::after(grace);
        loop {
            let verdict = self.unchanged(sink);
            if verdict.is_ok() || until.has_passed() {
                return verdict;
            }
            pause(Duration::from_millis(5));
        }
    }

    /// Threads that have come since, but for those whose name begins with `foreign`.
    pub(super) fn new_threads(&self, foreign: Option<&str>) -> Outcome<Vec<u32>> {
        let is_foreign = |thread: u32| foreign.is_some_and(|prefix| comm(thread).starts_with(prefix));
        Ok(threads()?.difference(&self.threads).copied().filter(|thread| !is_foreign(*thread)).collect())
    }
}

/// How often these threads have given up the processor of their own accord, and the clock ticks they have used.
pub(super) fn activity(threads: &[u32]) -> Outcome<(u64, u64)> {
    let mut sum = (0, 0);
    for thread in threads {
        let read = |file| fs::read_to_string(format!("/proc/self/task/{thread}/{file}")).unwrap_or_default();
        let (status, stat) = (read("status"), read("stat"));
        let switches = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let Some(switches) = switches.and_then(|count| count.trim().parse::<u64>().ok()) else { continue };
        // Field 2 is the name and may hold anything; user and system time are the 12th and 13th after it.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        sum = (sum.0 + switches, sum.1 + ticks);
    }
    Ok(sum)
}

/// Lets so much time pass, where the passing of time is what a check looks at.
pub(super) fn pause(time: Duration) {
    let (never, signalled) = (Mutex::new(()), Condvar::new());
    let guard = never.lock().unwrap_or_else(PoisonError::into_inner);
    drop(signalled.wait_timeout_while(guard, time, |()| true));
}

fn threads() -> Outcome<BTreeSet<u32>> {
    Ok(names("/proc/self/task")?.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
}

fn comm(thread: u32) -> String {
    fs::read_to_string(format!("/proc/self/task/{thread}/comm"))
        .map_or_else(|_| "gone".into(), |name| name.trim().into())
}

fn names(folder: &str) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.or_else(|error| broken(format!("{folder}: {error}")))?;
    Ok(entries.into_iter().map(|entry| entry.file_name().into()).collect())
}

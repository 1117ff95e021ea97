//! What a process that does nothing takes, seen from outside, so that looking costs it nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::memory;
use crate::pace;

/// What was seen of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sight {
    pub(crate) threads: usize,
    /// Of one core, in the window.
    pub(crate) cpu_pct: f64,
    /// Voluntary ones of all threads, in the window.
    pub(crate) switches: u64,
    pub(crate) resident_kib: u64,
    pub(crate) files: usize,
}

/// Of a thread, since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Thread {
    ran_ns: u64,
    switches: u64,
}

/// Lets the process rest, watches it for the window, then counts what it has.
pub(crate) fn watch(process: u32, rest: Duration, window: Duration) -> Result<Sight> {
    let [sight] = watch_all([process], rest, window)?;
    Ok(sight)
}

/// The same for several processes in one window.
pub(crate) fn watch_all<const N: usize>(processes: [u32; N], rest: Duration, window: Duration) -> Result<[Sight; N]> {
    pace::rest(rest)?;
    let mut earlier = Vec::with_capacity(N);
    for process in processes {
        earlier.push(threads(&folder(process))?);
    }
    let begun = Instant::now();
    pace::rest(window)?;
    let took = begun.elapsed();
    let mut sights = [Sight::default(); N];
    for ((sight, process), earlier) in sights.iter_mut().zip(processes).zip(&earlier) {
        let later = threads(&folder(process))?;
        let done = between(earlier, &later);
        *sight = Sight {
            threads: later.len(),
            cpu_pct: done.ran_ns as f64 / took.as_nanos() as f64 * 100.0,
            switches: done.switches,
            resident_kib: memory::resident(process)? / 1024,
            files: fs::read_dir(folder(process).join("fd")).context("cannot list the open files of a process")?.count(),
        };
    }
    Ok(sights)
}

fn folder(process: u32) -> PathBuf {
    format!("/proc/{process}").into()
}

/// What all threads did from one look to the next; those that are new did all of it.
fn between(earlier: &BTreeMap<String, Thread>, later: &BTreeMap<String, Thread>) -> Thread {
    later.iter().fold(Thread::default(), |sum, (id, now)| {
        let then = earlier.get(id).copied().unwrap_or_default();
        Thread {
            ran_ns: sum.ran_ns + now.ran_ns.saturating_sub(then.ran_ns),
            switches: sum.switches + now.switches.saturating_sub(then.switches),
        }
    })
}

/// Every thread by its number. One that ends meanwhile is left out.
fn threads(process: &Path) -> Result<BTreeMap<String, Thread>> {
    let entries = fs::read_dir(process.join("task")).context("cannot list the threads of a process")?;
    let mut threads = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let [schedstat, status] = ["schedstat", "status"].map(|file| fs::read_to_string(entry.path().join(file)));
        if let (Ok(schedstat), Ok(status)) = (schedstat, status) {
            let thread = thread(&schedstat, &status).context("the kernel tells of a thread in another way")?;
            threads.insert(entry.file_name().to_string_lossy().into_owned(), thread);
        }
    }
    Ok(threads)
}

fn thread(schedstat: &str, status: &str) -> Option<Thread> {
    let ran_ns = schedstat.split_whitespace().next()?.parse().ok()?;
    let switches =
        status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()?;
    Some(Thread { ran_ns, switches })
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::sync::mpsc;
    use std::thread as threading;

    use super::*;

    const STATUS: &str = "Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t99\n";

    #[test]
    fn a_thread_is_read_from_two_files() {
        assert_eq!(thread("7000 5 3\n", STATUS), Some(Thread { ran_ns: 7000, switches: 12 }));
        assert_eq!(thread("7000 5 3\n", "Name:\tx\n"), None);
        assert_eq!(thread("", STATUS), None);
    }

    #[test]
    fn only_what_is_between_two_looks_counts() {
        let look = |threads: &[(&str, u64)]| -> BTreeMap<String, Thread> {
            threads.iter().map(|(id, n)| ((*id).to_owned(), Thread { ran_ns: 10 * n, switches: *n })).collect()
        };
        let done = between(&look(&[("1", 5), ("2", 7)]), &look(&[("1", 6), ("3", 2)]));
        assert_eq!(done, Thread { ran_ns: 30, switches: 3 });
    }

    #[test]
    fn one_more_thread_and_file_are_seen() {
        let see = || watch(process::id(), Duration::ZERO, Duration::ZERO).unwrap();
        let (quit, quitting) = mpsc::channel::<()>();
        let (say, said) = mpsc::channel();
        let thread = threading::spawn(move || {
            say.send(threads(Path::new("/proc/self")).unwrap().len()).unwrap();
            quitting.recv().unwrap_err();
        });
        // Other tests have threads of their own, which come and go.
        assert!(said.recv().unwrap() >= 2);
        assert!(see().resident_kib > 0 && see().files > 2);
        drop(quit);
        thread.join().unwrap();
    }
}

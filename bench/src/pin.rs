//! Which core a process stays on.

use std::fmt;
use std::fs;

use anyhow::{Context as _, Result};
use rustix::io::Errno;
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

/// Where the client and the sink run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Each on a core of its own.
    Pinned,
    /// Wherever the scheduler puts them.
    Unpinned,
}

impl Placement {
    /// Pinned first: those are the figures with goals.
    pub(crate) const BOTH: [Self; 2] = [Self::Pinned, Self::Unpinned];

    /// What a figure's name ends with.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Pinned => "",
            Self::Unpinned => "_unpinned",
        }
    }
}

/// The cores this process was given when it started.
#[derive(Clone)]
pub(crate) struct Cores {
    given: CpuSet,
    client: usize,
    sink: usize,
}

impl fmt::Debug for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cores").field("client", &self.client).field("sink", &self.sink).finish_non_exhaustive()
    }
}

impl Cores {
    /// Takes the first two cores this process may use; where there is but one, client and sink share it.
    pub(crate) fn available() -> Result<Self> {
        let given = sched_getaffinity(None).context("cannot read the cores this process may use")?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|core| given.is_set(*core));
        let client = usable.next().context("this process may use no core")?;
        let sink = usable.next().unwrap_or(client);
        Ok(Self { given, client, sink })
    }

    /// Moves this process to where `placement` wants the client and gives the core the sink belongs on, if any.
    pub(crate) fn place(&self, placement: Placement) -> Result<Option<usize>> {
        match placement {
            Placement::Pinned => pin_process(&only(self.client)).map(|()| Some(self.sink)),
            Placement::Unpinned => pin_process(&self.given).map(|()| None),
        }
    }

    /// Puts another process where the sink belongs.
    #[cfg(feature = "kafka")]
    pub(crate) fn place_sink(&self, process: u32) -> Result<()> {
        pin(&format!("/proc/{process}/task"), &only(self.sink))
    }

    /// One line for the head of a table.
    pub(crate) fn describe(&self, placement: Placement) -> String {
        match placement {
            Placement::Pinned => format!("client on core {}, sink on core {}", self.client, self.sink),
            Placement::Unpinned => "not pinned".to_owned(),
        }
    }
}

/// Keeps this process on `core`.
pub(crate) fn to_core(core: usize) -> Result<()> {
    pin_process(&only(core)).with_context(|| format!("cannot stay on core {core}"))
}

fn only(core: usize) -> CpuSet {
    let mut set = CpuSet::new();
    set.set(core);
    set
}

fn pin_process(set: &CpuSet) -> Result<()> {
    pin("/proc/self/task", set)
}

/// Affinity belongs to threads: every one there is gets the set, and later ones inherit it.
fn pin(threads: &str, set: &CpuSet) -> Result<()> {
    for entry in fs::read_dir(threads).context("cannot list the threads of a process")? {
        let name = entry?.file_name();
        let thread = name.to_str().and_then(|text| text.parse().ok()).and_then(Pid::from_raw);
        match sched_setaffinity(thread, set) {
            // A thread that ended meanwhile needs no core.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => return Err(error).context("cannot choose the cores of a thread"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    fn cores_of_this_thread() -> usize {
        sched_getaffinity(None).unwrap().count() as usize
    }

    #[test]
    fn pinning_reaches_running_threads_and_later_ones_and_can_be_undone() {
        let cores = Cores::available().unwrap();
        let (ask, asked) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let early = thread::spawn(move || {
            for () in asked {
                tell.send(cores_of_this_thread()).unwrap();
            }
        });

        assert_eq!(cores.place(Placement::Pinned).unwrap(), Some(cores.sink));
        ask.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), 1);
        assert_eq!(thread::spawn(cores_of_this_thread).join().unwrap(), 1);

        assert_eq!(cores.place(Placement::Unpinned).unwrap(), None);
        ask.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), cores.given.count() as usize);
        drop(ask);
        early.join().unwrap();
    }
}

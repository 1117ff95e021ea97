//! The one `fork` of this workspace: a child process for the checks that ask what a transport does in one.
#![expect(unsafe_code, reason = "there is no safe fork; the argument stands at each call")]

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, waitpid};

/// What a child that panicked ends with.
const PANICKED: u8 = 101;

/// A forked process. [`wait`](Self::wait) for it, else it stays behind as a zombie.
#[derive(Debug)]
#[must_use = "a child that nobody waits for becomes a zombie"]
pub struct Child(Pid);

/// Forks this process. `child` runs in the new one, which then ends with the number it returns and runs nothing else.
///
/// `child` finds only the thread that called this. It must not print, log or panic, nor wait for another thread of its
/// parent: a lock that such a thread held stays locked.
///
/// # Errors
///
/// The system refused.
pub fn fork_and(child: impl FnOnce() -> u8) -> io::Result<Child> {
    // SAFETY: `fork` itself has no precondition. What it makes unsound is code in the child that relies on state which
    // another thread left half-changed. Rust code keeps such state behind locks, which stay locked: the child may hang,
    // and `wait` ends it then, but it sees no torn state. The allocator, which the child needs, is made usable in it by
    // the C library. Memory is copied, so nothing the child does can be seen through a reference in the parent.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let code = catch_unwind(AssertUnwindSafe(child)).unwrap_or(PANICKED);
            // SAFETY: ends the process at once; no destructor and no exit handler of the parent's runs in it.
            unsafe { libc::_exit(code.into()) }
        }
        pid => Pid::from_raw(pid).map(Child).ok_or_else(|| io::Error::other("fork returned no process id")),
    }
}

impl Child {
    /// The number that the child ended with; `None` if it had to be killed after `limit`, or was by something else.
    ///
    /// # Errors
    ///
    /// The child could not be waited for.
    pub fn wait(self, limit: Duration) -> io::Result<Option<u8>> {
        // Not with a thread: one that starts or ends while another thread forks is what a child may not survive.
        let ended = pidfd_open(self.0, PidfdFlags::empty())?;
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&ended, PollFlags::IN)], Some(&left)) {
                Ok(0) => kill_process(self.0, Signal::KILL)?,
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let status = waitpid(Some(self.0), WaitOptions::empty())?;
            let code = status.and_then(|(_, status)| status.exit_status());
            return Ok(code.and_then(|code| u8::try_from(code).ok()));
        }
    }
}

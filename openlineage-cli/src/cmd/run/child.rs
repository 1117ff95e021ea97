//! The command itself: started at once, its signals passed on, its end understood.

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command, ExitCode, ExitStatus};

use crate::cmd::parent::{Parent, VARIABLE};
use crate::exit;
use crate::report::note;

/// How a command ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    Exited(i32),
    Killed(i32),
    NotStarted { found: bool, problem: String },
}

impl Ended {
    /// What went wrong, if anything did.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Exited(0) => None,
            Self::Exited(status) => Some(format!("command exited with status {status}")),
            Self::Killed(signal) => Some(format!("command was killed by signal {signal}")),
            Self::NotStarted { problem, .. } => Some(problem.clone()),
        }
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        let code = match self {
            Self::Exited(status) => u8::try_from(*status).unwrap_or(u8::MAX),
            Self::Killed(signal) => exit::SIGNALLED.wrapping_add(u8::try_from(*signal).unwrap_or_default()),
            Self::NotStarted { found: true, .. } => exit::NOT_EXECUTABLE,
            Self::NotStarted { found: false, .. } => exit::NOT_FOUND,
        };
        ExitCode::from(code)
    }
}

/// Runs the command to its end, with its input and output untouched.
pub(super) fn run(command: &[OsString], parent: &Parent) -> Ended {
    let Some((program, arguments)) = command.split_first() else {
        return Ended::NotStarted { found: false, problem: "no command".to_owned() };
    };
    let signals = signals::Forwarding::begin();
    match Command::new(program).args(arguments).env(VARIABLE, parent.to_string()).spawn() {
        Ok(child) => wait(child, signals),
        Err(error) => {
            let problem = format!("{}: {error}", program.to_string_lossy());
            note(&problem);
            Ended::NotStarted { found: error.kind() != io::ErrorKind::NotFound, problem }
        }
    }
}

fn wait(mut child: Child, signals: Option<signals::Forwarding>) -> Ended {
    if let Some(signals) = signals {
        signals.until_exit(&child);
    }
    match child.wait() {
        Ok(status) => ended(status),
        Err(error) => Ended::NotStarted { found: true, problem: format!("waiting for the command: {error}") },
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt;

    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, signal) => Ended::Killed(signal.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn ended(status: ExitStatus) -> Ended {
    Ended::Exited(status.code().unwrap_or(1))
}

#[cfg(unix)]
mod signals {
    use std::process::Child;
    use std::sync::mpsc::{self, Sender};
    use std::thread::{self, JoinHandle};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};

    use crate::report::note;

    /// Passes TERM and HUP on to the command. INT is caught and left alone: the terminal sends it to the whole group.
    pub(super) struct Forwarding {
        child: Sender<Pid>,
        handle: Handle,
        thread: JoinHandle<()>,
    }

    impl Forwarding {
        /// Begins before the command starts, so that no signal falls between the two.
        pub(super) fn begin() -> Option<Self> {
            let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]);
            let mut signals = signals.map_err(|error| note(&format!("warning: signals: {error}"))).ok()?;
            let handle = signals.handle();
            let (child, pid) = mpsc::channel();
            let forward = move || {
                let Ok(pid) = pid.recv() else { return };
                for signal in signals.forever().filter(|signal| *signal != SIGINT) {
                    let signal = if signal == SIGHUP { Signal::HUP } else { Signal::TERM };
                    // The command may have ended by now; then there is nobody to tell.
                    let _gone = kill_process(pid, signal);
                }
            };
            let thread = thread::Builder::new().name("openlineage-sig".to_owned()).spawn(forward).ok()?;
            Some(Self { child, handle, thread })
        }

        /// Returns when the command has ended and before its number can belong to another process.
        pub(super) fn until_exit(self, child: &Child) {
            let pid = Pid::from_child(child);
            let _ended = self.child.send(pid);
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            {}
            self.handle.close();
            let _ended = self.thread.join();
        }
    }
}

#[cfg(not(unix))]
mod signals {
    use std::process::Child;

    pub(super) struct Forwarding;

    impl Forwarding {
        pub(super) fn begin() -> Option<Self> {
            None
        }

        pub(super) fn until_exit(self, _child: &Child) {}
    }
}

//! The command itself: started at once, its signals passed on, its end understood.

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::mpsc::{self, Receiver, Sender};

use openlineage::client::ParentRunId;

use super::events::Events;
use crate::cmd::signals::{HUP, INT, QUIT, TERM, USR1, USR2, Watch};
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
            Self::Killed(signal) => exit::signalled(*signal),
            Self::NotStarted { found: true, .. } => exit::NOT_EXECUTABLE,
            Self::NotStarted { found: false, .. } => exit::NOT_FOUND,
        };
        ExitCode::from(code)
    }
}

/// Runs the command to its end, with its input and output untouched. It finds this run as the parent of its own.
pub(super) fn run(command: &[OsString], events: &Events) -> Ended {
    let Some((program, arguments)) = command.split_first() else {
        return Ended::NotStarted { found: false, problem: "no command".to_owned() };
    };
    let signals = Forwarding::begin();
    let mut command = Command::new(program);
    command.args(arguments);
    command.env(ParentRunId::VARIABLE, events.as_parent().to_string());
    command.env(ParentRunId::ROOT_VARIABLE, events.as_root().to_string());
    // It would win over the other two, and names what started this run.
    command.env_remove(ParentRunId::CONTEXT_VARIABLE);
    match command.spawn() {
        Ok(child) => wait(child, signals),
        Err(error) => {
            let problem = format!("{}: {error}", program.to_string_lossy());
            note(&problem);
            Ended::NotStarted { found: error.kind() != io::ErrorKind::NotFound, problem }
        }
    }
}

fn wait(mut child: Child, signals: Option<Forwarding>) -> Ended {
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

/// Passes signals on to the command. INT and QUIT are caught and left alone: the terminal sends them to the whole group.
struct Forwarding {
    child: Sender<u32>,
    watch: Watch,
}

impl Forwarding {
    /// Begins before the command starts, so that no signal falls between the two.
    fn begin() -> Option<Self> {
        let (child, started) = mpsc::channel();
        let mut known = None;
        let watch = Watch::begin(&[HUP, INT, QUIT, TERM, USR1, USR2], move |signal| {
            if let Some(pid) = known.or_else(|| received(&started)) {
                known = Some(pid);
                forward(pid, signal);
            }
        });
        let watch = watch.map_err(|error| note(&format!("warning: signals are not passed on: {error}"))).ok()?;
        Some(Self { child, watch })
    }

    /// Returns when the command has ended and before its number can belong to another process.
    fn until_exit(self, child: &Child) {
        let _heard = self.child.send(child.id());
        until_exit(child);
        self.watch.close();
    }
}

fn received(started: &Receiver<u32>) -> Option<u32> {
    started.recv().ok()
}

#[cfg(unix)]
fn forward(pid: u32, signal: i32) {
    use rustix::process::{Pid, Signal, kill_process};

    let passed_on = [Signal::TERM, Signal::HUP, Signal::USR1, Signal::USR2];
    let signal = passed_on.into_iter().find(|known| known.as_raw() == signal);
    if let (Some(pid), Some(signal)) = (pid.try_into().ok().and_then(Pid::from_raw), signal) {
        // The command may have ended by now; then there is nobody to tell.
        let _gone = kill_process(pid, signal);
    }
}

#[cfg(unix)]
fn until_exit(child: &Child) {
    use rustix::io::Errno;
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let pid = Pid::from_child(child);
    while let Err(Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
}

#[cfg(not(unix))]
fn forward(_pid: u32, _signal: i32) {}

#[cfg(not(unix))]
fn until_exit(_child: &Child) {}

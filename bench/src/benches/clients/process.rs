//! A process with many clients, as the bench holds it.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::crowd::Order;
use crate::events::Event;

const SCRIPT: &str = concat!(include_str!("../../events/typed.py"), include_str!("crowd.py"));

/// Whose clients.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who<'a> {
    Ours,
    /// The released client, run by this interpreter.
    Python(&'a Path),
}

/// It is ended when this is dropped, so that it takes no time from what is measured next.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    name: String,
}

impl Process {
    /// Starts one that will build so many clients for `address`; it inherits the cores of this process.
    pub(super) fn start(who: Who<'_>, address: SocketAddr, clients: usize) -> Result<Self> {
        let mut command = who.command(address, clients)?;
        command.env("NO_PROXY", "127.0.0.1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let program = command.get_program().to_owned();
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdin = Some(child.stdin.take().context("the process has no standard input")?);
        let stdout = BufReader::new(child.stdout.take().context("the process has no standard output")?);
        let mut process = Self { child, stdin, stdout, name: String::new() };
        process.name = process.line()?;
        Ok(process)
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says `word`.
    pub(super) fn hears(&mut self, word: &str) -> Result<()> {
        let line = self.line()?;
        ensure!(line == word, "the process said `{line}` instead of `{word}`");
        Ok(())
    }

    /// Tells it to take the next step.
    pub(super) fn go_on(&mut self) -> Result<()> {
        let stdin = self.stdin.as_mut().context("the process was told to end")?;
        writeln!(stdin).context("the process takes no more input")
    }

    /// Lets it end, and gives the name of its clients.
    pub(super) fn finish(mut self) -> Result<String> {
        drop(self.stdin.take());
        let status = self.child.wait().context("cannot wait for the process")?;
        ensure!(status.success(), "the process ended with {status}");
        Ok(std::mem::take(&mut self.name))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line).context("cannot read from the process")?;
        ensure!(!line.is_empty(), "the process ended too early");
        Ok(line.trim_end().to_owned())
    }
}

impl Who<'_> {
    fn command(self, address: SocketAddr, clients: usize) -> Result<Command> {
        let mut command;
        match self {
            Self::Ours => {
                command = Command::new(env::current_exe().context("cannot find this program")?);
                command.args(Order::arguments(address, clients));
            }
            Self::Python(interpreter) => {
                let [start, _] = Event::pair(0);
                command = Command::new(interpreter);
                command.args(["-c", SCRIPT, &format!("http://{address}"), &clients.to_string()]);
                command.arg(serde_json::to_string(&start)?);
            }
        }
        Ok(command)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

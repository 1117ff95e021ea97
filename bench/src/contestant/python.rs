//! The released Python client, in a process of its own that lives through all rounds.

use std::fmt::Display;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Contestant, Load, Sample};
use crate::events::Event;

/// As many as our producer has.
const QUEUED_RUNS: usize = 200;
const SCRIPT: &str = concat!(include_str!("../events/typed.py"), include_str!("python.py"));

/// Which of its transports, and how it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `http`: each event is delivered in its call.
    Http,
    /// The same, called on a thread of its own that is waited for.
    HttpThread,
    /// `async_http` with its defaults: events of many runs are handed over, then waited for.
    AsyncHttp,
    /// `kafka` with its defaults: each event is acknowledged in its call.
    #[cfg(feature = "kafka")]
    Kafka,
    /// The same with `flush` off: events are handed over, then waited for.
    #[cfg(feature = "kafka")]
    KafkaQueued,
}

/// A running interpreter. It is ended when this is dropped, so that it takes no time from what is measured next.
#[derive(Debug)]
pub(crate) struct Python {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    version: String,
}

/// What the script says once the client is built.
#[derive(Debug, Deserialize)]
struct Ready {
    version: String,
}

/// What the script says after a run.
#[derive(Debug, Deserialize)]
struct Ran {
    wall_ns: u64,
    cpu_ns: u64,
    each_ns: Vec<u64>,
}

impl Python {
    /// Starts `interpreter` with a client for `address`; it inherits the cores of this process.
    pub(crate) fn start(interpreter: &Path, address: impl Display, kind: Kind) -> Result<Self> {
        let mut command = Command::new(interpreter);
        command.arg("-c").arg(SCRIPT).env("NO_PROXY", "127.0.0.1");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", interpreter.display()))?;
        let stdin = child.stdin.take().context("the interpreter has no standard input")?;
        let stdout = BufReader::new(child.stdout.take().context("the interpreter has no standard output")?);
        let mut python = Self { child, stdin, stdout, version: String::new() };
        let (transport, events) = match kind {
            Kind::Http | Kind::HttpThread => ("http", Event::pair(0).into()),
            Kind::AsyncHttp => ("async_http", Event::waves(QUEUED_RUNS)),
            #[cfg(feature = "kafka")]
            Kind::Kafka => ("kafka", Event::waves(QUEUED_RUNS)),
            #[cfg(feature = "kafka")]
            Kind::KafkaQueued => ("kafka_queued", Event::waves(QUEUED_RUNS)),
        };
        let scheme = if transport.starts_with("kafka") { "" } else { "http://" };
        let (url, thread) = (format!("{scheme}{address}"), kind == Kind::HttpThread);
        let ready: Ready =
            python.ask(&json!({ "url": url, "transport": transport, "thread": thread, "events": events }))?;
        python.version = ready.version;
        Ok(python)
    }

    /// The version of its client.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn ask<T: DeserializeOwned>(&mut self, what: &serde_json::Value) -> Result<T> {
        writeln!(self.stdin, "{what}").context("the interpreter takes no more input")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line).context("cannot read from the interpreter")?;
        if line.is_empty() {
            let status = self.child.wait().context("cannot wait for the interpreter")?;
            bail!("the interpreter ended with {status}; does it have openlineage-python?");
        }
        serde_json::from_str(&line).context("the interpreter answered something unexpected")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Contestant for Python {
    fn run(&mut self, load: Load) -> Result<Sample> {
        let Ran { wall_ns, cpu_ns, each_ns } = self.ask(&json!(load.events))?;
        ensure!(each_ns.len() == load.events, "{} of {} events were emitted", each_ns.len(), load.events);
        let each: Vec<Duration> = each_ns.into_iter().map(Duration::from_nanos).collect();
        Ok(Sample::of(Duration::from_nanos(wall_ns), Duration::from_nanos(cpu_ns), &each))
    }
}

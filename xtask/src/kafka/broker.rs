use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};

use super::properties::{self, Listeners};
use super::{jars, process, tls};
use crate::shell;

/// How long a broker may take to answer, on a crowded machine.
const STARTING: Duration = Duration::from_secs(60);

/// How long it may take to shut down before it is killed, and to be gone then.
const STOPPING: Duration = Duration::from_secs(30);

/// Where Kafka's own tool keeps what makes a folder a storage.
const META: &str = "data/meta.properties";

/// The broker of one port, whether it runs or not.
#[derive(Debug)]
pub(super) struct Broker {
    kafka: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Broker {
    pub(super) fn at(target: &Path, port: u16) -> Self {
        let kafka = target.join("kafka");
        Self { folder: kafka.join(port.to_string()), kafka, port }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn ca(&self) -> PathBuf {
        self.folder.join("tls/ca.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn pid(&self) -> Option<Pid> {
        process::find(&self.path("pid"), &self.path("broker.properties"))
    }

    pub(super) fn process(&self) -> Option<i32> {
        self.pid().map(|pid| pid.as_raw_nonzero().get())
    }

    fn running(&self) -> Result<Pid> {
        self.pid().with_context(|| format!("no broker of ours runs on port {}", self.port))
    }

    /// Starts it where it listened the last time, or as given, and waits until it answers. Returns its address.
    pub(super) fn up(&self, listeners: Option<Listeners>) -> Result<String> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.path("lock"))?;
        lock.lock()?;
        let address = format!("127.0.0.1:{}", self.port);
        match (self.pid(), process::answers(self.port)) {
            (Some(_), true) => return Ok(address),
            (Some(pid), false) => bail!("process {} runs and does not answer; is it frozen?", pid.as_raw_nonzero()),
            (None, true) => bail!("a broker that is not ours answers on port {}", self.port),
            (None, false) => {}
        }
        let listeners = match listeners {
            Some(given) => given,
            None => fs::read_to_string(self.path("listeners"))?.parse()?,
        };
        fs::write(self.path("listeners"), listeners.to_string())?;
        let jars = jars::folder(&self.kafka)?;
        self.prepare(listeners, &jars)?;
        self.start(&jars)?;
        Ok(address)
    }

    fn prepare(&self, listeners: Listeners, jars: &Path) -> Result<()> {
        if listeners.tls_port.is_some() {
            tls::make(&self.folder)?;
        }
        fs::write(self.path("log4j2.properties"), include_str!("log4j2.properties"))?;
        fs::write(self.path("broker.properties"), properties::broker(listeners, &self.folder))?;
        if self.path(META).exists() {
            return Ok(());
        }
        let random = shell::output(jars::java(jars, &self.folder).args(["kafka.tools.StorageTool", "random-uuid"]))?;
        let mut format = jars::java(jars, &self.folder);
        format.args(["kafka.tools.StorageTool", "format", "-t", String::from_utf8_lossy(&random).trim(), "-c"]);
        shell::output(format.arg(self.path("broker.properties"))).map(drop).context("the storage cannot be made")
    }

    fn start(&self, jars: &Path) -> Result<()> {
        let said = File::create(self.path("stdout.log"))?;
        let mut java = jars::java(jars, &self.folder);
        java.args(["-Xmx512m", "kafka.Kafka"]).arg(self.path("broker.properties"));
        // A group of its own, so that an interrupt at the terminal does not end it.
        java.stdout(said.try_clone()?).stderr(said).stdin(Stdio::null()).process_group(0);
        let child = java.spawn().context("java does not start")?;
        fs::write(self.path("pid"), child.id().to_string())?;
        let pid = Pid::from_child(&child);
        process::answers_within(pid, self.port, STARTING).inspect_err(|_| {
            // It may have ended by itself.
            drop(process::signal(pid, Signal::KILL));
            self.show_logs();
        })
    }

    fn show_logs(&self) {
        for log in ["stdout.log", "broker.log"] {
            let text = fs::read_to_string(self.path(log)).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            println!(
                "-- the end of {}\n{}",
                self.path(log).display(),
                lines[lines.len().saturating_sub(20)..].join("\n")
            );
        }
    }

    /// Shuts it down. Without `keep` nothing of it stays.
    pub(super) fn down(&self, keep: bool) -> Result<()> {
        if let Some(pid) = self.pid() {
            process::signal(pid, Signal::CONT)?;
            process::signal(pid, Signal::TERM)?;
            if !process::ends_within(pid, STOPPING)? {
                self.kill()?;
            }
        }
        match keep {
            false if self.folder.exists() => Ok(fs::remove_dir_all(&self.folder)?),
            _ => Ok(()),
        }
    }

    pub(super) fn kill(&self) -> Result<()> {
        let pid = self.running()?;
        process::signal(pid, Signal::KILL)?;
        if !process::ends_within(pid, STOPPING)? {
            bail!("process {} does not end", pid.as_raw_nonzero());
        }
        Ok(())
    }

    pub(super) fn freeze(&self) -> Result<()> {
        process::signal(self.running()?, Signal::STOP)
    }

    pub(super) fn thaw(&self) -> Result<()> {
        process::signal(self.running()?, Signal::CONT)
    }

    /// What the system says of it; none if it does not run.
    pub(super) fn status(&self) -> Option<String> {
        let pid = self.pid()?.as_raw_nonzero();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let told =
            status.lines().filter(|line| ["State:", "VmRSS:", "Threads:"].iter().any(|key| line.starts_with(key)));
        let told: Vec<_> = told.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        Some(format!("Pid: {pid}, {}", told.join(", ")))
    }
}

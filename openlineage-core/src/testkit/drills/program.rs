use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Drill, Site, said};
use crate::lifecycle::Deadline;
use crate::testkit::verdict::{Outcome, Verdict, broken, ensure};

/// Set in the program, to the address of the test's server.
const SERVER: &str = "OPENLINEAGE_DRILL_SERVER";

/// Stands before what the program's side found, and before what it says on its way.
const VERDICT: &str = "openlineage-drill-verdict ";
const SIGN: &str = "openlineage-drill-sign ";

/// Longest time a program may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Upper bound of an end that waits for nothing, on a machine that is busy with other things.
pub(super) const AT_ONCE: Duration = Duration::from_secs(2);

/// The server's address, in the program.
pub(super) fn url() -> Option<String> {
    env::var(SERVER).ok()
}

/// The program's side of a drill, if that comes to its end.
pub(super) fn act(drill: &Drill, site: &Site<'_>) -> Verdict {
    let verdict = said::aloud().and_then(|()| (drill.act)(site)).into();
    say(&format!("{VERDICT}{verdict}"));
    verdict
}

/// In the program: tells the test that it has come to this point.
pub(super) fn sign(what: &str) {
    say(&format!("{SIGN}{what}"));
}

/// Past the test harness, which may keep what is printed.
fn say(line: &str) {
    // If the test is gone nobody waits for it.
    drop(std::io::stdout().write_all(format!("\n{line}\n").as_bytes()));
}

/// The program, as the test sees it. Killed if it is dropped before its end.
pub(super) struct Program {
    process: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    verdict: Option<Verdict>,
    until: Deadline,
}

/// How a program ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) verdict: Option<Verdict>,
    pub(super) warnings: Vec<String>,
    pub(super) at: Instant,
    stderr: String,
}

impl Program {
    /// Runs the test of this name in a process of its own.
    pub(super) fn start(test: &str, url: &str) -> Outcome<Self> {
        let command = |path| {
            Command::new(path)
                .args(["--exact", test, "--nocapture", "--test-threads=1"])
                .env(SERVER, url)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
        };
        let process = env::current_exe().and_then(command);
        let mut process = process.or_else(|error| broken(format!("the test binary does not start: {error}")))?;
        let (send, lines) = mpsc::channel();
        if let Some(stdout) = process.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                lines.take_while(|line| send.send(line.clone()).is_ok()).for_each(drop);
            });
        }
        let stderr = process.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut text = Vec::new();
                drop(stderr.read_to_end(&mut text));
                String::from_utf8_lossy(&text).into_owned()
            })
        });
        Ok(Self { process, lines, stderr, verdict: None, until: Deadline::after(LIMIT) })
    }

    /// Waits until the program gives this [`sign`], and says when that was.
    pub(super) fn signs(&mut self, what: &str) -> Outcome<Instant> {
        while let Some(line) = self.line()? {
            if line.strip_prefix(SIGN) == Some(what) {
                return Ok(Instant::now());
            }
        }
        let ended = self.ends()?;
        broken(format!("the program ended before {what}: {}", ended.account()))
    }

    /// Waits until it has ended.
    pub(super) fn ends(&mut self) -> Outcome<Ended> {
        while self.line()?.is_some() {}
        let at = Instant::now();
        let status = self.process.wait().or_else(|error| broken(format!("no status: {error}")))?;
        let stderr = self.stderr.take().and_then(|reading| reading.join().ok()).unwrap_or_default();
        let warnings = stderr.lines().filter_map(|line| line.strip_prefix(said::MARK)).map(str::to_owned).collect();
        Ok(Ended { code: status.code(), verdict: self.verdict.take(), warnings, at, stderr })
    }

    /// Waits until it has ended, which it must have done well.
    pub(super) fn ends_well(&mut self) -> Outcome<Ended> {
        let ended = self.ends()?;
        let is_well = ended.verdict == Some(Verdict::Holds) && ended.code == Some(0);
        ensure(is_well, || ended.account())?;
        Ok(ended)
    }

    /// The next line it prints; none after its end.
    fn line(&mut self) -> Outcome<Option<String>> {
        let left = self.until.remaining().unwrap_or_default();
        match self.lines.recv_timeout(left) {
            Ok(line) => {
                self.verdict = line.strip_prefix(VERDICT).and_then(Verdict::read).or(self.verdict.take());
                Ok(Some(line))
            }
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => broken("the program did not end"),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Ended {
    /// Demands this exit code, and that nothing panicked that was not meant to.
    pub(super) fn with_code(&self, code: i32) -> Outcome {
        let panicked = code != 101 && self.stderr.contains("panicked");
        ensure(self.code == Some(code) && !panicked, || self.account())
    }

    fn account(&self) -> String {
        format!("ended with {:?}, said {:?}, printed {}", self.code, self.verdict, self.stderr)
    }
}

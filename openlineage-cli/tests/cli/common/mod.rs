//! What the tests share: the command, its end, a server's transport, and events.

mod forms;
mod samples;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Once, mpsc};
use std::thread;
use std::time::Duration;

use openlineage_core::testkit::server::Server;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

pub(crate) use self::forms::Form;
pub(crate) use self::samples::{samples, spec_folder};

/// Nothing here takes that long, unless it hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The command under test, without anything of this environment but the path.
pub(crate) fn openlineage(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openlineage"));
    command.args(args);
    bare(&mut command);
    command
}

/// A shell that finds the command under test as `$OL`.
pub(crate) fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    bare(&mut command);
    command.env("OL", env!("CARGO_BIN_EXE_openlineage"));
    command
}

fn bare(command: &mut Command) {
    heed_signals();
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
}

/// Tests that a shell runs in the background find SIGINT ignored, and so would what they start. What has a handler here is
/// by default there.
fn heed_signals() {
    static HEEDED: Once = Once::new();
    HEEDED.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        for signal in [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored & (1 << (signal - 1)) != 0) {
            signal_hook::flag::register(signal, Arc::default()).unwrap();
        }
    });
}

/// `--transport` for a server, without retries.
pub(crate) fn http(server: &Server) -> String {
    transport("http", server)
}

/// The same for a kind of transport that takes the options of `http`.
pub(crate) fn transport(kind: &str, server: &Server) -> String {
    json!({"type": kind, "url": server.url(), "timeout": 60, "retry": {"total": 0}}).to_string()
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Done {
    /// The last line of stdout, as JSON.
    pub(crate) fn json(&self) -> Value {
        let text = std::str::from_utf8(&self.stdout).unwrap();
        serde_json::from_str(text.lines().next_back().unwrap_or_default()).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        self.stderr.contains(part)
    }
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Done {
    finish(command.spawn().unwrap())
}

/// Runs it to its end with this input.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Done {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // It may end without reading everything.
        scope.spawn(move || stdin.write_all(input).unwrap_or_default());
        finish(child)
    })
}

/// Waits for its end; what it still reads from is closed.
pub(crate) fn finish(mut child: Child) -> Done {
    drop(child.stdin.take());
    let pid = pid(&child);
    let (done, end) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = end.recv_timeout(LIMIT) else {
        kill_process(pid, Signal::KILL).unwrap();
        panic!("it does not end");
    };
    let Output { status, stdout, stderr } = output.unwrap();
    Done { code: status.code(), stdout, stderr: String::from_utf8(stderr).unwrap() }
}

pub(crate) fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(pid(child), signal).unwrap();
}

/// `openlineage emit FILE ARGS` to a server.
pub(crate) fn emit(server: &Server, file: &Path, args: &[&str]) -> Command {
    emit_by("http", server, file, args)
}

/// The same by this kind of transport.
pub(crate) fn emit_by(kind: &str, server: &Server, file: &Path, args: &[&str]) -> Command {
    let mut command = openlineage(&["emit"]);
    command.arg(file).args(["--transport", &transport(kind, server)]).args(args);
    command
}

/// Run event `number` of run `run`.
pub(crate) fn event(run: usize, number: usize, kind: &str) -> String {
    json!({
        "eventType": kind,
        "eventTime": "2026-09-01T00:00:00Z",
        "run": {"runId": format!("0198b9a1-0000-7000-8000-{run:012x}")},
        "job": {"namespace": "tests", "name": "job"},
        "number": number,
    })
    .to_string()
}

/// `count` events, each of a run of its own.
pub(crate) fn events(count: usize) -> Vec<String> {
    (0..count).map(|number| event(number, number, "COMPLETE")).collect()
}

/// The bodies that arrived, in their order.
pub(crate) fn bodies(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

/// The events that arrived.
pub(crate) fn arrived(server: &Server) -> Vec<Value> {
    bodies(server).iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

pub(crate) fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

use std::env;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::LIMIT;
use super::check::Check;
use super::verdict::{Outcome, Stop, Verdict, broken};

/// Set in a process that runs one check, to the code of that check.
const CHILD: &str = "OPENLINEAGE_KIT_CHECK";

/// Stands before the verdict in the output of such a process.
const MARK: &str = "openlineage-kit-verdict ";

/// Two processes that count at once would slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(super) fn is_child_for(check: Check) -> bool {
    env::var(CHILD).is_ok_and(|code| code == format!("{check:?}"))
}

/// Says the verdict to the process that started this one. Past the test harness, which may keep what is printed.
pub(super) fn tell(verdict: &Verdict) {
    let line = format!("\n{MARK}{verdict}\n");
    // If the parent is gone nobody waits for the verdict.
    drop(std::io::stdout().write_all(line.as_bytes()));
}

/// Runs the calling test again, in a process of its own, and hears its verdict.
pub(super) fn verdict(check: Check, test: &str) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Stop::Missing("only Linux lets a process look into itself".to_owned()));
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let name = test.split_once("::").map_or(test, |(_crate, name)| name);
    let process = start(check, name).or_else(|error| broken(format!("the test binary does not start: {error}")))?;
    let output = output(process)?;
    match output.lines().find_map(|line| line.strip_prefix(MARK)).and_then(Verdict::read) {
        Some(Verdict::Holds) => Ok(()),
        Some(Verdict::Broken(why)) => broken(why),
        Some(Verdict::NotApplicable(missing)) => Err(Stop::Missing(missing)),
        None => broken(format!("the process for test {name} gave no verdict: {output}")),
    }
}

fn start(check: Check, name: &str) -> std::io::Result<Child> {
    Command::new(env::current_exe()?)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{check:?}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// What it prints until it ends, which it must do in time.
fn output(mut process: Child) -> Outcome<String> {
    let (send, printed) = mpsc::channel();
    if let Some(mut stdout) = process.stdout.take() {
        thread::spawn(move || {
            let mut text = Vec::new();
            drop(stdout.read_to_end(&mut text));
            drop(send.send(String::from_utf8_lossy(&text).into_owned()));
        });
    }
    let printed = printed.recv_timeout(LIMIT * 2);
    drop(process.kill());
    drop(process.wait());
    printed.or_else(|_| broken("the process for this check did not end"))
}

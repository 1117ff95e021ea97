use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use openlineage_core::testkit::server::Server;
use rustix::process::{Signal, kill_process_group};

use crate::common::{Done, arrived, finish, http, openlineage, pid, shell, signal};

/// Starts it and waits until its command has said something.
fn started(command: &mut Command) -> Child {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    child
}

/// Runs a shell script that says `ready`, does this to the process, and returns how it ended and the last event's type.
fn after(script: &str, act: impl FnOnce(&Child)) -> (Done, String) {
    let server = Server::start().unwrap();
    let args = ["run", "--namespace", "n", "--job", "j", "--transport", &http(&server), "--", "sh", "-c", script];
    let mut child = started(openlineage(&args).process_group(0).stdin(Stdio::piped()));
    let stdin = child.stdin.take();
    act(&child);
    let done = finish(child);
    drop(stdin);
    let events = arrived(&server);
    assert_eq!(events.len(), 2, "{}", done.stderr);
    (done, events[1]["eventType"].as_str().unwrap().to_owned())
}

/// Waits for a signal, as long as the test runs.
const WAITING: &str = "exec 3<&0; cat <&3 >/dev/null 2>&1 & echo ready; wait";

#[test]
fn term_and_hup_reach_the_command() {
    for kind in [Signal::TERM, Signal::HUP, Signal::USR1, Signal::USR2] {
        let name = kind.as_raw();
        let script = format!("trap 'exit 7' {name}; {WAITING}");
        let (done, last) = after(&script, |child| signal(child, kind));
        assert_eq!((done.code, last.as_str()), (Some(7), "FAIL"), "{name}: {}", done.stderr);
    }
}

#[test]
fn a_command_that_a_forwarded_signal_ends_is_aborted() {
    let (done, last) = after(&format!("exec sh -c '{WAITING}'"), |child| signal(child, Signal::TERM));
    assert_eq!((done.code, last.as_str()), (Some(143), "ABORT"), "{}", done.stderr);
}

#[test]
fn int_and_quit_are_left_to_the_group() {
    for kind in [Signal::INT, Signal::QUIT] {
        // The group gets it from the terminal: the command once, and this program does not end before it.
        let script = format!("trap 'echo once; exit 9' {}; {WAITING}", kind.as_raw());
        let (done, last) = after(&script, |child| kill_process_group(pid(child), kind).unwrap());
        assert_eq!((done.code, last.as_str()), (Some(9), "FAIL"), "{}", done.stderr);
        assert_eq!(done.stdout, b"once\n");
    }
}

#[test]
fn a_signal_that_is_ignored_is_ignored_by_the_command_too() {
    let server = Server::start().unwrap();
    let script =
        "trap '' HUP; exec \"$OL\" run --namespace n --job j --transport \"$1\" -- sh -c 'kill -HUP $$; exit 5'";
    let done = finish(shell(script).args(["sh", &http(&server)]).spawn().unwrap());
    assert_eq!(done.code, Some(5), "{}", done.stderr);
}

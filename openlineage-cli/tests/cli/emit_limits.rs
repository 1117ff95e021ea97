use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use openlineage_core::testkit::server::{Answer, Server};

use crate::common::{event, finish, http, openlineage, run_with_input};

const MIB: usize = 1024 * 1024;

/// The most memory that a process has held so far, in bytes.
fn peak_memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// An event of about this size.
fn padded(number: usize, bytes: usize) -> String {
    event(number, number, "RUNNING").replacen('{', &format!("{{\"padding\":\"{}\",", "x".repeat(bytes)), 1) + "\n"
}

/// Feeds `count` events of `bytes` each, and looks at the memory when all of them have been read.
fn peak_of(transport: &str, count: usize, bytes: usize) -> usize {
    let mut command = openlineage(&["emit", "-", "--concurrency", "4", "--transport", transport]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for number in 0..count {
        pipe.write_all(padded(number, bytes).as_bytes()).unwrap();
    }
    let peak = peak_memory(child.id());
    drop(pipe);
    let done = finish(child);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.says(&format!("{count} ")), "{}", done.stderr);
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_input() {
    let peak = peak_of(r#"{"type":"noop"}"#, 50_000, 4 * 1024);
    assert!(peak < 100 * MIB, "{} MiB", peak / MIB);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_when_the_server_is_slower_than_the_input() {
    let server = Server::start().unwrap();
    server.always(Answer::slow(Duration::from_millis(10)));
    let peak = peak_of(&http(&server), 1000, 100 * 1024);
    assert!(peak < 60 * MIB, "{} MiB", peak / MIB);
}

#[test]
fn where_rejects_cannot_be_written_it_stops_and_says_so() {
    let text = "nonsense\n".repeat(3);
    let args = ["emit", "-", "--transport", r#"{"type":"noop"}"#, "--rejected", "/dev/full"];
    let done = run_with_input(&mut openlineage(&args), text.as_bytes());
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says("error: --rejected: No space left on device"), "{}", done.stderr);
    assert!(done.says("go on with - --offset 0\n"), "{}", done.stderr);
}

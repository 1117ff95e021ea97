//! The example as a process of its own, with each transport that queues.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use openlineage::Guard;
use openlineage_core::testkit::server::{Answer, Server};
use rustix::process::{Pid, Signal, kill_process};

/// Set in the program, to the milliseconds that closing may take.
const WITHIN: &str = "OPENLINEAGE_EXAMPLE_WITHIN";

const LIMIT: Duration = Duration::from_secs(20);

/// What a closing takes beyond its limit for what it cancels, and what a busy machine takes.
const SLACK: Duration = Duration::from_millis(350);

/// Jobs that are reported, and events of each that come.
const JOBS: usize = 30;

/// What a transport is told beside its type and address, and how many jobs get past it while the server hangs.
const TRANSPORTS: [(&str, usize); 3] = [
    (r#""type":"async_http","max_concurrent_requests":4,"url""#, JOBS),
    (
        r#""type":"datadog","apiKey":"key","max_concurrent_requests":4,"async_transport_rules":{"*":{"*":true}},"site""#,
        JOBS,
    ),
    (r#""type":"datadog","apiKey":"key","async_transport_rules":{},"site""#, 0),
];

/// In the program: runs the example, and says so. Elsewhere nothing.
fn is_program() -> bool {
    let within = env::var(WITHIN).ok().and_then(|within| within.parse().ok()).map(Duration::from_millis);
    within.is_some_and(|within| super::report_runs(within).is_ok())
}

/// The example, which has read all its lines or waits for the answer to the first event of the first of them.
fn started(test: &str, within: Duration, server: &Server, (options, pass): (&str, usize)) -> Child {
    server.always(Answer::hang());
    let mut command = Command::new(env::current_exe().unwrap());
    let mut child = command
        .args(["--exact", &format!("tests::{test}"), "--nocapture"])
        .env(WITHIN, within.as_millis().to_string())
        .env("OPENLINEAGE__TRANSPORT", format!(r#"{{{options}:"{}"}}"#, server.url()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let jobs: String = (0..JOBS).map(|number| format!("job-{number}\n")).collect();
    child.stdin.as_mut().unwrap().write_all(jobs.as_bytes()).unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().filter(|line| line.contains("job-")).take(pass).count(), pass);
    assert!(!server.wait_for(1, LIMIT).is_empty());
    child
}

/// How it ends, and what it says to that; killed if it does not.
fn ended(mut child: Child) -> (ExitStatus, String) {
    let (send, ended) = mpsc::channel();
    let (pid, mut stderr) = (Pid::from_child(&child), child.stderr.take().unwrap());
    // Kept open where it is: its end is another end than a signal.
    let _stdin = child.stdin.take();
    thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        send.send((child.wait().unwrap(), said)).unwrap();
    });
    ended.recv_timeout(LIMIT).inspect_err(|_| kill_process(pid, Signal::KILL).unwrap()).unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn a_signal_ends_it_when_everything_is_delivered() {
    if is_program() {
        return;
    }
    for (transport, by) in TRANSPORTS.into_iter().zip([Signal::TERM, Signal::INT, Signal::HUP]) {
        let server = Server::start().unwrap();
        let child = started("a_signal_ends_it_when_everything_is_delivered", Guard::WITHIN, &server, transport);
        signal(&child, by);
        server.always(Answer::status(201));
        server.release();
        let (status, said) = ended(child);
        assert_eq!(status.code(), Some(128 + by.as_raw()), "{said}");
        assert!(!said.contains("lost") && !said.contains("panicked"), "{said}");
        assert!(server.requests().len() >= (2 * transport.1).max(1), "{}", server.requests().len());
        assert!(transport.1 == 0 || server.requests().len() == 2 * transport.1);
    }
}

#[test]
fn a_signal_ends_it_in_time_when_the_server_hangs() {
    const SHORT: Duration = Duration::from_millis(300);
    if is_program() {
        return;
    }
    for transport in TRANSPORTS {
        let server = Server::start().unwrap();
        let child = started("a_signal_ends_it_in_time_when_the_server_hangs", SHORT, &server, transport);
        let began = Instant::now();
        signal(&child, Signal::TERM);
        let (status, said) = ended(child);
        assert!(began.elapsed() < SHORT + SLACK, "{:?}", began.elapsed());
        assert_eq!(status.code(), Some(128 + Signal::TERM.as_raw()), "{said}");
        let lost = (2 * transport.1).max(1);
        assert!(said.contains(&format!("{lost} events of {lost} are lost")), "{said}");
    }
}

/// The guard: it reads no further line, and returns.
#[test]
fn a_return_ends_it_when_everything_is_delivered() {
    if is_program() {
        return;
    }
    for transport in TRANSPORTS {
        let server = Server::start().unwrap();
        let mut child = started("a_return_ends_it_when_everything_is_delivered", Guard::WITHIN, &server, transport);
        drop(child.stdin.take());
        server.always(Answer::status(201));
        server.release();
        let (status, said) = ended(child);
        assert!(status.success() && !said.contains("panicked"), "{said}");
        assert_eq!(server.requests().len(), 2 * JOBS);
    }
}

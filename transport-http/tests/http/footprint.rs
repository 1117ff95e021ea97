//! What four hundred transports cost a process.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::testkit::server::{Server, THREAD_NAME};
use openlineage_core::transport::Transport;

use crate::support::{LIMIT, alone, close, emit, event, to};

const TRANSPORTS: usize = 400;

/// Blocking threads live 50 ms longer than their work; this waits for no event, it lets time pass.
const AFTER: Duration = Duration::from_millis(100);

/// An idle process must do nothing for this long.
const IDLE: Duration = Duration::from_secs(1);

fn pass(time: Duration) {
    let (_nothing_comes, receive) = mpsc::channel::<()>();
    assert!(receive.recv_timeout(time).is_err());
}

/// Name and voluntary switches of each thread, the server's left out.
fn threads() -> Vec<(String, u64)> {
    let read = |path: &Path| {
        let status = fs::read_to_string(path.join("status")).ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let switches = field("voluntary_ctxt_switches:")?.parse().ok()?;
        Some((field("Name:")?.to_owned(), switches)).filter(|(name, _)| name != THREAD_NAME)
    };
    fs::read_dir("/proc/self/task").unwrap().filter_map(|entry| read(&entry.unwrap().path())).collect()
}

fn sockets() -> usize {
    let targets = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

fn files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Those that confirm and those that queue, in turn.
fn transports(server: &Server) -> Vec<Box<dyn Transport>> {
    let builder = || to(server).api_key("key");
    let build = |n| -> Box<dyn Transport> {
        if n % 2 == 0 {
            Box::new(builder().build().unwrap())
        } else {
            Box::new(builder().build_async(Limits::default()).unwrap())
        }
    };
    (0..TRANSPORTS).map(build).collect()
}

fn each_sends_one(transports: &[Box<dyn Transport>]) {
    for (n, transport) in transports.iter().enumerate() {
        let receipt = blocking::deliver(&**transport, event(n), Deadline::after(LIMIT)).unwrap().unwrap();
        assert_eq!(receipt.attempts, 1);
    }
}

fn close_each(transports: &[Box<dyn Transport>]) {
    for transport in transports {
        assert!(blocking::close(&**transport, Deadline::after(LIMIT)).unwrap().is_clean());
    }
}

#[test]
fn before_the_first_event_there_is_nothing() {
    alone("footprint::before_the_first_event_there_is_nothing", &[], || {
        let server = Server::start().unwrap();
        let before = (threads().len(), files());
        let transports = transports(&server);
        assert_eq!((threads().len(), files()), before);
        drop(transports);
        assert_eq!((server.accepted(), threads().len(), files()), (0, before.0, before.1));
    });
}

#[test]
fn after_the_first_event_there_is_one_thread() {
    alone("footprint::after_the_first_event_there_is_one_thread", &[], || {
        let server = Server::start().unwrap();
        let (thread_count, socket_count) = (threads().len(), sockets());
        let transports = transports(&server);
        each_sends_one(&transports);
        pass(AFTER);
        assert_eq!(threads().len(), thread_count + 1, "{:?}", threads());
        assert_eq!(server.open(), TRANSPORTS);
        // Each connection has two ends in this process.
        assert_eq!(sockets(), socket_count + 2 * TRANSPORTS);
        close_each(&transports);
    });
}

#[test]
fn an_idle_transport_never_wakes() {
    alone("footprint::an_idle_transport_never_wakes", &[], || {
        let server = Server::start().unwrap();
        let transports = transports(&server);
        each_sends_one(&transports);
        pass(AFTER);
        let ours = || threads().into_iter().filter(|(name, _)| name.starts_with("openlineage")).collect::<Vec<_>>();
        let before = ours();
        pass(IDLE);
        assert_eq!(ours(), before);
        assert_eq!(before.len(), 1);
        close_each(&transports);
    });
}

#[test]
fn after_the_close_there_is_nothing() {
    alone("footprint::after_the_close_there_is_nothing", &[], || {
        let server = Server::start().unwrap();
        let before = (threads().len(), files());
        for n in 0..20 {
            let transport = to(&server).build().unwrap();
            emit(&transport, &event(n)).unwrap();
            close(&transport);
            assert_eq!(server.wait_for_open(0, IDLE), 0);
        }
        pass(AFTER);
        assert_eq!((threads().len(), files()), before);
    });
}

#[test]
fn when_close_returns_the_socket_is_closed() {
    alone("footprint::when_close_returns_the_socket_is_closed", &[], || {
        let server = Server::start().unwrap();
        // Keeps the worker, whose end would close everything.
        let other = to(&server).build().unwrap();
        emit(&other, &event(0)).unwrap();
        for n in 1..=50 {
            let transport = to(&server).build().unwrap();
            emit(&transport, &event(n)).unwrap();
            assert_eq!(server.open(), 2);
            let before = sockets();
            close(&transport);
            // One end at least: the server's may take a moment.
            assert!(sockets() < before, "{n}");
            assert_eq!(server.wait_for_open(1, IDLE), 1);
        }
        close(&other);
    });
}

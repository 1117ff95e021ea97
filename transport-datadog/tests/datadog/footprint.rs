//! What four hundred transports cost a process.
#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use openlineage_core::testkit::server::{Server, THREAD_NAME};
use openlineage_core::transport::Transport;
use openlineage_transport_datadog::DatadogTransport;

use crate::support::{build, close, confirm, confirmed, fate, pass, queued, submit};

const TRANSPORTS: usize = 400;

/// Blocking threads live 50 ms longer than their work; this waits for no event, it lets time pass.
const AFTER: Duration = Duration::from_millis(100);

/// An idle process must do nothing for this long.
const IDLE: Duration = Duration::from_secs(1);

/// Set in a process that runs one test alone.
const ALONE: &str = "OPENLINEAGE_TEST_ALONE";

/// Two processes that count at once would slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs `check` in a process of its own: the test binary calls itself for this one test.
fn alone(test: &str, check: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return check();
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let arguments = ["--exact", test, "--nocapture", "--test-threads=1"];
    let output = Command::new(env::current_exe().unwrap()).args(arguments).env(ALONE, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}\n{complaints}");
}

/// Name and voluntary switches of each thread, the server's left out.
fn threads() -> Vec<(String, u64)> {
    let read = |path: std::path::PathBuf| {
        let status = fs::read_to_string(path.join("status")).ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let switches = field("voluntary_ctxt_switches:")?.parse().ok()?;
        Some((field("Name:")?.to_owned(), switches)).filter(|(name, _)| name != THREAD_NAME)
    };
    fs::read_dir("/proc/self/task").unwrap().filter_map(|entry| read(entry.unwrap().path())).collect()
}

fn files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn transports(server: &Server) -> Vec<DatadogTransport> {
    let build = |_| DatadogTransport::builder("key").site(server.url()).build().unwrap();
    (0..TRANSPORTS).map(build).collect()
}

/// One event each, by either way in turn.
fn each_sends_one(transports: &[DatadogTransport]) {
    for (n, transport) in transports.iter().enumerate() {
        let outcome =
            if n % 2 == 0 { fate(submit(transport, queued(n, 0))) } else { confirm(transport, confirmed(n, 0)) };
        assert_eq!(outcome.unwrap().attempts, 1);
    }
}

#[test]
fn before_the_first_event_there_is_nothing() {
    alone("footprint::before_the_first_event_there_is_nothing", || {
        let server = Server::start().unwrap();
        let before = (threads().len(), files());
        let options =
            format!(r#""apiKey": "k", "site": "{}", "async_transport_rules": {{"*": {{"*": true}}}}"#, server.url());
        let configured: Vec<_> = (0..TRANSPORTS).map(|_| build(&options, &[]).unwrap()).collect();
        let transports = transports(&server);
        assert_eq!((threads().len(), files()), before);
        drop((configured, transports));
        assert_eq!((server.accepted(), threads().len(), files()), (0, before.0, before.1));
    });
}

#[test]
fn after_the_first_event_of_each_there_is_one_thread() {
    alone("footprint::after_the_first_event_of_each_there_is_one_thread", || {
        let server = Server::start().unwrap();
        let before = (threads().len(), files());
        let transports = transports(&server);
        each_sends_one(&transports);
        pass(AFTER);
        assert_eq!(threads().len(), before.0 + 1, "{:?}", threads());
        assert_eq!(server.open(), TRANSPORTS);
        let ours = || threads().into_iter().filter(|(name, _)| name.starts_with("openlineage")).collect::<Vec<_>>();
        let idle = ours();
        pass(IDLE);
        assert_eq!(ours(), idle, "an idle worker has woken");
        assert_eq!(idle.len(), 1);
        for transport in &transports {
            assert!(close(transport).is_clean());
        }
        assert_eq!(server.wait_for_open(0, IDLE), 0);
        drop(transports);
        pass(AFTER);
        assert_eq!((threads().len(), files()), before);
    });
}

#[test]
fn a_life_by_either_way_leaves_nothing() {
    alone("footprint::a_life_by_either_way_leaves_nothing", || {
        let server = Server::start().unwrap();
        let before = (threads().len(), files());
        for n in 0..20 {
            let transport = DatadogTransport::builder("key").site(server.url()).build().unwrap();
            assert!(fate(submit(&transport, queued(n, 0))).is_ok() && confirm(&transport, confirmed(n, 1)).is_ok());
            assert!(close(&transport).is_clean() && !transport.stats().queue.unwrap().paused);
            assert_eq!(server.wait_for_open(0, IDLE), 0);
        }
        pass(AFTER);
        assert_eq!((threads().len(), files()), before);
    });
}

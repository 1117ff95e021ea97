//! A program that queues events in the cache of the process and keeps no guard is told so, once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::sync::{Arc, Mutex};

use openlineage::builder;
use openlineage::config::{ConfigValue, Environment, Loader, Source};
use openlineage::prelude::*;
use openlineage_core::testkit::server::Server;

#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logs {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// Warnings that name the guard.
    fn warnings(&self) -> usize {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        text.lines().filter(|line| line.contains("WARN") && line.contains("openlineage::init")).count()
    }
}

fn client(kind: &str, server: &Server) -> Client {
    let config = format!(r#"{{"transport": {{"type": "{kind}", "url": "{}"}}}}"#, server.url());
    let config = ConfigValue::from_json(&config, &Source::Code).unwrap();
    let settings = Loader::new(Environment::default()).config(config).load().unwrap().settings;
    builder().settings(settings).environment(Environment::default()).build().unwrap()
}

fn event() -> RunEvent {
    RunEvent::start(RunId::new(), JobRef::new("n", "j")).build(&Uri::from_static("https://example.com/test"))
}

/// In one test, because the cache of the process is one.
#[test]
fn the_first_event_to_be_queued_without_a_guard_logs_one_warning() {
    let (logs, server) = (Logs::default(), Server::start().unwrap());
    let writer = logs.clone();
    tracing_subscriber::fmt().with_writer(move || writer.clone()).init();
    assert!(matches!(client("http", &server).blocking().emit(event()), Ok(Ack::Delivered(_))));
    assert_eq!(logs.warnings(), 0, "what was delivered needs no guard");
    for _ in 0..3 {
        // Without waiting, which a share of a queue can do as well as the queue itself.
        assert!(matches!(client("async_http", &server).submit(event()), Ok(Ack::Queued(_))));
        assert_eq!(logs.warnings(), 1);
    }
    assert_eq!(server.wait_for(4, Client::EMIT_WITHIN).len(), 4);
}

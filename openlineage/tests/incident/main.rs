//! A scheduler that builds a client for each event from one configuration and forgets it without a close: what that costs
//! its process, and what the servers get.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arrivals;
mod scheduler;

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::Server;
use serde_json::{Value, json};

/// Clients that the scheduler builds where its events are queued.
const CLIENTS: usize = 10_000;

/// The same where it waits for both answers to each of them, which takes several times as long.
const CONFIRMED: usize = 3_000;

/// Most requests at once to each server, and so its connections.
const CONNECTIONS: u64 = 8;

/// Longest time for all of it, in a debug build.
const LIMIT: Duration = Duration::from_secs(30);

/// Set in the process that is the scheduler, to the configuration of its transport.
const TRANSPORT: &str = "OPENLINEAGE_INCIDENT_TRANSPORT";

/// In a test of its own each, so that they are processes of their own as well.
fn incident(test: &str, kind: &str, is_queued: bool) {
    let clients = if is_queued { CLIENTS } else { CONFIRMED };
    if let Ok(transport) = env::var(TRANSPORT) {
        return scheduler::run(&transport, clients);
    }
    let servers = [Server::start().unwrap(), Server::start().unwrap()];
    let transport = transport(kind, is_queued, &servers).to_string();
    let began = Instant::now();
    let arguments = ["--exact", test, "--nocapture", "--test-threads=1"];
    let output = Command::new(env::current_exe().unwrap()).args(arguments).env(TRANSPORT, transport).output().unwrap();
    let took = began.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    for server in &servers {
        arrivals::all_in_order(&server.requests(), clients);
        assert!(server.accepted() <= CONNECTIONS, "{} connections", server.accepted());
        assert_eq!(server.open(), 0);
    }
    assert!(took < LIMIT, "{took:?}");
}

fn transport(kind: &str, is_queued: bool, servers: &[Server; 2]) -> Value {
    let mut http = json!({"type": kind, "url": servers[0].url()});
    if is_queued {
        http["max_concurrent_requests"] = json!(CONNECTIONS);
    }
    json!({"type": "composite", "transports": {
        "http": http,
        "datadog": {
            "type": "datadog", "apiKey": "key", "site": servers[1].url(), "max_concurrent_requests": CONNECTIONS,
            "async_transport_rules": {"*": {"*": is_queued}},
        },
    }})
}

#[test]
fn queued() {
    incident("queued", "async_http", true);
}

#[test]
fn confirmed() {
    incident("confirmed", "http", false);
}

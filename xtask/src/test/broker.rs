//! A real Kafka broker for the tests that want one.

use std::process::Command;

use anyhow::Result;

use crate::facts::Workspace;
use crate::kafka::{PASSWORD, Session, USER};

/// Where tests find it, and this program to disturb it with.
const PLAIN: &str = "OPENLINEAGE_KAFKA";
const SASL: &str = "OPENLINEAGE_KAFKA_SASL";
const TLS: &str = "OPENLINEAGE_KAFKA_TLS";
const LOGIN: [(&str, &str); 2] = [("OPENLINEAGE_KAFKA_USER", USER), ("OPENLINEAGE_KAFKA_PASSWORD", PASSWORD)];
const CA: &str = "OPENLINEAGE_KAFKA_CA";
const XTASK: &str = "OPENLINEAGE_XTASK";

/// Starts it and tells the commands, or says why there is none.
pub(super) fn start(workspace: &Workspace, runs: &mut [Command]) -> Result<Option<Session>> {
    if let Some(missing) = Session::missing() {
        println!("Kafka: none, so the tests against a real broker will be skipped; {missing}, to run them");
        return Ok(None);
    }
    let session = Session::start(&workspace.target)?;
    let listeners = session.listeners();
    println!("Kafka: a broker on port {}", listeners.port);
    let xtask = std::env::current_exe()?;
    for cargo in runs {
        cargo.env(PLAIN, format!("127.0.0.1:{}", listeners.port)).env(CA, session.ca()).env(XTASK, &xtask);
        for (name, port) in [(SASL, listeners.sasl_port), (TLS, listeners.tls_port)] {
            cargo.env(name, format!("127.0.0.1:{}", port.unwrap_or_default()));
        }
        cargo.envs(LOGIN);
    }
    Ok(Some(session))
}

//! A client over a store in memory, configured by variables.

use std::env;
use std::process::Command;
use std::sync::Arc;

use openlineage_core::builtin::Memory;
use openlineage_core::client::{Blocking, Client};
use openlineage_core::config::{ConfigError, Environment, Loader};
use openlineage_core::model::{Event, JobRef, RunEvent, RunEventBuilder, RunId, Uri};
use openlineage_core::transport::Ack;
use serde_json::Value;

pub(crate) const ACME: Uri = Uri::from_static("https://acme.example/scheduler/1.2.0");
const ALONE: &str = "OPENLINEAGE_CLIENT_TEST";

pub(crate) struct Case {
    pub(crate) memory: Memory,
    pub(crate) client: Client,
}

pub(crate) fn build(memory: &Memory, environment: Environment) -> Result<Client, ConfigError> {
    let settings = Loader::new(environment.clone()).load()?.settings;
    let builder = Client::builder().transport(Arc::new(memory.transport()));
    builder.settings(settings).environment(environment).build()
}

pub(crate) fn within(environment: Environment) -> Case {
    let memory = Memory::new();
    let client = build(&memory, environment).unwrap();
    Case { memory, client }
}

pub(crate) fn with<const N: usize>(variables: [(&str, &str); N]) -> Case {
    within(Environment::of(variables))
}

impl Case {
    pub(crate) fn blocking(&self) -> Blocking {
        self.client.blocking()
    }

    /// The event as it arrives.
    pub(crate) fn sent(&self, event: impl Into<Event>) -> Value {
        let before = self.memory.events().len();
        let ack = self.blocking().emit(event).unwrap();
        assert!(matches!(ack, Ack::Delivered(_)), "{ack:?}");
        let events = self.memory.events();
        assert_eq!(events.len(), before + 1);
        serde_json::from_slice(events[before].bytes()).unwrap()
    }

    /// Everything that has arrived.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.memory.events().iter().map(|event| serde_json::from_slice(event.bytes()).unwrap()).collect()
    }
}

pub(crate) fn job() -> JobRef {
    JobRef::new("warehouse", "daily_orders")
}

pub(crate) fn start() -> RunEventBuilder {
    RunEvent::start(RunId::new(), job())
}

pub(crate) fn event() -> RunEvent {
    start().build(&ACME)
}

/// `true` in a process of its own; elsewhere starts one for this test and demands that it passes.
pub(crate) fn alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    assert_passes(test, &[(ALONE, "1")]);
    false
}

/// Runs one test in a process of its own with these variables besides, and demands that it passes.
pub(crate) fn assert_passes(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).envs(variables.iter().copied()).output().unwrap();
    let (printed, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("1 passed"), "{complaints}");
}

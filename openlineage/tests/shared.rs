//! Clients of one configuration: one transport for all of them, and a guard that ends it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use openlineage::composite::TransportCache;
use openlineage::config::{ConfigValue, Loader, Settings, Source};
use openlineage::prelude::*;
use openlineage::{Client, builder, init};
use serde_json::json;

fn settings(folder: &std::path::Path) -> Settings {
    let transport = json!({"transport": {"type": "composite", "transports": {
        "a": {"type": "file", "append": true, "log_file_path": folder.join("a.ndjson")},
        "b": {"type": "file", "append": true, "log_file_path": folder.join("b.ndjson")}}}});
    let value = ConfigValue::from_value(&transport, &Source::Code);
    Loader::new(openlineage::config::Environment::default()).config(value).load().unwrap().settings
}

fn event() -> RunEvent {
    RunEvent::start(RunId::new(), JobRef::new("n", "j")).build(&Uri::from_static("https://example.com/test"))
}

/// In one test, because the cache of the process is one.
#[test]
fn clients_share_until_the_guard_is_dropped_and_private_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let client = || builder().settings(settings.clone()).environment(openlineage::config::Environment::default());
    let guard = init(Guard::WITHIN);
    for _ in 0..50 {
        let client: Client = client().build().unwrap();
        drop(client.blocking().emit(event()).unwrap());
    }
    assert_eq!(TransportCache::process().len(), 3);
    let private = client().private().build().unwrap().blocking();
    drop(private.emit(event()).unwrap());
    assert!(private.close().unwrap().is_clean());
    assert_eq!(TransportCache::process().len(), 3);
    let last = client().build().unwrap().blocking();
    drop(guard);
    assert!(last.emit(event()).unwrap_err().is_terminal());
    assert!(TransportCache::process().is_empty());
    for leg in ["a.ndjson", "b.ndjson"] {
        assert_eq!(fs::read_to_string(folder.path().join(leg)).unwrap().lines().count(), 51, "{leg}");
    }
}

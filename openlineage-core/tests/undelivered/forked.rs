//! A forked child and its parent with one hook.

use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::fork::fork_and;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::undelivered::UndeliveredFile;

use crate::{LONG, event, held, long, over};

const ALONE: &str = "OPENLINEAGE_UNDELIVERED_ALONE";

/// `true` in a process of its own; elsewhere starts one for this test and demands that it passes.
fn alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    false
}

#[test]
fn each_process_passes_on_its_own_losses_only() {
    if !alone("forked::each_process_passes_on_its_own_losses_only") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    let (sink, file) = (ScriptedSink::new(), Arc::new(UndeliveredFile::new(&path)));
    let transport = Arc::new(over(&sink, file.clone()).build());
    sink.script(&[Answer::Permanent], Answer::Stall);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    while file.written() == 0 {
        std::thread::yield_now();
    }
    held(&sink, &*transport, event(1));
    let child = fork_and(|| {
        sink.script(&[], Answer::Permanent);
        let is_lost = blocking::emit(&transport, event(2), long()).is_err();
        let closed = blocking::close(&transport, long()).is_ok_and(|report| report.tally.lost() == 1);
        u8::from(!(is_lost && closed && file.written() == 1))
    });
    assert_eq!(child.unwrap().wait(LONG).unwrap(), Some(0));
    assert_eq!(blocking::close(&transport, Deadline::now()).unwrap().tally.lost(), 2);
    assert_eq!(file.written(), 2);
    let text = fs::read_to_string(path).unwrap();
    let expected = [0, 2, 1].map(|number| event(number).bytes().clone());
    assert_eq!(text.lines().map(str::as_bytes).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}

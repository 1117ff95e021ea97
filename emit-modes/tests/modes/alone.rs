//! A process for one test, and what it has: threads, files, memory.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const ALONE: &str = "OPENLINEAGE_MODES_TEST";

/// Two processes that count at once would slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// `true` in a process of its own; elsewhere starts one for this test and demands that it passes.
pub(crate) fn alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let (printed, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("1 passed"), "{complaints}");
    false
}

/// The threads of ours, by number, with how often each has given up the processor of its own accord.
pub(crate) fn our_threads() -> BTreeMap<u32, u64> {
    let mut threads = BTreeMap::new();
    for entry in fs::read_dir("/proc/self/task").unwrap() {
        let path = entry.unwrap().path();
        // A thread may end between the list and the look.
        let (Ok(name), Ok(status)) = (fs::read_to_string(path.join("comm")), fs::read_to_string(path.join("status")))
        else {
            continue;
        };
        if name.starts_with("openlineage") {
            let number = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
            let switches = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            threads.insert(number, switches.map_or(0, |count| count.trim().parse().unwrap()));
        }
    }
    threads
}

pub(crate) fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Memory in use, in bytes.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

mod append;
mod each;
mod kit;
mod options;
#[cfg(unix)]
mod processes;
mod rotation;

use std::fs;
use std::path::{Path, PathBuf};

use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::transport::Transport;

use super::long;

fn emit(transport: &dyn Transport, event: EncodedEvent) -> Result<(), EmitError> {
    blocking::deliver(transport, event, long()).map(drop)
}

fn close(transport: &dyn Transport) {
    assert!(blocking::close(transport, long()).unwrap().is_clean());
}

/// What is in a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Numbers of the events in files of whole lines, in their order.
fn numbers(files: &[PathBuf]) -> Vec<u64> {
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| {
            assert!(text.is_empty() || text.ends_with('\n'), "a line is cut");
            text.lines().map(number).collect::<Vec<_>>()
        })
        .collect()
}

fn number(line: &str) -> u64 {
    let event: serde_json::Value = serde_json::from_str(line).unwrap();
    let run = event["run"]["runId"].as_str().unwrap();
    u64::from_str_radix(run.rsplit('-').next().unwrap(), 16).unwrap()
}

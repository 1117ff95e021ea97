//! Real processes on one file: this test binary, started again.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use openlineage_core::builtin::{AppendFile, FilePerEvent};
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::transport::Transport;

use super::{close, emit, files, numbers};
use crate::event;

/// Set in a process that is a writer, to the folder it writes to.
const FOLDER: &str = "OPENLINEAGE_TEST_FOLDER";
/// The number of its first event.
const FROM: &str = "OPENLINEAGE_TEST_FROM";

const EACH: u64 = 2000;

fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

fn from() -> u64 {
    env::var(FROM).unwrap().parse().unwrap()
}

/// A command that runs `test` of this module as a writer.
fn writer(mut command: Command, test: &str, folder: &Path, from: u64) -> Child {
    let test = format!("file::processes::{test}");
    let command = command.arg(env::current_exe().unwrap()).args(["--exact", &test, "--nocapture"]);
    let command = command.env(FOLDER, folder).env(FROM, from.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Starts the program that is its first argument.
fn plain() -> Command {
    Command::new("env")
}

/// Two processes with four threads each write what `transport` makes; every event is found once. Looks at the files.
fn two_write(test: &str, transport: impl Fn(&Path) -> Box<dyn Transport>, look: impl Fn(&[PathBuf])) {
    if let Some(folder) = folder() {
        let (transport, from) = (&*transport(&folder), from());
        std::thread::scope(|scope| {
            for part in 0..4 {
                let mine = from + EACH / 4 * part..from + EACH / 4 * (part + 1);
                scope.spawn(move || mine.for_each(|number| emit(transport, event(number)).unwrap()));
            }
        });
        return close(transport);
    }
    let folder = tempfile::tempdir().unwrap();
    let writers = [0, EACH].map(|from| writer(plain(), test, folder.path(), from));
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let files = files(folder.path());
    look(&files);
    let found = numbers(&files);
    assert_eq!(found.len() as u64, EACH * 2);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), (0..EACH * 2).collect());
}

#[test]
fn two_processes_append_without_mixing_a_line() {
    two_write(
        "two_processes_append_without_mixing_a_line",
        |folder| Box::new(AppendFile::new(folder.join("events.ndjson")).transport()),
        |files| assert_eq!(files.len(), 1),
    );
}

#[test]
fn two_processes_rotate_one_file_and_lose_nothing() {
    const LIMIT: u64 = 20_000;
    let line = event(0).len() as u64 + 1;
    two_write(
        "two_processes_rotate_one_file_and_lose_nothing",
        |folder| {
            Box::new(AppendFile::new(folder.join("events.ndjson")).rotate_bytes(NonZeroU64::new(LIMIT)).transport())
        },
        |files| {
            let lens = files.iter().map(|file| fs::metadata(file).unwrap().len());
            let full = lens.filter(|len| *len == LIMIT / line * line).count() as u64;
            assert_eq!(full, EACH * 2 * line / (LIMIT / line * line), "none is renamed too early or too late");
        },
    );
}

#[test]
fn two_processes_never_write_over_a_file() {
    two_write(
        "two_processes_never_write_over_a_file",
        |folder| Box::new(FilePerEvent::new(folder.join("event")).transport()),
        |files| assert_eq!(files.len() as u64, EACH * 2),
    );
}

/// An event with a facet of 200 KB.
fn large(number: u64) -> EncodedEvent {
    let small = String::from_utf8(event(number).bytes().to_vec()).unwrap();
    let filled = small.replacen('{', &format!("{{\"filling\":\"{}\",", "x".repeat(200_000)), 1);
    EncodedEvent::from_json(filled).unwrap()
}

#[test]
fn a_killed_process_leaves_no_half_file_under_a_final_name() {
    if let Some(folder) = folder() {
        let transport = FilePerEvent::new(folder.join("event")).transport();
        for number in from().. {
            emit(&transport, large(number)).unwrap();
            // Ends this process when nobody listens any more.
            writeln!(std::io::stdout(), "written").unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for kill in 0..10 {
        let test = "a_killed_process_leaves_no_half_file_under_a_final_name";
        let mut writer = writer(plain(), test, folder.path(), kill * EACH);
        let mut told = BufReader::new(writer.stdout.take().unwrap()).lines();
        let written = told.by_ref().map(Result::unwrap).filter(|line| line.ends_with("written"));
        assert_eq!(written.take(3 + kill as usize).count(), 3 + kill as usize);
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
    let (finished, drafts): (Vec<_>, Vec<_>) =
        files(folder.path()).into_iter().partition(|file| file.extension().is_some_and(|end| end == "json"));
    assert!(numbers(&finished).len() >= 75);
    assert!(drafts.iter().all(|draft| super::name(draft).starts_with(".openlineage-")), "{drafts:?}");
}

/// `ulimit -f` counts blocks of 512 bytes or of 1024, as the shell likes.
#[test]
fn a_write_that_stops_half_way_is_taken_back() {
    if let Some(folder) = folder() {
        let path = folder.join("events.ndjson");
        let transport = AppendFile::new(&path).transport();
        let (delivered, error) =
            (1..).find_map(|number| emit(&transport, event(number)).err().map(|error| (number - 1, error))).unwrap();
        assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Unavailable { code: 27 }, Sent::No));
        let len = fs::metadata(&path).unwrap().len();
        assert!(len % 512 != 0, "the limit was met within a line");
        assert_eq!(numbers(std::slice::from_ref(&path)), (1..=delivered).collect::<Vec<_>>());
        assert_eq!(emit(&transport, event(9)).unwrap_err().sent(), Sent::No);
        assert_eq!(fs::metadata(&path).unwrap().len(), len);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"]);
    let writer = writer(limited, "a_write_that_stops_half_way_is_taken_back", folder.path(), 0);
    let output = writer.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(fs::metadata(folder.path().join("events.ndjson")).unwrap().len() > 1000);
}

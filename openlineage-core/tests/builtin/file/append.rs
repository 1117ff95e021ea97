use std::error::Error;
use std::fs::{self, File};
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::builtin::{AppendFile, Fsync};
use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::Transport;

use super::{close, emit, files, numbers};
use crate::{build, event};

#[test]
fn each_event_is_a_line_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    fs::write(&path, "{}\n").unwrap();
    let spec = format!(r#"{{"type":"file","log_file_path":"file://{}","append":true}}"#, path.display());
    let transport = build(&spec).unwrap();
    let plain = r#"{ "job" : {"namespace":"n","name":"\u00e4"}, "x": 1.50 }"#;
    emit(&*transport, EncodedEvent::from_json(plain).unwrap()).unwrap();
    emit(&*transport, EncodedEvent::from_json("{\n  \"job\": {},\n  \"y\": 2e400\n}\n").unwrap()).unwrap();
    close(&*transport);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{{}}\n{plain}\n{{\"job\":{{}},\"y\":2e400}}\n"));
}

#[test]
fn every_choice_of_fsync_writes_the_same() {
    for fsync in [Fsync::Never, Fsync::Event, Fsync::Close] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let transport = AppendFile::new(&path).fsync(fsync).transport();
        (0..3).for_each(|number| emit(&transport, event(number)).unwrap());
        close(&transport);
        assert_eq!(numbers(&[path]), [0, 1, 2]);
    }
}

#[test]
fn a_missing_folder_refuses_the_event_and_says_what_to_make() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs").join("events.ndjson");
    let transport = AppendFile::new(&path).transport();
    let error = emit(&transport, event(1)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Start);
    let cause = error.source().unwrap().source().unwrap().to_string();
    let logs = folder.path().join("logs");
    assert_eq!(cause, format!("{}: cannot open it; make the folder {} first", path.display(), logs.display()));
    fs::create_dir(logs).unwrap();
    emit(&transport, event(2)).unwrap();
    close(&transport);
    assert_eq!(numbers(&[path]), [2]);
}

#[test]
fn a_line_that_somebody_left_half_written_is_ended_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    fs::write(&path, "{\"half\":").unwrap();
    let transport = AppendFile::new(&path).transport();
    emit(&transport, event(1)).unwrap();
    emit(&transport, event(2)).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"other\":")).unwrap();
    emit(&transport, event(3)).unwrap();
    close(&transport);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines[3]), ("{\"half\":", "{\"other\":"));
    assert_eq!([lines[1], lines[2], lines[4]].map(super::number), [1, 2, 3]);
    assert_eq!(lines.len(), 5);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_moved_or_removed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("events.ndjson"), folder.path().join("events.1"));
    let transport = AppendFile::new(&path).transport();
    emit(&transport, event(1)).unwrap();
    fs::rename(&path, &moved).unwrap();
    emit(&transport, event(2)).unwrap();
    fs::remove_file(&path).unwrap();
    emit(&transport, event(3)).unwrap();
    close(&transport);
    assert_eq!(numbers(&[moved, path]), [1, 3]);
}

#[test]
fn a_lock_that_is_held_is_waited_for_until_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let transport = AppendFile::new(&path).transport();
    emit(&transport, event(1)).unwrap();
    let other = File::open(&path).unwrap();
    other.lock().unwrap();
    let error = blocking::emit(&transport, event(2), Deadline::after(Duration::from_millis(50))).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Timeout, Sent::Maybe));
    assert_eq!(numbers(std::slice::from_ref(&path)), [1]);
    other.unlock().unwrap();
    emit(&transport, event(3)).unwrap();
    assert_eq!(numbers(&[path]), [1, 2, 3], "what could not be taken back is written in its turn");
    let report = blocking::close(&transport, crate::long()).unwrap();
    assert_eq!((report.tally.delivered, report.tally.failed), (2, 1));
}

#[test]
fn many_callers_at_once_share_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let transport = AppendFile::new(&path).transport();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let transport = &transport;
            scope.spawn(move || (0..50).for_each(|n| emit(transport, event(thread * 50 + n)).unwrap()));
        }
    });
    close(&transport);
    let mut found = numbers(&files(folder.path()));
    found.sort_unstable();
    assert_eq!(found, (0..400).collect::<Vec<_>>());
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_without_a_lock() {
    let transport = AppendFile::new("/dev/full").fsync(Fsync::Event).transport();
    let error = emit(&transport, event(1)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Unavailable { code: 28 });
    assert_eq!(error.source().unwrap().to_string(), "/dev/full: cannot write to it; make room on that disk");
    let transport = AppendFile::new("/dev/null").fsync(Fsync::Event).transport();
    emit(&transport, event(1)).unwrap();
    close(&transport);
    let rotated = AppendFile::new("/dev/null").rotate_bytes(std::num::NonZeroU64::new(10)).transport();
    assert_eq!(emit(&rotated, event(1)).unwrap_err().kind(), &EmitErrorKind::Start);
    assert_eq!(rotated.stats().tally.refused, 1);
}

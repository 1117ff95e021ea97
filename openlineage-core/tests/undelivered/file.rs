//! The file that undelivered events are written to.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use openlineage_core::blocking;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::undelivered::{Lost, Undelivered, UndeliveredFile};

use crate::{event, long, over};

fn lost(event: EncodedEvent) -> Lost {
    Lost::new(event, EmitError::failed(Fault::new(EmitErrorKind::Rejected { code: 400 }), 1))
}

/// The events in a file, which must hold nothing else.
fn events(path: &Path) -> Vec<Bytes> {
    let text = fs::read(path).unwrap();
    assert_eq!(text.last(), Some(&b'\n'));
    let lines = text[..text.len() - 1].split(|byte| *byte == b'\n');
    lines.map(|line| EncodedEvent::from_json(line.to_vec()).unwrap().bytes().clone()).collect()
}

#[test]
fn what_a_transport_loses_can_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    let (sink, file) = (ScriptedSink::new(), Arc::new(UndeliveredFile::new(&path)));
    let transport = Arc::new(over(&sink, file.clone()).build());
    sink.script(&[Answer::Accept], Answer::Permanent);
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    assert!(!path.exists(), "nothing is lost yet");
    (1..=5).for_each(|number| assert!(blocking::emit(&transport, event(number), long()).is_err()));
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.lost(), 5);
    assert_eq!(events(&path), (1..=5).map(|number| event(number).bytes().clone()).collect::<Vec<_>>());
    assert_eq!((file.written(), file.failed()), (5, 0));
}

#[test]
fn text_stays_as_it_is_but_for_line_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    let plain = r#"{ "job" : {"namespace":"n","name":"\u00e4"}, "x": 1.50 }"#;
    let broken = EncodedEvent::from_json("{\n  \"job\": {},\n  \"y\": 2e400\n}\n").unwrap();
    UndeliveredFile::new(&path).undelivered(&[lost(EncodedEvent::from_json(plain).unwrap()), lost(broken)]);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{plain}\n{{\"job\":{{}},\"y\":2e400}}\n"));
}

#[test]
fn two_writers_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    let files = [UndeliveredFile::new(&path), UndeliveredFile::new(&path)];
    thread::scope(|scope| {
        for (half, file) in (0..).zip(&files) {
            scope.spawn(move || {
                for batch in 0..50 {
                    let numbers = (half * 50 + batch) * 10..(half * 50 + batch + 1) * 10;
                    file.undelivered(&numbers.map(|number| lost(event(number))).collect::<Vec<_>>());
                }
            });
        }
    });
    let mut found = events(&path);
    assert!(found.chunks(10).all(|batch| batch.is_sorted()), "a batch was torn");
    found.sort_unstable();
    assert_eq!(found, (0..1000).map(|number| event(number).bytes().clone()).collect::<Vec<_>>());
    assert_eq!((files[0].written(), files[1].written()), (500, 500));
}

#[test]
fn a_line_that_somebody_left_half_written_costs_that_line_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    fs::write(&path, "{\"half\":").unwrap();
    UndeliveredFile::new(&path).undelivered(&[lost(event(1)), lost(event(2))]);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "{\"half\":"));
    assert_eq!((lines[1].as_bytes(), lines[2].as_bytes()), (&**event(1).bytes(), &**event(2).bytes()));
}

#[test]
fn a_file_that_cannot_be_written_is_counted_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later").join("undelivered.ndjson");
    let file = UndeliveredFile::new(&path);
    file.undelivered(&[lost(event(1)), lost(event(2))]);
    file.undelivered(&[lost(event(3))]);
    assert_eq!((file.written(), file.failed()), (0, 3));
    fs::create_dir(path.parent().unwrap()).unwrap();
    file.undelivered(&[lost(event(4))]);
    assert_eq!((file.written(), file.failed()), (1, 3));
    assert_eq!(events(&path), [event(4).bytes().clone()]);
}

#[test]
fn a_file_that_is_locked_for_long_does_not_hold_up_a_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undelivered.ndjson");
    let other = File::create(&path).unwrap();
    other.lock().unwrap();
    let (sink, file) = (ScriptedSink::new(), Arc::new(UndeliveredFile::new(&path)));
    let transport = Arc::new(over(&sink, file.clone()).build());
    sink.script(&[], Answer::Permanent);
    assert!(blocking::emit(&transport, event(1), long()).is_err());
    let report = blocking::close(&transport, Deadline::now()).unwrap();
    assert_eq!((report.tally.failed, file.written()), (1, 0));
    other.unlock().unwrap();
    // Whoever gets the lock next knows that the line is complete.
    while file.written() == 0 {
        thread::yield_now();
    }
    assert_eq!(events(&path), [event(1).bytes().clone()]);
}

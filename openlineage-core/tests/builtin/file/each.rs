use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use openlineage_core::builtin::{FilePerEvent, Fsync};
use openlineage_core::error::EmitErrorKind;
use openlineage_core::event::EncodedEvent;

use super::{close, emit, files, name, numbers};
use crate::{build, event};

#[test]
fn an_event_is_a_file_with_its_bytes_and_a_line_feed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lineage").display().to_string();
    let transport = build(&format!(r#"{{"type":"file","log_file_path":"{path}"}}"#)).unwrap();
    let json = "{\n \"job\": { \"namespace\":\"n\", \"name\":\"\\ud800\" }, \"x\": 1.50 }";
    emit(&*transport, EncodedEvent::from_json(json).unwrap()).unwrap();
    close(&*transport);
    let [file] = &files(folder.path())[..] else { panic!("one file") };
    assert_eq!(fs::read_to_string(file).unwrap(), format!("{json}\n"));
    let shape = name(file).replace(|char: char| char.is_ascii_digit(), "0");
    assert_eq!(shape, "lineage-00000000-000000.000000.json");
}

#[test]
fn debug_mode_names_the_job_and_indents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lineage");
    let spec = format!(r#"{{"type":"file","log_file_path":"{}","debug_mode":true}}"#, path.display());
    let transport = build(&spec).unwrap();
    let json = r#"{"job":{"namespace":"n","name":"a/b"},"x":1.50}"#;
    emit(&*transport, EncodedEvent::from_json(json).unwrap()).unwrap();
    emit(&*transport, event(1)).unwrap();
    close(&*transport);
    let found = files(folder.path());
    let text = fs::read_to_string(&found[0]).unwrap();
    assert_eq!(text, "{\n  \"job\": {\n    \"namespace\": \"n\",\n    \"name\": \"a/b\"\n  },\n  \"x\": 1.50\n}\n");
    let shapes: Vec<_> = found.iter().map(|file| name(file).replace(|char: char| char.is_ascii_digit(), "0")).collect();
    assert_eq!(
        shapes,
        ["lineage-000000T000000.000000-a__b-unknown_event_type.json", "lineage-000000T000000.000000-j-START.json"]
    );
}

#[test]
fn no_two_events_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let one = FilePerEvent::new(folder.path().join("e")).transport();
    let other = FilePerEvent::new(folder.path().join("e")).fsync(Fsync::Event).transport();
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let transport = if thread == 0 { &other } else { &one };
            scope.spawn(move || (0..40).for_each(|n| emit(transport, event(thread * 40 + n)).unwrap()));
        }
    });
    close(&one);
    close(&other);
    let found = numbers(&files(folder.path()));
    assert_eq!(found.len(), 320);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), (0..320).collect());
}

#[test]
fn a_missing_folder_refuses_the_event_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let transport = FilePerEvent::new(folder.path().join("logs/e")).transport();
    let error = emit(&transport, event(1)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Start);
    let cause = error.source().unwrap().source().unwrap().to_string();
    assert!(cause.ends_with(&format!("make the folder {} first", folder.path().join("logs").display())), "{cause}");
    fs::create_dir(folder.path().join("logs")).unwrap();
    emit(&transport, event(2)).unwrap();
    fs::remove_dir_all(folder.path().join("logs")).unwrap();
    let error = emit(&transport, event(3)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Unavailable { code: 2 });
    assert!(files(folder.path()).is_empty());
}

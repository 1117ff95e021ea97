use std::fs;
use std::path::Path;
use std::process::Stdio;

use openlineage_core::testkit::server::Server;

use crate::common::{Form, LIMIT, bodies, emit, events, finish, http, openlineage, run, sorted};

#[test]
fn several_files_in_several_forms_are_read_one_after_the_other() {
    let (folder, server, all) = (tempfile::tempdir().unwrap(), Server::start().unwrap(), events(9));
    let mut command = openlineage(&["emit", "--transport", &http(&server)]);
    let mut expected = Vec::new();
    for (form, part) in Form::ALL.into_iter().zip(all.chunks(3)) {
        let (part, text) = form.write(part);
        expected.extend(part);
        let file = folder.path().join(format!("{form:?}"));
        fs::write(&file, text).unwrap();
        command.arg(file);
    }
    let done = run(&mut command);
    assert_eq!((done.code, sorted(bodies(&server))), (Some(0), sorted(expected)), "{}", done.stderr);
}

/// Expects exit code 2 with `problem`, and that nothing was sent although a good file comes first.
fn refused(second: &Path, args: &[&str], problem: &str) {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let good = folder.path().join("good.ndjson");
    fs::write(&good, events(1).concat()).unwrap();
    let done = run(emit(&server, &good, args).arg(second));
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.says(problem), "{}", done.stderr);
    assert!(server.requests().is_empty());
    assert_eq!(fs::read_to_string(good).unwrap(), events(1).concat());
}

#[test]
fn a_missing_file_or_a_directory_is_found_out_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    refused(&folder.path().join("missing"), &[], "missing: No such file");
    refused(folder.path(), &[], ": is a directory, name the files in it");
}

#[test]
fn the_file_for_what_is_rejected_is_never_one_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.ndjson");
    fs::write(&other, "kept").unwrap();
    let path = other.to_str().unwrap();
    refused(&other, &["--rejected", path], "--rejected: ");
    assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
}

#[test]
fn an_offset_beyond_the_file_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.ndjson");
    fs::write(&other, "").unwrap();
    refused(&other, &["--offset", "100000"], "--offset 100000 is beyond its end, it has ");
}

#[test]
fn a_named_pipe_is_opened_once() {
    let (folder, server, all) = (tempfile::tempdir().unwrap(), Server::start().unwrap(), events(3));
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).stdout(Stdio::null()).status().unwrap();
    assert!(made.success());
    let child = emit(&server, &pipe, &[]).spawn().unwrap();
    // Opening it waits for the reader; a second reader would see what the first one left.
    fs::write(&pipe, all.join("\n")).unwrap();
    assert_eq!(server.wait_for(3, LIMIT).len(), 3);
    let done = finish(child);
    assert_eq!((done.code, sorted(bodies(&server))), (Some(0), all), "{}", done.stderr);
}

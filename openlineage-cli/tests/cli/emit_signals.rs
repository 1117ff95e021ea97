use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};

use openlineage_core::testkit::server::{Answer, Server};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::common::{Form, LIMIT, bodies, emit, emit_by, event, events, finish, http, run, shell, signal};

/// Emitting 100 events, of which 4 are under way and not answered.
fn emitting(kind: &str, server: &Server, args: &[&str]) -> (TempDir, PathBuf, Child) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    fs::write(&file, Form::Lines.write(&events(100)).1).unwrap();
    server.always(Answer::hang());
    let mut command = emit_by(kind, server, &file, &["--concurrency", "4", "--timeout", "50"]);
    let child = command.args(args).spawn().unwrap();
    assert_eq!(server.wait_for(4, LIMIT).len(), 4);
    (folder, file, child)
}

/// Reads stderr up to the line that holds `part`.
fn until(child: &mut Child, part: &str) -> BufReader<ChildStderr> {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(part) {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it never said {part}");
    }
    stderr
}

#[test]
fn a_signal_stops_it_and_it_says_where_to_go_on() {
    for (by, kind, code) in [("http", Signal::INT, 130), ("async_http", Signal::TERM, 143), ("http", Signal::HUP, 129)]
    {
        let server = Server::start().unwrap();
        let (_folder, file, mut child) = emitting(by, &server, &["--format", "json"]);
        signal(&child, kind);
        let mut stderr = until(&mut child, "waiting for what is under way (4)");
        server.release();
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        let done = finish(child);
        assert_eq!(done.code, Some(code), "{rest}");
        assert!(rest.contains(&format!("stopped by signal {}\n", kind.as_raw())), "{rest}");
        let report = done.json();
        assert_eq!(report["delivered"], 4);
        assert_eq!(server.requests().len(), 4);
        let offset = report["again_from"]["offset"].to_string();
        assert!(rest.contains(&format!("--offset {offset}\n")), "{rest}");

        server.always(Answer::status(201));
        assert_eq!(run(&mut emit(&server, &file, &["--offset", &offset])).code, Some(0));
        let arrived = bodies(&server);
        assert!(events(100).iter().all(|event| arrived.contains(event)));
        assert_eq!(arrived.len(), 100);
    }
}

#[test]
fn a_second_signal_stops_the_waiting() {
    for by in ["http", "async_http"] {
        let server = Server::start().unwrap();
        let (_folder, file, mut child) = emitting(by, &server, &[]);
        signal(&child, Signal::INT);
        let mut stderr = until(&mut child, "once more to stop at once");
        signal(&child, Signal::TERM);
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(finish(child).code, Some(130), "{rest}");
        assert!(rest.contains(&format!("go on with {} --offset 0\n", file.display())), "{rest}");
        assert!(rest.contains("0 delivered, 4 abandoned, "), "{rest}");
        assert!(rest.contains(" not tried in "), "{rest}");
        assert_eq!(server.requests().len(), 4);
    }
}

#[test]
fn a_signal_ends_the_wait_for_more_input() {
    let server = Server::start().unwrap();
    let mut child = emit(&server, Path::new("-"), &[]).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let first = event(1, 1, "START") + "\n";
    pipe.write_all(first.as_bytes()).unwrap();
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    signal(&child, Signal::TERM);
    let done = finish(child);
    assert_eq!(done.code, Some(143), "{}", done.stderr);
    assert!(done.says(&format!("go on with - --offset {}\n", first.len())), "{}", done.stderr);
}

#[test]
fn a_signal_that_is_ignored_stays_so() {
    let server = Server::start().unwrap();
    let mut command = shell(r#"trap "" HUP; exec "$OL" emit - --transport "$1""#);
    command.args(["sh", &http(&server)]).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for number in [1, 2] {
        pipe.write_all((event(1, number, "RUNNING") + "\n").as_bytes()).unwrap();
        assert_eq!(server.wait_for(number, LIMIT).len(), number);
        signal(&child, Signal::HUP);
    }
    drop(pipe);
    let done = finish(child);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

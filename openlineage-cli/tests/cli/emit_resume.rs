use std::fs;
use std::path::Path;
use std::time::Duration;

use openlineage_core::testkit::server::{Answer, Server};

use crate::common::{Form, LIMIT, bodies, emit, events, finish, run, run_with_input};

/// The `--offset` that it says to go on with.
fn offset(stderr: &str) -> String {
    let line = stderr.lines().find(|line| line.contains("go on with ")).unwrap_or_else(|| panic!("{stderr}"));
    line.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn nothing_gets_lost_between_a_dead_server_and_the_next_call() {
    for form in Form::ALL {
        let folder = tempfile::tempdir().unwrap();
        let (expected, text) = form.write(&events(200));
        let file = folder.path().join("events");
        fs::write(&file, text).unwrap();

        let dying = Server::start().unwrap();
        dying.script((0..60).map(|_| Answer::status(201)));
        dying.always(Answer::status(503));
        let done = run(&mut emit(&dying, &file, &["--give-up-after", "5"]));
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        assert!(done.says(" undelivered events in a row"), "{}", done.stderr);
        let mut arrived = bodies(&dying);
        arrived.truncate(60);

        let next = Server::start().unwrap();
        let done = run(&mut emit(&next, &file, &["--offset", &offset(&done.stderr)]));
        assert_eq!(done.code, Some(0), "{form:?} {}", done.stderr);
        let again = bodies(&next);
        assert!(again.len() < expected.len(), "{form:?}: all {} once more", again.len());
        arrived.extend(again);
        assert!(expected.iter().all(|event| arrived.contains(event)), "{form:?}");
    }
}

#[test]
fn it_stops_at_a_server_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (file, rest) = (folder.path().join("a b.ndjson"), folder.path().join("rest.ndjson"));
    fs::write(&file, Form::Lines.write(&events(1000)).1).unwrap();
    fs::write(&rest, "").unwrap();
    let gone = Server::start().unwrap();
    let mut command = emit(&gone, &file, &["--give-up-after", "5"]);
    drop(gone);
    let done = run(command.arg(&rest));
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says(&format!("go on with {} {} --offset 0\n", file.display(), rest.display())), "{}", done.stderr);
    assert!(done.stderr.matches("not delivered: ").count() < 40, "{}", done.stderr);
}

#[test]
fn an_answer_that_comes_after_giving_up_does_not_hide_the_others() {
    let (folder, server, all) = (tempfile::tempdir().unwrap(), Server::start().unwrap(), events(40));
    let file = folder.path().join("events");
    fs::write(&file, Form::Lines.write(&all).1).unwrap();
    server.script([Answer::hang()]);
    server.always(Answer::status(503));
    let child = emit(&server, &file, &["--give-up-after", "5", "--concurrency", "6"]).spawn().unwrap();
    // The hanging one keeps its slot, so that giving up is over by then.
    assert!(server.wait_for(6, LIMIT).len() >= 6);
    let before_release = server.wait_for(41, Duration::from_millis(500)).len();
    assert!(before_release < 20, "{before_release}");
    server.release();
    let done = finish(child);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let (delivered, next) = (bodies(&server).swap_remove(0), Server::start().unwrap());
    let done = run(&mut emit(&next, &file, &["--offset", &offset(&done.stderr)]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let mut arrived = bodies(&next);
    arrived.push(delivered);
    assert!(all.iter().all(|event| arrived.contains(event)));
}

#[test]
fn standard_input_can_be_gone_on_with_too() {
    for form in Form::ALL {
        let (server, (all, text)) = (Server::start().unwrap(), form.write(&events(4)));
        let offset = text.find(&all[2]).unwrap().to_string();
        let done = run_with_input(&mut emit(&server, Path::new("-"), &["--offset", &offset]), text.as_bytes());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert_eq!(crate::common::sorted(bodies(&server)), &all[2..], "{form:?}");
    }
    let server = Server::start().unwrap();
    let done = run_with_input(&mut emit(&server, Path::new("-"), &["--offset", "9"]), b"{}");
    assert_eq!(done.code, Some(1));
    assert!(done.says("-: the rest cannot be read: --offset 9 is beyond its end, it has 2 bytes"), "{}", done.stderr);
}

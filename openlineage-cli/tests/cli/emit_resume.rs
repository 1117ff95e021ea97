use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::Value;

use crate::common::{Form, LIMIT, bodies, emit, events, finish, run, run_with_input, sorted};

/// The `--offset` that it says to go on with.
fn offset(stderr: &str) -> String {
    let line = stderr.lines().find(|line| line.contains("go on with ")).unwrap_or_else(|| panic!("{stderr}"));
    line.rsplit(' ').next().unwrap().to_owned()
}

/// The events among these lines or bodies, by their number.
fn numbers<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<u64> {
    let number = |text| serde_json::from_str::<Value>(text).unwrap()["number"].as_u64().unwrap();
    texts.into_iter().map(number).collect()
}

/// Emits a file to a server that fails, and then again from where that gave up. Returns what arrived with success in the
/// first call, and what arrived in the second.
fn give_up_and_go_on(failing: &Server, file: &Path, act: impl FnOnce()) -> [BTreeSet<u64>; 2] {
    let rejected = file.with_extension("rejected");
    let args = ["--give-up-after", "5", "--concurrency", "6", "--rejected", rejected.to_str().unwrap()];
    let child = emit(failing, file, &args).spawn().unwrap();
    act();
    let done = finish(child);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.says(" undelivered events in a row"), "{}", done.stderr);
    let tried = numbers(bodies(failing).iter().map(String::as_str));
    let failed = numbers(fs::read_to_string(rejected).unwrap().lines());

    let next = Server::start().unwrap();
    let done = run(&mut emit(&next, file, &["--offset", &offset(&done.stderr)]));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let after = numbers(bodies(&next).iter().map(String::as_str));
    // It does not go back further than it has to.
    assert!(after.first() >= failed.first(), "{after:?} {failed:?}");
    [&tried - &failed, after]
}

#[test]
fn nothing_gets_lost_between_a_dead_server_and_the_next_call() {
    for form in Form::ALL {
        let (folder, dying) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
        let file = folder.path().join("events");
        fs::write(&file, form.write(&events(200)).1).unwrap();
        dying.script((0..60).map(|_| Answer::status(201)));
        dying.always(Answer::status(503));
        let [before, after] = give_up_and_go_on(&dying, &file, || {});
        assert_eq!(before.len(), 60, "{form:?}");
        assert_eq!(&before | &after, (0..200).collect(), "{form:?}");
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
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let file = folder.path().join("events");
    fs::write(&file, Form::Lines.write(&events(40)).1).unwrap();
    server.script([Answer::hang()]);
    server.always(Answer::status(503));
    let [before, after] = give_up_and_go_on(&server, &file, || {
        assert!(server.wait_for(6, LIMIT).len() >= 6);
        // It has given up long before this; the hanging one is still under way.
        assert!(server.wait_for(41, Duration::from_millis(500)).len() < 20);
        server.release();
    });
    assert_eq!(before.len(), 1);
    assert_eq!(&before | &after, (0..40).collect());
}

#[test]
fn standard_input_can_be_gone_on_with_too() {
    for form in Form::ALL {
        let (server, (all, text)) = (Server::start().unwrap(), form.write(&events(4)));
        let offset = text.find(&all[2]).unwrap().to_string();
        let done = run_with_input(&mut emit(&server, Path::new("-"), &["--offset", &offset]), text.as_bytes());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert_eq!(sorted(bodies(&server)), &all[2..], "{form:?}");
    }
    let server = Server::start().unwrap();
    let done = run_with_input(&mut emit(&server, Path::new("-"), &["--offset", "9"]), b"{}");
    assert_eq!(done.code, Some(1));
    assert!(done.says("-: the rest cannot be read: --offset 9 is beyond its end, it has 2 bytes"), "{}", done.stderr);
}

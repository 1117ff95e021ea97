use std::fs;

use openlineage_core::testkit::server::Server;

use crate::common::{bodies, emit, event, events, run, sorted};

/// Emits a file of this text, expecting exit code 1. Returns stderr, the bodies that arrived and what was rejected.
fn damaged(text: &[u8], args: &[&str]) -> (String, Vec<String>, Vec<u8>) {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let (file, rejected) = (folder.path().join("in.ndjson"), folder.path().join("rejected"));
    fs::write(&file, text).unwrap();
    let done = run(emit(&server, &file, args).arg("--rejected").arg(&rejected));
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    (done.stderr, sorted(bodies(&server)), fs::read(rejected).unwrap())
}

#[test]
fn a_bad_line_is_named_and_kept_and_stops_nothing() {
    let good = events(3);
    let bad: &[u8] = b"{\"run\": \xff\xfe nonsense";
    let text = [good[0].as_bytes(), b"\n", bad, b"\n", good[1].as_bytes(), b"\n[1, 2]\n", good[2].as_bytes()].concat();
    let (stderr, arrived, rejected) = damaged(&text, &[]);
    assert_eq!(arrived, good);
    assert!(stderr.contains("in.ndjson:2: no event: "), "{stderr}");
    assert!(stderr.contains("in.ndjson:4: no event: "), "{stderr}");
    assert!(stderr.contains("3 delivered, 2 no event in "), "{stderr}");
    assert_eq!(rejected, [bad, b"\n[1, 2]\n"].concat());
}

#[test]
fn a_first_line_that_is_cut_off_does_not_take_the_next_ones_with_it() {
    let good = events(2);
    for beginning in [r#"{"eventType":"STA"#, r#"{"eventType":"START","run":{"#, r#"RT","run":{}}"#] {
        let (stderr, arrived, rejected) = damaged(format!("{beginning}\n{}\n{}\n", good[0], good[1]).as_bytes(), &[]);
        assert_eq!(arrived, good, "{stderr}");
        assert!(stderr.contains("in.ndjson:1: no event: "), "{stderr}");
        assert_eq!(rejected, format!("{beginning}\n").as_bytes());
    }
}

#[test]
fn a_bad_element_of_an_array_is_named_by_its_line() {
    let good = events(2);
    let (stderr, arrived, rejected) = damaged(format!("[{},\n7,\n{}]", good[0], good[1]).as_bytes(), &[]);
    assert_eq!(arrived, good);
    assert!(stderr.contains("in.ndjson:2: no event: "), "{stderr}");
    assert_eq!(rejected, b"7\n");
}

#[test]
fn an_array_that_is_cut_off_is_no_success() {
    let good = events(2);
    let (stderr, arrived, rejected) = damaged(format!("[{},\n{},", good[0], good[1]).as_bytes(), &[]);
    assert_eq!(arrived, good);
    assert!(stderr.contains("in.ndjson: the rest cannot be read: the array does not end"), "{stderr}");
    assert!(rejected.is_empty());
}

#[test]
fn a_line_break_is_of_any_kind_and_may_miss_or_repeat() {
    let good = events(4);
    let text = format!("\n\r\n  {}\r\n\r\n{}\n\n\t{}  \n{}", good[0], good[1], good[2], good[3]);
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let file = folder.path().join("in.ndjson");
    fs::write(&file, text).unwrap();
    let done = run(&mut emit(&server, &file, &[]));
    assert_eq!((done.code, sorted(bodies(&server))), (Some(0), good));
}

#[test]
fn an_event_beyond_the_limit_is_named_and_its_beginning_kept() {
    let fits = event(1, 1, "START");
    let large = fits.replace("\"name\":\"job\"", "\"name\":\"job of more letters\"");
    let limit = fits.len().to_string();
    let text = format!("{fits}\n{large}\n{fits}\n");
    let (stderr, arrived, rejected) = damaged(text.as_bytes(), &["--max-event-bytes", &limit]);
    assert_eq!(arrived, [fits.clone(), fits.clone()]);
    assert!(stderr.contains("in.ndjson:2: no event: larger than --max-event-bytes; its first "), "{stderr}");
    assert_eq!(rejected, [&large.as_bytes()[..fits.len()], b"\n"].concat());
}

#[test]
fn an_undelivered_event_is_kept_too() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().unwrap());
    let (file, rejected) = (folder.path().join("in.ndjson"), folder.path().join("rejected"));
    server.always(openlineage_core::testkit::server::Answer::status(422));
    let lost = event(1, 1, "START");
    fs::write(&file, &lost).unwrap();
    let done = run(emit(&server, &file, &[]).arg("--rejected").arg(&rejected));
    assert_eq!((done.code, fs::read_to_string(rejected).unwrap()), (Some(1), lost + "\n"));
}

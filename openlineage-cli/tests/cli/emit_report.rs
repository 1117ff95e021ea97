use std::path::Path;
use std::time::{Duration, Instant};

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::json;

use crate::common::{Form, bodies, emit, event, events, openlineage, run_with_input};

#[test]
fn an_event_that_the_server_refuses_is_named_and_the_others_go_on() {
    let (server, all) = (Server::start().unwrap(), events(3));
    server.script([Answer::status(201), Answer::status(422).body("job.name is missing")]);
    let (_, text) = Form::Lines.write(&all);
    let done = run_with_input(&mut emit(&server, Path::new("-"), &["--concurrency", "1"]), text.as_bytes());
    assert_eq!((done.code, bodies(&server)), (Some(1), all));
    assert!(done.says("-:2: not delivered: "), "{}", done.stderr);
    assert!(done.says("422"), "{}", done.stderr);
    assert!(done.says("2 delivered, 1 failed in "), "{}", done.stderr);
    assert!(!done.says("go on with"), "{}", done.stderr);
}

#[test]
fn only_the_first_of_many_undelivered_events_are_named() {
    let server = Server::start().unwrap();
    server.always(Answer::status(422));
    let (_, text) = Form::Lines.write(&events(50));
    let done = run_with_input(&mut emit(&server, Path::new("-"), &[]), text.as_bytes());
    assert_eq!(done.stderr.matches("not delivered: ").count(), 20, "{}", done.stderr);
    assert_eq!(done.stderr.matches("they are counted, not named").count(), 1, "{}", done.stderr);
    assert!(done.says("0 delivered, 50 failed in "), "{}", done.stderr);
}

#[test]
fn a_server_that_is_busy_for_a_moment_costs_nothing() {
    let (server, all) = (Server::start().unwrap(), events(1));
    server.script([Answer::status(503)]);
    let transport = json!({"type": "http", "url": server.url(), "retry": {"backoff_factor": 0}}).to_string();
    let done = run_with_input(&mut openlineage(&["emit", "-", "--transport", &transport]), all[0].as_bytes());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(bodies(&server), [all[0].clone(), all[0].clone()]);
}

#[test]
fn a_server_that_says_nothing_is_waited_for_no_longer_than_asked() {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let (began, (_, text)) = (Instant::now(), Form::Lines.write(&events(5)));
    let done = run_with_input(&mut emit(&server, Path::new("-"), &["--timeout", "1"]), text.as_bytes());
    let took = began.elapsed();
    assert_eq!(done.code, Some(1));
    assert!(done.says("-:5: not delivered: "), "{}", done.stderr);
    // Less than any time limit that holds without being asked for.
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn the_report_for_programs_adds_up() {
    let server = Server::start().unwrap();
    server.script([Answer::status(201), Answer::status(422)]);
    let text = events(4).join("\n") + "\nnonsense\n";
    let args = ["--format", "json", "--concurrency", "1"];
    let done = run_with_input(&mut emit(&server, Path::new("-"), &args), text.as_bytes());
    let report = done.json();
    let counts = ["delivered", "failed", "abandoned", "refused", "not_tried", "skipped", "bad"];
    assert_eq!(counts.map(|name| report[name].as_u64().unwrap()), [3, 1, 0, 0, 0, 0, 1]);
    assert!(report["seconds"].as_f64().unwrap() > 0.0);
    assert!(report["again_from"].is_null());
    assert_eq!(done.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[test]
fn events_on_stdout_have_it_to_themselves() {
    let text = event(1, 1, "START") + "\n" + &event(1, 2, "COMPLETE") + "\n";
    let done = run_with_input(&mut openlineage(&["emit", "-", "--format", "json"]), text.as_bytes());
    assert_eq!((done.code, String::from_utf8(done.stdout).unwrap()), (Some(0), text));
    assert!(done.stderr.contains("no transport is configured, events go to the console (stdout)"), "{}", done.stderr);
    assert!(done.stderr.contains(r#""delivered":2"#), "{}", done.stderr);
}

#[test]
fn verbose_says_more_on_stderr_only() {
    let lines = |flag: Option<&str>| {
        let server = Server::start().unwrap();
        let args: Vec<&str> = flag.into_iter().collect();
        let done = run_with_input(&mut emit(&server, Path::new("-"), &args), events(1).concat().as_bytes());
        assert_eq!((done.code, done.stdout.as_slice()), (Some(0), b"".as_slice()));
        done.stderr.lines().count()
    };
    assert_eq!(lines(None), 1);
    assert!(lines(Some("-vvv")) > 1);
}

#[test]
fn each_leg_of_a_composite_has_counts_of_its_own() {
    let (good, bad) = (Server::start().unwrap(), Server::start().unwrap());
    bad.always(Answer::status(422));
    let transport = json!({"type": "composite", "transports": {
        "good": {"type": "http", "url": good.url()}, "bad": {"type": "http", "url": bad.url()}}});
    let (_, text) = Form::Lines.write(&events(3));
    let emit = |args: &[&str]| {
        let transport = transport.to_string();
        let all = [&["emit", "-", "--transport", &transport], args].concat();
        run_with_input(&mut openlineage(&all), text.as_bytes())
    };
    let done = emit(&[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.says("3 delivered in ") && done.says("  good: 3 delivered"), "{}", done.stderr);
    assert!(done.says("  bad: 0 delivered, 3 failed"), "{}", done.stderr);
    let report: serde_json::Value = serde_json::from_str(&emit(&["--format", "json"]).text()).unwrap();
    let bad = report["legs"].as_array().unwrap().iter().find(|leg| leg["leg"] == "bad").unwrap();
    assert_eq!((&bad["delivered"], &bad["failed"]), (&json!(0), &json!(3)));
}

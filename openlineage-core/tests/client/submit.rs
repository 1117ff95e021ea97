use std::error::Error;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use openlineage_core::client::Client;
use openlineage_core::config::{Environment, Loader, Registry};
use openlineage_core::engine::Queued;
use openlineage_core::error::{Disposition, EmitError, EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Fate, FlushReport, State, Stats};
use openlineage_core::model::{JobRef, RunEvent, RunId};
use openlineage_core::queue::{Limits, QueueStats};
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, Ticket, Transport, TransportInfo};
use serde_json::{Value, json};

use crate::case::{ACME, event, start};
use crate::deadlines::over;

const LIMIT: Duration = Duration::from_secs(10);
const SLACK: Duration = Duration::from_millis(250);

fn queueing(sink: &ScriptedSink, events: usize, environment: Environment) -> Client {
    let limits = Limits { events, ..Limits::default() };
    let transport = Queued::builder(TransportInfo::new("queueing"), sink.deliver("")).limits(limits).build();
    let settings = Loader::new(environment.clone()).load().unwrap().settings;
    let builder = Client::builder().transport(Arc::new(transport)).settings(settings);
    builder.environment(environment).build().unwrap()
}

fn ticket(outcome: Result<Ack, EmitError>) -> Ticket {
    match outcome.unwrap() {
        Ack::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn arrived(sink: &ScriptedSink, count: usize) -> Vec<Value> {
    assert!(sink.wait(&mut |log| log.attempts.len() >= count, LIMIT));
    sink.log().attempts.iter().map(|attempt| serde_json::from_slice(&attempt.body).unwrap()).collect()
}

#[test]
fn an_event_goes_the_whole_way_and_its_ticket_tells_how_it_ended() {
    let sink = ScriptedSink::new();
    let client = queueing(&sink, 10, Environment::of([("OPENLINEAGE__TAGS", r#"{"run":{"team":"data"}}"#)]));
    let ticket = ticket(client.submit(event()));
    let sent = arrived(&sink, 1).remove(0);
    let tags = sent["run"]["facets"]["tags"]["tags"].as_array().unwrap();
    assert!(tags.iter().any(|tag| tag["key"] == "team"), "{tags:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(ticket).unwrap().attempts, 1);
    assert!(client.blocking().close().unwrap().is_clean());
}

#[test]
fn it_may_be_called_where_waiting_would_be_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sink = ScriptedSink::new();
    let transport = Queued::builder(TransportInfo::new("queueing"), sink.deliver(""));
    let transport = transport.runtime(Runtime::on(runtime.handle().clone())).build();
    let client = Client::builder().transport(Arc::new(transport)).environment(Environment::default()).build().unwrap();
    runtime.block_on(async {
        assert!(ticket(client.blocking().submit(event())).await.is_ok());
        assert!(ticket(client.blocking().submit_encoded(event().encode().unwrap())).await.is_ok());
        assert!(client.close().await.is_clean());
    });
    assert_eq!(sink.log().attempts.len(), 2);
}

#[test]
fn without_room_it_is_refused_at_once() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let client = queueing(&sink, 2, Environment::default());
    let tickets = [(); 2].map(|()| ticket(client.submit(event())));
    let began = Instant::now();
    let refused = [client.submit(event()), client.submit_encoded(event().encode().unwrap())];
    assert!(began.elapsed() < SLACK, "{:?}", began.elapsed());
    for error in refused.map(Result::unwrap_err) {
        assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::QueueFull { capacity: 2 }, Fate::Refused));
        assert_eq!(error.disposition(), Disposition::Transient { after: None });
    }
    assert_eq!((client.stats().tally.accepted, client.stats().tally.refused), (2, 2));
    sink.script(&[], Answer::Accept);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for ticket in tickets {
        assert!(runtime.block_on(ticket).is_ok());
    }
    assert!(matches!(client.submit(event()), Ok(Ack::Queued(_))));
}

#[test]
fn without_a_queue_it_is_refused_and_nothing_starts() {
    let sink = ScriptedSink::new();
    let client = over(&sink, Runtime::shared());
    for error in [client.submit(event()), client.submit_encoded(event().encode().unwrap())].map(Result::unwrap_err) {
        assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::QueueFull { capacity: 0 }, Fate::Refused));
        assert_eq!((error.sent(), error.disposition()), (Sent::No, Disposition::Permanent));
        assert!(error.source().unwrap().to_string().contains("use emit"), "{error:?}");
    }
    assert_eq!((client.transport().state(), client.stats().tally.refused), (State::New, 0));
    assert!(sink.log().attempts.is_empty());
}

#[test]
fn what_is_left_out_is_skipped_and_closed_is_closed() {
    let filters = ("OPENLINEAGE__FILTERS", r#"[{"type":"exact","match":"noise"}]"#);
    let noise = || RunEvent::start(RunId::new(), JobRef::new("n", "noise"));
    let sink = ScriptedSink::new();
    let disabled = queueing(&sink, 10, Environment::of([("OPENLINEAGE_DISABLED", "true")]));
    assert!(matches!(disabled.submit(event()), Ok(Ack::Skipped(_))));
    assert!(matches!(disabled.submit_encoded(event().encode().unwrap()), Ok(Ack::Skipped(_))));
    let client = queueing(&sink, 10, Environment::of([filters]));
    assert!(matches!(client.submit(noise().build(&ACME)), Ok(Ack::Skipped(_))));
    assert!(matches!(client.submit_encoded(noise().build(&ACME).encode().unwrap()), Ok(Ack::Skipped(_))));
    drop(client.blocking().close().unwrap());
    assert_eq!(*client.submit(event()).unwrap_err().kind(), EmitErrorKind::Closed);
    assert!(sink.log().attempts.is_empty());
}

#[test]
fn a_noop_skips_it() {
    let settings = Loader::new(Environment::of([("OPENLINEAGE__TRANSPORT__TYPE", "noop")])).load().unwrap().settings;
    let client = Client::builder().settings(settings).registry(Registry::builtin()).build().unwrap();
    assert!(matches!(client.submit(event()), Ok(Ack::Skipped(_))));
}

#[test]
fn text_arrives_byte_for_byte() {
    let sink = ScriptedSink::new();
    let client = queueing(&sink, 10, Environment::of([("OPENLINEAGE__TAGS", r#"{"run":{"team":"data"}}"#)]));
    let text = r#"{ "run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}, "n": 1.50 }"#;
    drop(ticket(client.submit_encoded(EncodedEvent::from_json(text).unwrap())));
    assert!(sink.wait(&mut |log| log.attempts.len() == 1, LIMIT));
    assert_eq!(sink.log().attempts[0].body, text);
}

#[test]
fn events_of_a_run_arrive_in_the_order_of_the_calls() {
    let sink = ScriptedSink::new();
    let client = queueing(&sink, 1000, Environment::default());
    let run = RunId::new();
    for number in 0..100 {
        let event = RunEvent::running(run.clone(), JobRef::new("n", format!("{number}")));
        drop(ticket(client.submit(event.build(&ACME))));
    }
    let names: Vec<Value> = arrived(&sink, 100).iter().map(|event| event["job"]["name"].clone()).collect();
    assert_eq!(names, (0..100).map(|number| json!(number.to_string())).collect::<Vec<_>>());
}

fn working_copy() -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join(".git");
    fs::create_dir_all(git.join("refs")).unwrap();
    fs::write(git.join("config"), "[remote \"origin\"]\nurl = https://host/repo.git\n").unwrap();
    let on = ("OPENLINEAGE__FACETS__SOURCE_CODE_LOCATION__DISABLED", "false");
    let environment = Environment::of([on]).folder(folder.path());
    (folder, environment)
}

#[test]
fn the_source_code_location_is_looked_for_meanwhile() {
    let (folder, environment) = working_copy();
    fs::write(folder.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let sink = ScriptedSink::new();
    let client = queueing(&sink, 10, environment);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let began = Instant::now();
    loop {
        runtime.block_on(ticket(client.submit(event()))).unwrap();
        let last = arrived(&sink, 1).pop().unwrap();
        if last["job"]["facets"]["sourceCodeLocation"]["branch"] == "main" {
            break;
        }
        assert!(began.elapsed() < LIMIT, "{last}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_repository_that_cannot_be_read_holds_nothing_up() {
    let (folder, environment) = working_copy();
    let head = folder.path().join(".git/HEAD");
    // Reading it waits for a writer.
    assert!(Command::new("mkfifo").arg(&head).status().unwrap().success());
    let sink = ScriptedSink::new();
    let client = queueing(&sink, 10, environment);
    let began = Instant::now();
    drop(ticket(client.submit(start().build(&ACME))));
    assert!(began.elapsed() < SLACK, "{:?}", began.elapsed());
    assert_eq!(arrived(&sink, 1)[0]["job"].get("facets"), None);
    fs::write(head, "ref: refs/heads/main\n").unwrap();
}

/// Says that it queues and does not decide at once.
#[derive(Debug)]
struct Undecided(TransportInfo);

#[async_trait]
impl Transport for Undecided {
    fn info(&self) -> &TransportInfo {
        &self.0
    }

    fn state(&self) -> State {
        State::Active
    }

    fn stats(&self) -> Stats {
        Stats::default().with_queue(QueueStats::default(), 0)
    }

    async fn emit(&self, _event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        std::future::pending().await
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        FlushReport::new(true, 0)
    }

    async fn close(&self, _until: Deadline) -> CloseReport {
        std::future::pending().await
    }
}

#[test]
fn a_transport_that_does_not_decide_is_not_waited_for() {
    let transport = Arc::new(Undecided(TransportInfo::new("undecided")));
    let client = Client::builder().transport(transport).environment(Environment::default()).build().unwrap();
    let error = client.submit(event()).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.accepted()), (&EmitErrorKind::Timeout, Sent::Maybe, true));
}

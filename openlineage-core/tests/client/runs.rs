use std::fmt;

use openlineage_core::facets::{ErrorMessageRunFacet, ProcessingEngineRunFacet, SqlJobFacet};
use openlineage_core::model::{DEFAULT_PRODUCER, InputDataset, OutputDataset, RunId};
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use serde_json::{Value, json};

use crate::case::{ACME, with};
use crate::deadlines::over;

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["eventType"].as_str().unwrap()).collect()
}

#[test]
fn a_run_tells_its_start_and_its_end() {
    let (case, id) = (with([]), RunId::new());
    let mut run = case
        .client
        .run("warehouse", "daily")
        .id(id.clone())
        .producer(ACME)
        .input(InputDataset::new("db", "orders"))
        .run_facet(ProcessingEngineRunFacet::new("1"))
        .job_facet(SqlJobFacet::new("select 1"))
        .start()
        .wait();
    run.add_output(OutputDataset::new("db", "daily"));
    run.add_input(InputDataset::new("db", "clients"));
    run.add_run_facet(ProcessingEngineRunFacet::new("2"));
    run.add_job_facet(SqlJobFacet::new("select 2"));
    let _ack = run.complete().wait().unwrap();
    let events = case.all();
    assert_eq!(types(&events), ["START", "COMPLETE"]);
    for event in &events {
        assert_eq!(event["run"]["runId"], json!(id));
        assert_eq!(event["job"]["namespace"], "warehouse");
        assert_eq!(event["producer"], json!(ACME));
        assert_eq!(event["inputs"][0]["name"], "orders");
        assert_eq!(event["run"]["facets"].get("parent"), None);
    }
    assert_eq!(events[0].get("outputs"), None);
    assert_eq!(events[1]["outputs"][0]["name"], "daily");
    assert_eq!(events[1]["inputs"][1]["name"], "clients");
    assert_eq!(events[1]["run"]["facets"]["processing_engine"]["version"], "2");
    assert_eq!(events[1]["job"]["facets"]["sql"]["query"], "select 2");
}

#[test]
fn async_code_awaits_what_other_code_waits_for() {
    let case = with([]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let run = case.client.run("n", "j").start().await;
        let _ack = run.complete().await.unwrap();
        let _ack = case.client.run("n", "j").start().await.abort().await.unwrap();
    });
    assert_eq!(types(&case.all()), ["START", "COMPLETE", "START", "ABORT"]);
}

#[derive(Debug)]
struct Failure(&'static str, Option<Box<Self>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn a_failure_is_told_with_its_causes() {
    let case = with([]);
    let cause = Failure("disk is full", None);
    let middle = Failure("page 7: disk is full", Some(Box::new(cause)));
    let error = Failure("table was not written", Some(Box::new(middle)));
    let _ack = case.blocking().run("n", "j").start().wait().fail(&error).wait().unwrap();
    let events = case.memory.events();
    let event = events[1].decode().unwrap();
    let openlineage_core::model::Event::Run(event) = event else { panic!("no run event") };
    let facet = event.run.facets.get::<ErrorMessageRunFacet>().unwrap().unwrap();
    assert_eq!(facet.message, "table was not written: page 7: disk is full");
    assert_eq!(facet.programming_language, "RUST");
    assert_eq!(types(&case.all()), ["START", "FAIL"]);
}

#[test]
fn the_namespace_is_the_callers_the_environments_or_the_default() {
    let namespace = |case: crate::case::Case, namespace: Option<&str>| {
        drop(case.client.run(namespace, "j").start().wait().complete().wait());
        case.all()[0]["job"]["namespace"].clone()
    };
    let configured = || with([("OPENLINEAGE_NAMESPACE", "plant")]);
    assert_eq!(namespace(configured(), Some("own")), "own");
    assert_eq!(namespace(configured(), None), "plant");
    assert_eq!(namespace(with([]), None), "default");
}

#[test]
fn without_a_producer_it_is_this_library() {
    let case = with([]);
    drop(case.client.run("n", "j").start().wait().complete().wait());
    assert_eq!(case.all()[0]["producer"], json!(DEFAULT_PRODUCER));
}

/// Hosts must not die of lineage.
#[test]
fn a_start_that_is_refused_still_gives_a_run() {
    let sink = ScriptedSink::new();
    sink.script(&[Answer::Permanent], Answer::Accept);
    let client = over(&sink, Runtime::shared());
    let run = client.run("n", "j").start().wait();
    assert_eq!(run.start_error().unwrap().attempts(), 1);
    let _ack = run.complete().wait().unwrap();
    assert_eq!(client.blocking().close().unwrap().tally.delivered, 1);
}

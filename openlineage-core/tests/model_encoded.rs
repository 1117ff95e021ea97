//! Events on their way: text that passes through, and text that is made.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use openlineage_core::event::{EncodedEvent, EventKind};
use openlineage_core::facets::{JobTypeJobFacet, ParentJob, ParentRoot, ParentRun, ParentRunFacet, SqlJobFacet};
use openlineage_core::model::{
    DatasetEvent, Event, EventType, InputDataset, JobEvent, JobRef, OutputDataset, RunEvent, RunId, RunRef,
    StaticDataset, Timestamp, Uri,
};

const ACME: Uri = Uri::from_static("https://acme.example/1");
const RUN: &str = "0189637c-ac93-7913-8279-23a8b998f4ab";

#[test]
fn a_run_event_is_written_in_the_usual_order() {
    let mut event = RunEvent::fail(RunRef::new(run_id()), JobRef::new("ns", "j\"1\""))
        .at("2024-05-01T12:00:00Z")
        .job_facet(SqlJobFacet::new("a\nb"))
        .input(InputDataset::new("db", "in"))
        .output(OutputDataset::new("db", "out"))
        .build(&ACME);
    event.extra.insert("more", &1).unwrap();
    event.run.extra.insert("try", &2).unwrap();
    let expected = [
        r#"{"eventType":"FAIL","eventTime":"2024-05-01T12:00:00Z","run":{"runId":""#,
        RUN,
        r#"","try":2},"job":{"namespace":"ns","name":"j\"1\"","facets":{"sql":{"_producer":"https://acme.example/1","#,
        r#""_schemaURL":"https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet","#,
        r#""query":"a\nb"}}},"inputs":[{"namespace":"db","name":"in"}],"outputs":[{"namespace":"db","name":"out"}],"#,
        r#""producer":"https://acme.example/1","#,
        r#""schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","more":1}"#,
    ]
    .concat();
    let encoded = event.encode().unwrap();
    assert_eq!(encoded.bytes(), &expected);
    assert_eq!((encoded.event_type(), encoded.kind()), (Some(EventType::Fail), EventKind::Run));
    assert_eq!(encoded.job_name().unwrap(), "j\"1\"");
    assert_eq!(encoded.decode().unwrap().encode().unwrap().bytes(), encoded.bytes());
}

#[test]
fn job_and_dataset_events_name_their_schema() {
    let job = JobEvent::of(JobRef::new("ns", "j")).at("2024-05-01T12:00:00Z").build(&ACME);
    let dataset = DatasetEvent::of(StaticDataset::new("db", "d")).at("2024-05-01T12:00:00Z").build(&ACME);
    assert!(job.schema_url.as_str().ends_with("#/$defs/JobEvent"));
    assert!(dataset.schema_url.as_str().ends_with("#/$defs/DatasetEvent"));

    let (job, dataset) = (job.encode().unwrap(), dataset.encode().unwrap());
    assert_eq!((job.kind(), job.job_name().as_deref(), job.run_id()), (EventKind::Job, Some("j"), None));
    assert_eq!((dataset.kind(), dataset.job_name()), (EventKind::Dataset, None));
    assert_eq!((dataset.dataset_namespace().as_deref(), dataset.dataset_name().as_deref()), (Some("db"), Some("d")));
    assert!(matches!((job.decode().unwrap(), dataset.decode().unwrap()), (Event::Job(_), Event::Dataset(_))));
}

#[test]
fn each_beginning_gives_its_event_type() {
    let begin =
        [RunEvent::start, RunEvent::running, RunEvent::complete, RunEvent::abort, RunEvent::fail, RunEvent::other];
    let names = ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"];
    for (begin, name) in begin.into_iter().zip(names) {
        let event = begin(RunRef::new(RunId::new()), JobRef::new("ns", "j")).build(&ACME);
        assert_eq!(event.event_type, EventType::from_text(name));
        assert!(event.event_time.has_offset(), "stamped with the time of the system");
        assert_eq!(event.encode().unwrap().event_type().unwrap().as_str(), name);
    }
}

#[test]
fn text_passes_through_byte_for_byte() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let number = "3.141592653589793238462643383279";
    let text = format!(
        " {{ \"run\":{{\"runId\":\"NOT-a-uuid\",\"facets\":{{\"plan\":{deep},\"\\ud800\":\"\\udc00\"}}}},\r\n\t\"job\":{{\"name\":\"\\ud83d\\ude00 \\ud800\",\"namespace\":\"n\"}},\"x\":{number},\"eventType\":\"BEGIN\" }} \n"
    );
    let event = EncodedEvent::from_json(text.clone()).unwrap();
    assert_eq!(event.bytes(), &text);
    assert_eq!(event.len(), text.len());
    assert_eq!((event.kind(), event.event_type(), event.event_time()), (EventKind::Run, None, None));
    assert_eq!(event.run_id().unwrap(), "NOT-a-uuid");
    assert!(event.job_name().unwrap().starts_with("😀 \u{fffd}"));
    assert_eq!(event.parent_job(), None);
}

#[test]
fn a_typed_event_keeps_depth_lone_surrogates_and_spellings_too() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let text = format!(
        r#"{{"eventTime":"2024-05-01","job":{{"namespace":"n","name":"j","facets":{{"plan":{{"tree":{deep},"s":"\ud800"}}}}}},"producer":"http://123","schemaURL":"x","more":1.10}}"#
    );
    assert_eq!(Event::from_json(text.as_bytes()).unwrap().encode().unwrap().bytes(), &text);

    let upper = format!(
        r#"{{"eventTime":"t","run":{{"runId":"{}"}},"job":{{"namespace":"n","name":"j"}},"producer":"","schemaURL":""}}"#,
        RUN.to_uppercase()
    );
    let event = RunEvent::from_json(upper.as_bytes()).unwrap();
    assert_eq!(event.run.run_id, run_id());
    assert_eq!(event.encode().unwrap().bytes(), &upper);
}

#[test]
fn the_kind_is_told_by_structure() {
    let kind = |text: &'static str| EncodedEvent::from_json(text).ok().map(|event| event.kind());
    assert_eq!(kind("{}"), None);
    assert_eq!(kind(r#"{"run":{}}"#), None);
    assert_eq!(kind(r#"{"job":{}}"#), Some(EventKind::Job));
    assert_eq!(kind(r#"{"run":{},"job":{}}"#), Some(EventKind::Run));
    assert_eq!(kind(r#"{"dataset":{}}"#), Some(EventKind::Dataset));
    assert_eq!(kind(r#"{"run":{},"dataset":{}}"#), Some(EventKind::Dataset));
    assert_eq!(kind(r#"{"run":{},"job":{},"dataset":{},"schemaURL":"x#/$defs/DatasetEvent"}"#), Some(EventKind::Run));
    assert_eq!(kind(r#"{"job":{},"dataset":{},"schemaURL":"x#/$defs/DatasetEvent"}"#), Some(EventKind::Dataset));
    assert_eq!(kind(r#"{"job":{},"dataset":{},"schemaURL":"x#/$defs/JobEvent"}"#), Some(EventKind::Job));
    assert_eq!(kind(r#"{"job":{},"dataset":{}}"#), Some(EventKind::Job));
    assert_eq!(kind(r#"{"run":null,"job":{},"schemaURL":"x#/$defs/RunEvent"}"#), Some(EventKind::Job));
}

#[test]
fn of_a_repeated_key_the_last_counts_in_text() {
    let event =
        EncodedEvent::from_json(r#"{"job":{"name":"a","namespace":"n"},"job":{"name":"b","name":"c"}}"#).unwrap();
    assert_eq!((event.job_name().as_deref(), event.job_namespace()), (Some("c"), None));
}

#[test]
fn parent_root_and_job_type_are_found_in_either_path() {
    let parent = ParentRunFacet::new(ParentRun::new(run_id()), ParentJob::new("airflow", "dag.\"task\""))
        .with_root(ParentRoot::new(ParentRun::new(run_id()), ParentJob::new("airflow", "dag")));
    let typed = RunEvent::start(RunRef::new(run_id()), JobRef::new("ns", "j"))
        .run_facet(parent)
        .job_facet(JobTypeJobFacet::new("BATCH", "AIRFLOW").with_job_type("TASK"))
        .build(&ACME)
        .encode()
        .unwrap();
    let spaced = serde_json::from_slice::<serde_json::Value>(typed.bytes()).unwrap();
    let raw = EncodedEvent::from_json(serde_json::to_string_pretty(&spaced).unwrap()).unwrap();
    for event in [&typed, &raw] {
        let (parent, root) = (event.parent_job().unwrap(), event.root_parent_job().unwrap());
        assert_eq!((&*parent.namespace, &*parent.name), ("airflow", "dag.\"task\""));
        assert_eq!((&*root.namespace, &*root.name), ("airflow", "dag"));
        let job_type = event.job_type().unwrap();
        assert_eq!((&*job_type.integration, job_type.job_type.as_deref()), ("AIRFLOW", Some("TASK")));
    }
}

#[test]
fn an_event_without_these_facets_has_none_of_their_answers() {
    let text =
        r#"{"run":{"facets":{"parent":{"job":{"namespace":"n"}}}},"job":{"facets":{"jobType":{"_deleted":true}}}}"#;
    let event = EncodedEvent::from_json(text).unwrap();
    assert_eq!((event.parent_job(), event.root_parent_job(), event.job_type()), (None, None, None));
    let older = r#"{"run":{"facets":{"parentRun":{"job":{"namespace":"n","name":"p"}}}},"job":{}}"#;
    assert_eq!(EncodedEvent::from_json(older).unwrap().parent_job(), None, "other clients route by `parent` alone");
}

#[test]
fn debug_shows_the_head_and_not_the_body() {
    let event = RunEvent::start(RunRef::new(run_id()), JobRef::new("ns", "secret")).build(&ACME).encode().unwrap();
    let shown = format!("{event:?}");
    assert!(shown.contains("Run") && shown.contains("Start") && shown.contains(RUN));
    assert!(!shown.contains("secret") && !shown.contains("acme"));
}

#[test]
fn clones_share_the_text() {
    let event = EncodedEvent::from_json(r#"{"job":{}}"#).unwrap();
    let text = event.bytes().as_ptr();
    assert_eq!(event.clone().bytes().as_ptr(), text);
}

#[test]
fn time_of_the_system_is_utc_with_microseconds() {
    let now = Timestamp::now();
    assert_eq!((now.as_str().len(), now.as_str().ends_with('Z')), ("2024-05-01T12:00:00.123456Z".len(), true));
}

fn run_id() -> RunId {
    RUN.parse().unwrap()
}

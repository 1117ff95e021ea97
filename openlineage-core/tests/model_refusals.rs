//! What is refused, and whether the error names the place.

use openlineage_core::event::EncodedEvent;
use openlineage_core::facets::{JobTypeJobFacet, ParentRunFacet, SchemaDatasetFacet, SqlJobFacet};
use openlineage_core::model::{DatasetEvent, DatasetPlace, Event, Facets, JobPlace, ModelError, RunEvent, RunPlace};
use serde_json::{Value, json};

#[test]
fn a_fault_in_an_event_is_named_by_its_place() {
    let cases = [
        ("/run/runId", json!(null), "/run/runId", "invalid type: null, expected a string"),
        ("/run/runId", json!("42"), "/run/runId", "run id is not a UUID"),
        ("/eventType", json!("BEGIN"), "/eventType", "unknown variant `BEGIN`, expected one of `START`"),
        ("/inputs/1/name", json!(5), "/inputs/1/name", "invalid type: integer `5`, expected a string"),
        ("/inputs", json!({}), "/inputs", "invalid type: map, expected an array"),
        ("/outputs/0/outputFacets", json!([]), "/outputs/0/outputFacets", "expected an object of facets"),
        ("/job/facets", json!(1), "/job/facets", "expected an object of facets"),
        ("/eventTime", json!(0), "/eventTime", "expected a string"),
    ];
    for (place, wrong, pointer, message) in cases {
        let mut event = run_event();
        *event.pointer_mut(place).unwrap() = wrong;
        let error = read(&event).unwrap_err();
        assert_eq!(error.pointer(), pointer);
        assert!(error.message().contains(message), "{error}");
    }
}

#[test]
fn a_missing_field_is_named_at_the_object_that_lacks_it() {
    for (object, field) in
        [("/run", "runId"), ("/job", "name"), ("", "eventTime"), ("", "producer"), ("/inputs/1", "namespace")]
    {
        let mut event = run_event();
        event.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
        let error = read(&event).unwrap_err();
        assert_eq!((error.pointer(), error.message()), (object, format!("missing field `{field}`").as_str()));
    }
}

#[test]
fn line_and_column_point_into_the_text() {
    let text = "{\"job\":{\"name\":\"j\",\n \"namespace\": 7}}";
    let error = Event::from_json(text.as_bytes()).unwrap_err();
    assert_eq!((error.pointer(), error.line(), error.column()), ("/job/namespace", Some(2), Some(15)));
    let shown = "/job/namespace: invalid type: integer `7`, expected a string, at line 2 column 15";
    assert_eq!(error.to_string(), shown);
}

#[test]
fn a_repeated_field_is_refused() {
    let text =
        serde_json::to_string(&run_event()).unwrap().replacen('{', "{\"eventTime\":\"2024-05-01T00:00:00Z\",", 1);
    let error = Event::from_json(text.as_bytes()).unwrap_err();
    assert_eq!((error.pointer(), error.message()), ("/eventTime", "the field stands twice"));
}

#[test]
fn a_bad_facet_fails_alone_and_only_where_it_is_read() {
    let mut event = run_event();
    event["job"]["facets"] =
        json!({ "sql": { "query": 1 }, "jobType": { "processingType": "BATCH", "integration": "X" } });
    let event = RunEvent::from_json(event.to_string().as_bytes()).unwrap();
    let error = event.job.facets.get::<SqlJobFacet>().unwrap_err();
    assert_eq!((error.pointer(), error.line()), ("/sql/query", None));
    assert_eq!(event.job.facets.get::<JobTypeJobFacet>().unwrap().unwrap().integration, "X");
}

#[test]
fn a_fault_deep_in_a_facet_is_named_by_its_place() {
    let schema: Facets<DatasetPlace> =
        serde_json::from_str(r#"{"schema":{"fields":[{"name":"a"},{"name":"b","fields":[{"name":null}]}]}}"#).unwrap();
    assert_eq!(schema.get::<SchemaDatasetFacet>().unwrap_err().pointer(), "/schema/fields/1/fields/0/name");

    let parent: Facets<RunPlace> = serde_json::from_str(r#"{"parent":{"run":{"runId":"x"},"job":{}}}"#).unwrap();
    assert_eq!(parent.get::<ParentRunFacet>().unwrap_err().pointer(), "/parent/run/runId");

    let job: Facets<JobPlace> = serde_json::from_str(r#"{"jobType":5}"#).unwrap();
    assert_eq!(job.get::<JobTypeJobFacet>().unwrap_err().pointer(), "/jobType");
}

#[test]
fn an_earlier_fault_leaves_no_trace_in_the_next_pointer() {
    let mut event = run_event();
    event["inputs"][1]["name"] = json!(5);
    // Serde alone gathers a pointer too, and nobody takes it.
    serde_json::from_value::<RunEvent>(event.clone()).unwrap_err();
    event["inputs"][1]["name"] = json!("b");
    event["eventTime"] = json!(1);
    assert_eq!(read(&event).unwrap_err().pointer(), "/eventTime");
    assert_eq!(EncodedEvent::from_json("{").unwrap_err().pointer(), "");
}

#[test]
fn what_is_not_one_json_object_is_refused() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "EOF while parsing a value"),
        (b"[]", "invalid type: sequence, expected a JSON object"),
        (b"\"job\"", "expected a JSON object"),
        (b"{\"job\":{}} {}", "trailing characters"),
        (b"{\"job\":{}", "EOF while parsing an object"),
        (b"{\"job\":{\"a\":01}}", "invalid number"),
        (b"\xef\xbb\xbf{\"job\":{}}", "expected value"),
        (b"{\"job\":{\"a\":\"\xff\"}}", "the text is not UTF-8 at byte 13"),
    ];
    for (text, message) in cases {
        for error in [EncodedEvent::from_json(text).unwrap_err(), Event::from_json(text).unwrap_err()] {
            assert!(error.message().contains(message), "{error} for {}", text.escape_ascii());
        }
    }
}

#[test]
fn an_object_of_no_kind_is_refused_with_what_is_missing() {
    let error = |text: &'static str| EncodedEvent::from_json(text).unwrap_err().to_string();
    assert_eq!(error(r#"{"run":{}}"#), "the run event has no object `job`");
    assert_eq!(error("{}"), "the event has none of the objects `run` with `job`, `job`, and `dataset`");
    assert_eq!(error(r#"{"job":5}"#), error("{}"), "a job is an object");
    assert_eq!(error(r#"{"dataset":null}"#), error("{}"), "null reads as absent");
}

#[test]
fn an_event_of_one_kind_is_not_read_as_another() {
    let error = DatasetEvent::from_json(run_event().to_string().as_bytes()).unwrap_err();
    assert_eq!(error.message(), "missing field `dataset`");
}

fn read(event: &Value) -> Result<Event, ModelError> {
    Event::from_json(event.to_string().as_bytes())
}

fn run_event() -> Value {
    json!({
        "eventType": "START",
        "eventTime": "2024-05-01T12:00:00Z",
        "run": { "runId": "0189637c-ac93-7913-8279-23a8b998f4ab" },
        "job": { "namespace": "warehouse", "name": "daily", "facets": {} },
        "inputs": [{ "namespace": "db", "name": "a" }, { "namespace": "db", "name": "b" }],
        "outputs": [{ "namespace": "db", "name": "c", "outputFacets": {} }],
        "producer": "https://acme.example",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    })
}

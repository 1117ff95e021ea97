//! Facets put in, edited, deleted and of one's own making.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};

use openlineage_core::facets::{
    ParentJob, ParentRun, ParentRunFacet, ProcessingEngineRunFacet, SchemaDatasetFacet, SchemaField, SqlJobFacet,
};
use openlineage_core::model::{
    DatasetPlace, Facet, Facets, In, InputDataset, Integer, JobPlace, JobRef, Number, RunEvent, RunId, RunPlace,
    RunRef, Shared, Uri,
};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

const ACME: Uri = Uri::from_static("https://acme.example/1");
const OTHER: Uri = Uri::from_static("https://other.example/2");

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueDepth {
    lag: u64,
}

impl Facet for QueueDepth {
    const KEY: &'static str = "acme_queueDepth";
    const SCHEMA_URL: &'static str = "https://acme.example/1-0-0/AcmeQueueDepthRunFacet.json";
}

impl In<RunPlace> for QueueDepth {}
impl In<JobPlace> for QueueDepth {}

#[test]
fn a_facet_put_in_is_sent_under_the_events_producer_unless_it_has_its_own() {
    let mut run = RunRef::new(RunId::new()).with_facet(QueueDepth { lag: 3 });
    run.facets.insert_by(ProcessingEngineRunFacet::new("1"), &OTHER);
    let event = sent(&RunEvent::start(run, job()).build(&ACME));
    let expected = json!({
        "acme_queueDepth": { "_producer": ACME, "_schemaURL": QueueDepth::SCHEMA_URL, "lag": 3 },
        "processing_engine": { "_producer": OTHER, "_schemaURL": ProcessingEngineRunFacet::SCHEMA_URL, "version": "1" },
    });
    assert_eq!(event["run"]["facets"], expected);
}

#[test]
fn facets_inside_a_facet_are_sent_under_the_events_producer_too() {
    let mut parent = ParentRun::new(RunId::new());
    parent.facets.insert(QueueDepth { lag: 1 });
    let facet = ParentRunFacet::new(parent, ParentJob::new("ns", "parent"));
    let event = sent(&RunEvent::start(RunId::new(), job()).run_facet(facet).build(&ACME));
    let inner = &event["run"]["facets"]["parent"]["run"]["facets"]["acme_queueDepth"];
    assert_eq!(*inner, json!({ "_producer": ACME, "_schemaURL": QueueDepth::SCHEMA_URL, "lag": 1 }));
}

#[test]
fn a_custom_facet_does_not_see_the_fields_of_the_slot() {
    let text = r#"{"acme_queueDepth":{"_producer":"p","lag":7,"_schemaURL":"s","_deleted":false}}"#;
    let facets: Facets<JobPlace> = serde_json::from_str(text).unwrap();
    assert_eq!(*facets.get::<QueueDepth>().unwrap().unwrap(), QueueDepth { lag: 7 });
    assert_eq!(facets.producer("acme_queueDepth"), Some("p".into()));
    assert_eq!(facets.schema_url("acme_queueDepth"), Some("s".into()));
}

#[test]
fn an_edit_keeps_producer_schema_order_and_every_digit() {
    let text = r#"{"a":1.10,"sql":{"_producer":"p","_schemaURL":"https://x/1-0-0/S.json","query":"q","id":3776207205136740581,"d":0.123456789012345678901234567890},"z":{}}"#;
    let mut facets: Facets<JobPlace> = serde_json::from_str(text).unwrap();
    assert!(facets.edit::<SqlJobFacet>(|sql| sql.query.push('!')).unwrap());
    assert_eq!(serde_json::to_string(&facets).unwrap(), text.replace("\"q\"", "\"q!\""));
    assert_eq!(facets.get::<SqlJobFacet>().unwrap().unwrap().query, "q!");
    assert!(!facets.edit::<QueueDepth>(|_| ()).unwrap(), "nothing to edit");
}

#[test]
fn an_edit_leaves_copies_of_the_facet_alone() {
    let mut facets = Facets::<JobPlace>::new();
    facets.insert(SqlJobFacet::new("one"));
    let (copy, held) = (facets.clone(), facets.get::<SqlJobFacet>().unwrap().unwrap());
    assert!(facets.edit::<SqlJobFacet>(|sql| sql.query = "two".into()).unwrap());
    assert_eq!((held.query.as_str(), copy.get::<SqlJobFacet>().unwrap().unwrap().query.as_str()), ("one", "one"));
    assert_eq!(facets.get::<SqlJobFacet>().unwrap().unwrap().query, "two");
    assert_ne!(facets, copy);
}

#[test]
fn an_edit_refuses_another_major_version_and_changes_nothing() {
    let text = r#"{"sql":{"_producer":"p","_schemaURL":"https://x/2-0-0/S.json","query":"q"}}"#;
    let mut facets: Facets<JobPlace> = serde_json::from_str(text).unwrap();
    assert_eq!(facets.edit::<SqlJobFacet>(|sql| sql.query.clear()).unwrap_err().pointer(), "/sql/_schemaURL");
    assert_eq!(serde_json::to_string(&facets).unwrap(), text);
}

#[test]
fn of_a_repeated_key_both_stay_and_the_last_is_read() {
    let text = r#"{"sql":{"query":"first"},"b":2,"sql":{"query":"last"}}"#;
    let mut facets: Facets<JobPlace> = serde_json::from_str(text).unwrap();
    assert_eq!(facets.keys().collect::<Vec<_>>(), ["sql", "b", "sql"]);
    assert_eq!(facets.get::<SqlJobFacet>().unwrap().unwrap().query, "last");
    assert_eq!(serde_json::to_string(&facets).unwrap(), text);
    assert!(facets.remove("sql"));
    assert_eq!(facets.keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn an_older_key_is_read_and_kept() {
    let run = "0189637c-ac93-7913-8279-23a8b998f4ab";
    let text = json!({ "parentRun": { "_producer": "p", "_schemaURL": "s", "run": { "runId": run }, "job": { "namespace": "n", "name": "j" } } });
    let mut facets: Facets<RunPlace> = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(facets.get::<ParentRunFacet>().unwrap().unwrap().job.name, "j");
    assert!(facets.edit::<ParentRunFacet>(|_| ()).unwrap());
    assert_eq!(serde_json::to_value(&facets).unwrap(), text);
}

#[test]
fn a_tombstone_is_written_whole_and_reads_as_nothing() {
    let mut job = job().with_facet(SqlJobFacet::new("q"));
    job.facets.delete::<SqlJobFacet>();
    assert!(job.facets.is_deleted::<SqlJobFacet>() && !job.facets.is_deleted::<QueueDepth>());
    assert_eq!(job.facets.get::<SqlJobFacet>().unwrap(), None);

    let event = RunEvent::start(RunId::new(), job).build(&ACME).encode().unwrap();
    let came = RunEvent::from_json(event.bytes()).unwrap();
    let tombstone = json!({ "sql": { "_producer": ACME, "_schemaURL": SqlJobFacet::SCHEMA_URL, "_deleted": true } });
    assert_eq!(serde_json::to_value(&came.job.facets).unwrap(), tombstone);
    assert!(came.job.facets.is_deleted::<SqlJobFacet>());
    assert_eq!(came.job.facets.get::<SqlJobFacet>().unwrap(), None);
    assert_eq!(came.encode().unwrap().bytes(), event.bytes());
}

#[test]
fn a_shared_facet_stands_in_many_datasets_and_under_each_producer() {
    let schema = Shared::new(SchemaDatasetFacet::new().with_fields([SchemaField::new("id").with_type("INT")]));
    let datasets = (0..3).map(|part| {
        let mut dataset = InputDataset::new("lake", format!("part-{part}"));
        dataset.facets.insert_shared(&schema);
        dataset
    });
    let event = datasets.fold(RunEvent::start(RunId::new(), job()), |event, dataset| event.input(dataset));
    for producer in [ACME, OTHER, ACME] {
        let sent = sent(&event.clone().build(&producer));
        let facet = json!({ "_producer": producer, "_schemaURL": SchemaDatasetFacet::SCHEMA_URL, "fields": [{ "name": "id", "type": "INT" }] });
        assert!(sent["inputs"].as_array().unwrap().iter().all(|dataset| dataset["facets"]["schema"] == facet));
    }
    assert_eq!(schema.fields.as_ref().map(|fields| fields.len()), Some(1));
}

/// A facet that counts how often it is written.
#[derive(Deserialize)]
struct Counted {}

static WRITTEN: AtomicUsize = AtomicUsize::new(0);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.fetch_add(1, Ordering::Relaxed);
        json!({}).serialize(serializer)
    }
}

impl Facet for Counted {
    const KEY: &'static str = "acme_counted";
    const SCHEMA_URL: &'static str = "https://acme.example/1-0-0/Counted.json";
}

impl In<DatasetPlace> for Counted {}

#[test]
fn a_shared_facet_is_encoded_once() {
    let counted = Shared::new(Counted {});
    let mut event = RunEvent::start(RunId::new(), job());
    for part in 0..200 {
        let mut dataset = InputDataset::new("lake", format!("part-{part}"));
        dataset.facets.insert_shared(&counted);
        event = event.input(dataset);
    }
    let event = sent(&event.build(&ACME));
    let facet = json!({ "_producer": ACME, "_schemaURL": Counted::SCHEMA_URL });
    assert_eq!(event["inputs"][199]["facets"]["acme_counted"], facet);
    assert_eq!(WRITTEN.load(Ordering::Relaxed), 1);
}

#[test]
fn absent_and_empty_stay_apart() {
    for text in [
        r#"{"runId":"0189637c-ac93-7913-8279-23a8b998f4ab"}"#,
        r#"{"runId":"0189637c-ac93-7913-8279-23a8b998f4ab","facets":{}}"#,
    ] {
        let run: RunRef = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&run).unwrap(), text);
    }
}

#[test]
fn an_object_of_ones_own_keeps_unknown_fields_and_stands_in_two_places() {
    openlineage_core::object! {
        /// A budget.
        pub struct Budget {
            required {
                /// The most it may cost.
                limit: Number = "limit",
            }
        }
    }
    openlineage_core::facet! { Budget in JobPlace, DatasetPlace as "acme_budget" at "https://acme.example/1-0-0/B.json" }

    let text = r#"{"acme_budget":{"_producer":"p","_schemaURL":"s","limit":10.00,"unit":"EUR"}}"#;
    let mut facets: Facets<DatasetPlace> = serde_json::from_str(text).unwrap();
    assert_eq!(facets.get::<Budget>().unwrap().unwrap().limit.as_f64(), 10.0);
    assert!(facets.edit::<Budget>(|_| ()).unwrap());
    assert_eq!(serde_json::to_string(&facets).unwrap(), text);
    assert_eq!(Budget::new(5).limit.as_i64(), Some(5));
}

#[test]
fn a_whole_number_with_a_zero_fraction_is_an_integer() {
    let field =
        |text: &str| serde_json::from_str::<SchemaField>(text).map(|field| field.ordinal_position.map(Integer::get));
    assert_eq!(field(r#"{"name":"a","ordinal_position":2.0}"#).unwrap(), Some(2));
    assert_eq!(field(r#"{"name":"a","ordinal_position":null}"#).unwrap(), None);
    assert!(field(r#"{"name":"a","ordinal_position":2.5}"#).is_err());
    assert!(field(r#"{"name":"a","ordinal_position":"2"}"#).is_err());
    assert!(field(r#"{"name":"a","ordinal_position":1e300}"#).is_err());
}

/// A facet that encodes an event of its own, or fails to be one.
#[derive(Deserialize)]
struct Odd {
    works: bool,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = RunEvent::start(RunId::new(), job()).job_facet(SqlJobFacet::new("q")).build(&OTHER);
        let inner = inner.encode().map_err(S::Error::custom)?;
        if self.works {
            json!({ "inner": inner.len() }).serialize(serializer)
        } else {
            serializer.serialize_str("no object")
        }
    }
}

impl Facet for Odd {
    const KEY: &'static str = "acme_odd";
    const SCHEMA_URL: &'static str = "https://acme.example/1-0-0/Odd.json";
}

impl In<DatasetPlace> for Odd {}

#[test]
fn an_event_may_be_encoded_while_another_one_is() {
    let input = InputDataset::new("n", "odd").with_facet(Odd { works: true });
    let event = RunEvent::start(RunId::new(), job().with_facet(QueueDepth { lag: 1 })).input(input).build(&ACME);
    let event = sent(&event);
    assert!(event["inputs"][0]["facets"]["acme_odd"]["inner"].as_u64().unwrap() > 100);
    assert_eq!(event["job"]["facets"]["acme_queueDepth"]["_producer"], json!(ACME));
}

#[test]
fn a_facet_that_is_no_object_is_named_by_its_place() {
    let inputs = [InputDataset::new("n", "fine"), InputDataset::new("n", "odd").with_facet(Odd { works: false })];
    let event = inputs.into_iter().fold(RunEvent::start(RunId::new(), job()), |event, input| event.input(input));
    let error = event.build(&ACME).encode().unwrap_err();
    assert_eq!(error.to_string(), "/inputs/1/facets/acme_odd: a facet must serialise as a JSON object");
}

#[test]
fn debug_shows_keys_and_not_what_they_hold() {
    let facets = job().with_facet(SqlJobFacet::new("select secret"));
    assert!(format!("{facets:?}").contains("[\"sql\"]") && !format!("{facets:?}").contains("secret"));
}

fn job() -> JobRef {
    JobRef::new("warehouse", "daily")
}

fn sent(event: &RunEvent) -> Value {
    serde_json::from_slice(event.encode().unwrap().bytes()).unwrap()
}

use openlineage_core::facets::{Tag, TagsJobFacet, TagsRunFacet};
use openlineage_core::model::{DEFAULT_PRODUCER, DatasetEvent, Event, JobEvent, StaticDataset};
use serde_json::{Value, json};

use crate::case::{ACME, event, job, start, with};
use crate::logs::warnings;

const JOB: (&str, &str) = ("OPENLINEAGE__TAGS__JOB", r#"{"Team":"payments","tier":"1"}"#);
const RUN: (&str, &str) = ("OPENLINEAGE__TAGS__RUN", r#"{"attempt":"2"}"#);

fn version() -> Value {
    json!({"key": "openlineage_client_version", "value": env!("CARGO_PKG_VERSION"), "source": "OPENLINEAGE_CLIENT"})
}

fn of_user(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value, "source": "USER"})
}

#[test]
fn tags_are_added_under_this_clients_name() {
    let sent = with([JOB, RUN]).sent(event());
    let job = &sent["job"]["facets"]["tags"];
    assert_eq!(job["tags"], json!([of_user("Team", "payments"), of_user("tier", "1")]));
    assert_eq!(job["_producer"], json!(DEFAULT_PRODUCER));
    assert_eq!(sent["run"]["facets"]["tags"]["tags"], json!([of_user("attempt", "2"), version()]));
    assert_eq!(sent["producer"], json!(ACME));
}

#[test]
fn every_run_says_which_client_sent_it() {
    let sent = with([]).sent(event());
    assert_eq!(sent["run"]["facets"]["tags"]["tags"], json!([version()]));
    assert_eq!(sent["job"].get("facets"), None);
}

#[test]
fn a_tag_of_the_event_with_the_same_key_is_replaced_and_its_key_kept() {
    let came = TagsJobFacet::new().with_tags([
        Tag::new("TEAM", "unknown").with_source("AIRFLOW"),
        Tag::new("owner", "me"),
        Tag::new("team", "older"),
    ]);
    let versioned = TagsRunFacet::new().with_tags([Tag::new("OpenLineage_Client_Version", "0")]);
    let sent = with([JOB]).sent(start().job_facet(came).run_facet(versioned).build(&ACME));
    let owner = json!({"key": "owner", "value": "me"});
    assert_eq!(
        sent["job"]["facets"]["tags"]["tags"],
        json!([owner, of_user("team", "payments"), of_user("tier", "1")])
    );
    assert_eq!(sent["job"]["facets"]["tags"]["_producer"], json!(ACME), "the facet stays the event's");
    assert_eq!(sent["run"]["facets"]["tags"]["tags"][0]["key"], "OpenLineage_Client_Version");
    assert_eq!(sent["run"]["facets"]["tags"]["tags"][0]["value"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn tags_are_for_runs_and_jobs_and_those_of_runs_for_runs_only() {
    let case = with([JOB, RUN]);
    let sent = case.sent(JobEvent::of(job()).build(&ACME));
    assert_eq!(sent["job"]["facets"]["tags"]["tags"][0], of_user("Team", "payments"));
    let dataset = DatasetEvent::of(StaticDataset::new("n", "d")).build(&ACME);
    let encoded = dataset.encode().unwrap();
    assert_eq!(case.sent(dataset), serde_json::from_slice::<Value>(encoded.bytes()).unwrap());
}

#[test]
fn tags_that_cannot_be_read_stay_and_are_warned_of_once() {
    let case = with([JOB]);
    let facets = r#""facets":{"tags":{"tags":7}}"#;
    let text = format!(
        r#"{{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","run":{{"runId":"0198b9a1-0000-7000-8000-000000000001",{facets}}},"job":{{"namespace":"n","name":"j",{facets}}}}}"#
    );
    let event = Event::from_json(text.as_bytes()).unwrap();
    let (sent, warned) = warnings(|| [case.sent(event.clone()), case.sent(event)]);
    assert!(sent.iter().all(|sent| *sent == serde_json::from_str::<Value>(&text).unwrap()));
    assert_eq!(warned.len(), 1, "{warned:?}");
}

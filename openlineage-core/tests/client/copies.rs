use std::sync::Arc;

use bytes::Bytes;
use openlineage_core::facets::{Tag, TagsRunFacet};
use openlineage_core::model::{Event, InputDataset, JobEvent};
use serde_json::Value;

use crate::case::{ACME, Case, event, job, start, with};

/// Every stage has something to do.
fn busy() -> Case {
    with([
        ("OPENLINEAGE__TAGS", r#"{"job":{"team":"a"},"run":{"attempt":"1"}}"#),
        ("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", r#"["REGION"]"#),
        ("OPENLINEAGE__FACETS__SOURCE_CODE_LOCATION", r#"{"disabled":false,"repo_url":"https://host/repo"}"#),
        ("OPENLINEAGE__DATASET__REDUCING_ENABLED", "true"),
        ("REGION", "eu"),
    ])
}

fn text(event: &Event) -> Bytes {
    event.encode().unwrap().bytes().clone()
}

/// The Python client writes into the event it is given, even when it is disabled.
#[test]
fn the_callers_event_stays_as_it_is() {
    let tags = TagsRunFacet::new().with_tags([Tag::new("Attempt", "0")]);
    let run = start().run_facet(tags).input(InputDataset::new("n", "orders/day=1")).build(&ACME);
    for event in [Event::from(run), JobEvent::of(job()).build(&ACME).into()] {
        let before = text(&event);
        let case = busy();
        let sent = case.sent(event.clone());
        assert_ne!(sent, serde_json::from_slice::<Value>(&before).unwrap(), "nothing was added");
        assert_eq!(text(&event), before);
    }
}

#[test]
fn an_event_that_came_as_text_stays_as_it_is() {
    let came = text(&start().input(InputDataset::new("n", "orders/day=1")).build(&ACME).into());
    let event = Event::from_json(&came).unwrap();
    busy().sent(event.clone());
    assert_eq!(text(&event), came);
}

/// With the Python client the second one also sends the tags of the first.
#[test]
fn one_event_through_two_clients_has_the_tags_of_one() {
    let event = Event::from(event());
    let tagged = |tag: &str| with([("OPENLINEAGE__TAGS__RUN", tag)]).sent(event.clone());
    let (one, two) = (tagged(r#"{"one":"1"}"#), tagged(r#"{"two":"2"}"#));
    let keys = |sent: &Value| {
        sent["run"]["facets"]["tags"]["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["key"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&one), ["one", "openlineage_client_version"]);
    assert_eq!(keys(&two), ["two", "openlineage_client_version"]);
}

#[test]
fn an_event_that_others_hold_is_copied_and_one_to_which_nothing_is_added_is_not() {
    let held = Arc::new(JobEvent::of(job()).build(&ACME));
    with([]).sent(Arc::clone(&held));
    assert_eq!(Arc::strong_count(&held), 1);
    busy().sent(Arc::clone(&held));
    assert!(held.job.facets.is_empty());
}

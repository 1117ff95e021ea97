use openlineage_core::facets::{EnvironmentVariable, EnvironmentVariablesRunFacet};
use serde_json::json;

use crate::case::{ACME, event, job, start, with};
use crate::logs::warnings;

const ASKED: (&str, &str) = ("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", r#"["REGION","TIER","REGION","MISSING"]"#);
const SET: [(&str, &str); 3] = [ASKED, ("TIER", "gold"), ("REGION", "eu")];

fn variable(name: &str, value: &str) -> serde_json::Value {
    json!({"name": name, "value": value})
}

#[test]
fn those_that_are_asked_for_are_added_in_that_order() {
    let sent = with(SET).sent(event());
    let facet = &sent["run"]["facets"]["environmentVariables"];
    assert_eq!(facet["environmentVariables"], json!([variable("REGION", "eu"), variable("TIER", "gold")]));
}

#[test]
fn what_the_event_says_stands_and_stands_first() {
    let came = [EnvironmentVariable::new("OWN", "1"), EnvironmentVariable::new("TIER", "silver")];
    let came = EnvironmentVariablesRunFacet::new(came);
    let sent = with(SET).sent(start().run_facet(came).build(&ACME));
    let expected = json!([variable("OWN", "1"), variable("TIER", "silver"), variable("REGION", "eu")]);
    assert_eq!(sent["run"]["facets"]["environmentVariables"]["environmentVariables"], expected);
}

/// The Python client warns of them with every event.
#[test]
fn names_that_are_not_set_are_warned_of_once() {
    let (case, built) = warnings(|| with(SET));
    let named: Vec<_> = built.iter().filter(|line| line.contains("MISSING")).collect();
    assert_eq!(named.len(), 1, "{built:?}");
    assert!(!named[0].contains("gold"), "{named:?}");
    let (_, emitted) = warnings(|| [case.sent(event()), case.sent(event())]);
    assert_eq!(emitted, Vec::<String>::new());
}

#[test]
fn where_none_is_set_there_is_no_facet() {
    let sent = with([ASKED]).sent(event());
    assert_eq!(sent["run"]["facets"].get("environmentVariables"), None);
}

#[test]
fn they_are_for_runs_only() {
    let sent = with(SET).sent(openlineage_core::model::JobEvent::of(job()).build(&ACME));
    assert_eq!(sent["job"].get("facets"), None);
}

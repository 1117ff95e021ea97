//! Declared renamings, as configuration gives them.

use std::error::Error;
use std::sync::Arc;

use openlineage_core::builtin::{Namespaces, Transform};
use openlineage_core::error::EmitErrorKind;

use super::through;

const RUN: &str = r#"{"eventType":"START","eventTime":"2024-05-01","run":{"runId":"0198b9a1-0000-7000-8000-00000000000A","facets":{"acme":{"n":1.50},"parent":{"_producer":"p","_schemaURL":"https://openlineage.io/spec/facets/1-0-0/ParentRunFacet.json","run":{"runId":"0198b9a1-0000-7000-8000-00000000000b"},"job":{"namespace":"dev-p","name":"p"},"root":{"run":{"runId":"0198b9a1-0000-7000-8000-00000000000c"},"job":{"namespace":"dev-r","name":"r"}},"x":2e400}}},"job":{"namespace":"dev","name":"j"},"inputs":[{"namespace":"s3://a","name":"i"},{"namespace":"dev","name":"k"}],"outputs":[{"namespace":"s3://b","name":"o"}],"producer":"p","schemaURL":"s","y":[1.0]}"#;

/// `text` with each of the pairs replaced, once.
fn with(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replacen(old, new, 1)
    })
}

fn run(names: Namespaces, text: &str) -> String {
    through(|child| Arc::new(Transform::namespaces(child, names)), text).unwrap()
}

#[test]
fn only_the_named_namespaces_of_a_run_event_change() {
    let names = Namespaces::new().job("dev", "prod").job("dev-*", "prod-*").dataset("s3://a", "gs://a");
    let expected = with(
        RUN,
        &[
            (r#""job":{"namespace":"dev","#, r#""job":{"namespace":"prod","#),
            ("dev-p", "prod-p"),
            ("dev-r", "prod-r"),
            ("s3://a", "gs://a"),
        ],
    );
    assert_eq!(run(names, RUN), expected);
}

#[test]
fn a_parent_alone_is_reason_enough_and_can_be_kept() {
    let names = Namespaces::new().job("dev-r", "prod-r");
    assert_eq!(run(names.clone(), RUN), with(RUN, &[("dev-r", "prod-r")]));
    assert_eq!(run(names.keep_parents(), RUN), RUN);
}

#[test]
fn an_event_that_no_rule_matches_stays_byte_for_byte() {
    let spaced = RUN.replace(":{", " : {\n").replace(",\"", " ,\"");
    let names = Namespaces::new().job("other", "x").dataset("dev*", "dev*").job("dev", "dev");
    assert_eq!(run(names, &spaced), spaced);
}

#[test]
fn job_and_dataset_events_are_renamed_too() {
    let names = Namespaces::new().job("n*", "J").dataset("n*", "D-*");
    let job = r#"{"eventTime":"t","job":{"namespace":"nn","name":"j"},"inputs":[],"outputs":[{"namespace":"no","name":"o"}],"producer":"p","schemaURL":"s"}"#;
    assert_eq!(run(names.clone(), job), job.replace("nn", "J").replace("\"no\"", "\"D-o\""));
    let dataset = r#"{"eventTime":"t","dataset":{"namespace":"nd","name":"d","facets":{"a":{"b":0.10}}},"producer":"p","schemaURL":"s"}"#;
    assert_eq!(run(names, dataset), dataset.replace("nd", "D-d"));
}

#[test]
fn a_parent_that_cannot_be_read_refuses_the_event() {
    let names = || Namespaces::new().job("dev*", "prod");
    for (broken, place) in [
        (with(RUN, &[(r#""namespace":"dev-p","#, "")]), "/run/facets/parent/job"),
        (with(RUN, &[("1-0-0/ParentRunFacet", "2-0-0/ParentRunFacet")]), "/run/facets/parent/_schemaURL"),
    ] {
        let error = through(|child| Arc::new(Transform::namespaces(child, names())), &broken).unwrap_err();
        assert_eq!(error.kind(), &EmitErrorKind::Encode);
        assert!(error.source().unwrap().to_string().starts_with(place), "{:?}", error.source());
        // Who keeps parents, or renames no job, need not read them.
        assert!(run(names().keep_parents(), &broken).contains("\"prod\""));
        assert!(run(Namespaces::new().dataset("dev", "prod"), &broken).contains("\"prod\""));
    }
}

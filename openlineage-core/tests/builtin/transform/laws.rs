//! Laws that hold for any event.

use std::sync::Arc;

use openlineage_core::builtin::{Namespaces, Transform};
use proptest::prelude::*;

use super::through;

/// A JSON value whose digits, escapes and spaces a careless reader would change.
fn odd() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "1.50",
            "-0",
            "1e400",
            "12345678901234567890.1230",
            "0.1e-7",
            "\"\\u00e4\\ud800\"",
            "null",
            "true",
            "{ }",
            "[ ]",
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            inner.prop_map(|value| format!("{{\"k\" :{value},\"k\": 1.0}}")),
        ]
    })
}

/// The text of an event of each kind, in the order in which events are written, with `odd` wherever it may stand.
fn event(kind: u8, namespace: &str, odd: &str) -> String {
    let facets = format!(r#"{{"acme":{odd},"acme":{odd}}}"#);
    let dataset = format!(r#"{{"namespace":{namespace},"name":"d","facets":{facets},"z":{odd}}}"#);
    let job = format!(r#""job":{{"namespace":{namespace},"name":"j","facets":{facets},"z":{odd}}}"#);
    let tail = format!(r#""producer":"p","schemaURL":"s","z":{odd}}}"#);
    match kind {
        0 => format!(
            r#"{{"eventType":"START","eventTime":"t","run":{{"runId":"0198b9a1-0000-7000-8000-00000000000A","facets":{facets},"z":{odd}}},{job},"inputs":[{dataset}],"outputs":[{dataset}],{tail}"#
        ),
        1 => format!(r#"{{"eventTime":"t",{job},"inputs":[],"outputs":[{dataset}],{tail}"#),
        _ => format!(r#"{{"eventTime":"t","dataset":{dataset},{tail}"#),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_identity_is_byte_exact(odd in odd(), kind in 0..3_u8, space in "[ \n\t]{0,3}") {
        let text = event(kind, "\"n\"", &odd).replace("\"job\":", &format!("{space}\"job\"{space}:{space}"));
        let text = format!("{space}{text}{space}");
        let code = |child| Arc::new(Transform::new(child, |event| Ok(Some(event)))) as _;
        prop_assert_eq!(&through(code, &text).unwrap(), &text);
        let rules = |child| Arc::new(Transform::namespaces(child, Namespaces::new().job("m", "x").dataset("n", "n"))) as _;
        prop_assert_eq!(&through(rules, &text).unwrap(), &text);
    }

    #[test]
    fn a_renaming_changes_nothing_but_the_names(odd in odd(), kind in 0..3_u8, new in any::<String>()) {
        let new_json = serde_json::to_string(&new).unwrap();
        let rules = |child| {
            Arc::new(Transform::namespaces(child, Namespaces::new().job("n", &new).dataset("n", &new))) as _
        };
        prop_assert_eq!(through(rules, &event(kind, "\"n\"", &odd)).unwrap(), event(kind, &new_json, &odd));
    }
}

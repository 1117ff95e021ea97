use openlineage_core::event::EncodedEvent;
use openlineage_core::transport::Ack;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::case::with;

/// JSON of any shape.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_arrives_byte_for_byte(facets in value(), extra in value(), spaces in "[ \n\t]{0,3}", pretty: bool) {
        let case = with([
            ("OPENLINEAGE__TAGS", r#"{"job":{"team":"a"},"run":{"attempt":"1"}}"#),
            ("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", r#"["REGION"]"#),
            ("OPENLINEAGE__DATASET__REDUCING_ENABLED", "true"),
            ("OPENLINEAGE__FILTERS", r#"[{"type":"exact","match":"other"}]"#),
            ("REGION", "eu"),
        ]);
        let event = json!({
            "run": {"runId": "r", "facets": facets},
            "job": {"namespace": "n", "name": "j"},
            "inputs": [{"namespace": "n", "name": "orders/day=1"}],
            "extra": extra,
        });
        let text = if pretty { serde_json::to_string_pretty(&event) } else { serde_json::to_string(&event) };
        let text = format!("{spaces}{}{spaces}", text.unwrap());
        let ack = case.blocking().forward(EncodedEvent::from_json(text.clone()).unwrap()).unwrap();
        prop_assert!(matches!(ack, Ack::Delivered(_)));
        prop_assert_eq!(case.memory.events()[0].bytes().clone(), text);
    }
}

//! What holds for any text and any variables.

use std::fs;
use std::path::Path;

use openlineage_core::config::{ConfigValue, Environment, Loader, Registry, Source};
use openlineage_core::transport::{Fresh, TransportSource};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::case::same_again;

/// Text that looks like YAML often enough to get far.
fn yaml() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("transport"),
        Just("type"),
        Just("http"),
        Just("composite"),
        Just("transports"),
        Just("tags"),
        Just("filters"),
        Just("facets"),
        Just("dataset"),
        Just(": "),
        Just(":\n  "),
        Just("\n"),
        Just("\n    "),
        Just("- "),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(", "),
        Just("&a "),
        Just("*a"),
        Just("<<"),
        Just("'"),
        Just("\""),
        Just("|\n"),
        Just("# "),
        Just("? "),
        Just("!x "),
        Just("null"),
        Just("1e999"),
        Just("\t"),
        Just("---\n"),
        Just("é"),
        Just("%"),
        Just("\\"),
        Just("\u{0}"),
        Just("\r"),
    ];
    prop_oneof![vec(token, 0..40).prop_map(|tokens| tokens.concat()), any::<String>()]
}

fn variables() -> impl Strategy<Value = Vec<(String, String)>> {
    let part = prop_oneof![
        Just("TRANSPORT"),
        Just("TYPE"),
        Just("URL"),
        Just("TRANSPORTS"),
        Just("A"),
        Just("a"),
        Just("TAGS"),
        Just("JOB"),
        Just(""),
        Just("DEFAULT_HTTP"),
        Just("AUTH"),
        Just("FILTERS"),
        Just("0"),
    ];
    let nested = vec(part, 1..5).prop_map(|parts| format!("OPENLINEAGE__{}", parts.join("__")));
    let name = prop_oneof![
        4 => nested,
        1 => Just("OPENLINEAGE_URL".to_owned()),
        1 => Just("OPENLINEAGE_API_KEY".to_owned()),
    ];
    let value = prop_oneof![
        Just("http".to_owned()),
        Just("composite".to_owned()),
        Just("{}".to_owned()),
        Just("[1]".to_owned()),
        Just(r#"{"type":"http","transports":{"b":{"type":"noop"}}}"#.to_owned()),
        Just("null".to_owned()),
        yaml(),
        any::<String>(),
    ];
    vec((name, value), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_value_or_an_error(text in yaml()) {
        let source = Source::file(Path::new("f"));
        let _either = ConfigValue::from_yaml(&text, &source);
        let _either = ConfigValue::from_json(&text, &source);
    }

    #[test]
    fn loading_what_was_loaded_changes_nothing(text in yaml(), variables in variables()) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("openlineage.yml"), &text).unwrap();
        let environment = Environment::of(variables).folder(folder.path());
        let loader = Loader::new(environment);
        if let Ok(loaded) = loader.load() {
            if let Some(spec) = &loaded.settings.transport {
                let _either = Fresh.get(spec, &Registry::builtin());
            }
            same_again(&loaded, "any");
        }
    }

    #[test]
    fn json_is_read_the_same_as_yaml_and_as_a_value(text in "[ -~]{0,8}", number in any::<i64>(), flag in any::<bool>()) {
        let value = serde_json::json!({ "a": [text, number, flag, null], "b": { "c": {} } });
        let json = ConfigValue::from_json(&value.to_string(), &Source::Code).unwrap();
        prop_assert!(json == ConfigValue::from_value(&value, &Source::Code));
        prop_assert!(json == ConfigValue::from_yaml(&value.to_string(), &Source::Code).unwrap());
    }

    #[test]
    fn a_secret_stays_hidden_beside_anything(text in yaml(), variables in variables()) {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("transport:\n  type: http\n  auth: {{type: api_key, apiKey: CANARY}}\n{text}");
        fs::write(folder.path().join("openlineage.yml"), text).unwrap();
        let canary = [("OPENLINEAGE_API_KEY".to_owned(), "CANARY".to_owned())];
        let environment = Environment::of(variables.into_iter().chain(canary)).folder(folder.path());
        let printed = match Loader::new(environment).load() {
            Ok(loaded) => format!("{loaded:?} {}", loaded.render()),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!printed.contains("CANARY"), "{}", printed);
    }
}

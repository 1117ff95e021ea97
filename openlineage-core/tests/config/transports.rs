//! What becomes of section `transport`, and of the switch.

use openlineage_core::config::{Environment, Loader};

use crate::case::{case, check};

#[test]
fn the_transport_is_the_first_that_somebody_named() {
    check([
        case("a section without type is no transport")
            .yaml("transport:\n  url: http://h\n")
            .gives(&["transport.url: http://h (openlineage.yml:2)"])
            .warns(
                "transport.type: missing, so the section is not used (openlineage.yml:1); name a kind, such as http",
            ),
        case("a blank type is none").yaml("transport: {type: ' '}").warns("transport.type: missing"),
        case("a null type is none").yaml("transport: {type: ~}").warns("transport.type: missing"),
        case("an empty section").yaml("transport: {}").warns("transport.type: missing"),
        case("a null section").yaml("transport: null").warns("transport: not configured"),
        case("a section that is a text")
            .yaml("transport: console")
            .fails("transport: not an object (openlineage.yml:1)"),
        case("a section that is a list").yaml("transport: [console]").fails("transport: not an object"),
        case("a type that is a list")
            .yaml("transport: {type: [a]}")
            .fails("transport.type: not a string (openlineage.yml"),
        case("unused, strict")
            .yaml("transport: {url: x}")
            .strict()
            .fails("transport.type: missing, so the section is n"),
        case("nothing, strict").strict().fails("transport: not configured"),
        case("options are checked when it is built").yaml("transport: {type: console, strem: x}"),
    ]);
}

#[test]
fn name_and_priority() {
    let spec = |text| case("").code(text).load().map(|loaded| loaded.settings.transport.unwrap());
    let named = spec(r#"{"transport": {"type": "noop", "name": "a", "priority": "-3", "x": 1}}"#).unwrap();
    assert_eq!((named.kind(), named.name(), named.priority(), named.path()), ("noop", Some("a"), -3, "transport"));
    assert!(named.options().get("name").is_none() && named.options().get("priority").is_none());
    let plain = spec(r#"{"transport": {"type": "noop", "name": null}}"#).unwrap();
    assert_eq!((plain.name(), plain.priority(), plain.is_plain()), (None, 0, true));
    let error = spec(r#"{"transport": {"type": "noop", "priority": "high"}}"#).unwrap_err();
    assert_eq!(error.to_string(), "transport.priority: not a whole number; write it like 5");
}

#[test]
fn only_the_word_true_disables() {
    for (word, disabled) in [
        ("true", true),
        (" TRUE\n", true),
        ("True", true),
        ("1", false),
        ("yes", false),
        ("t", false),
        ("", false),
        ("false", false),
    ] {
        let environment = Environment::of([("OPENLINEAGE_DISABLED", word)]);
        assert_eq!(Loader::new(environment).load().unwrap().settings.disabled, disabled, "{word:?}");
    }
}

#[test]
fn when_disabled_nothing_is_looked_at() {
    let case = case("").yaml("facets: [").named("no such file").var("OPENLINEAGE__TRANSPORT", "{").strict();
    let loaded = case.var("OPENLINEAGE_DISABLED", "true").load().unwrap();
    assert!(loaded.settings.transport.is_none() && loaded.explain().is_empty() && loaded.warnings.is_empty());
    assert_eq!(loaded.settings.transport_or_console().kind(), "noop");
}

#[test]
fn without_a_transport_it_is_the_console() {
    assert_eq!(case("").load().unwrap().settings.transport_or_console().kind(), "console");
    let named = case("").var("OPENLINEAGE_URL", "http://h").load().unwrap();
    assert_eq!(named.settings.transport_or_console().kind(), "http");
}

#[test]
fn the_environment_of_the_process_stays_what_it_was() {
    let before: Vec<_> = std::env::vars_os().collect();
    let _loaded = case("").var("OPENLINEAGE_URL", "http://h").var("OPENLINEAGE_API_KEY", "k").load().unwrap();
    let process = Environment::of_process();
    assert_eq!(std::env::vars_os().collect::<Vec<_>>(), before);
    assert_eq!(process.get("PATH").map(ToOwned::to_owned), std::env::var("PATH").ok());
}

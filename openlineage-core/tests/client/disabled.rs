use std::sync::Arc;

use openlineage_core::builtin::Memory;
use openlineage_core::client::Client;
use openlineage_core::config::{Environment, Loader, Registry};
use openlineage_core::error::EmitErrorKind;
use openlineage_core::model::{Facet, In, RunPlace};
use openlineage_core::transport::Ack;
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};

use crate::case::{ACME, assert_passes, build, event, start};

/// A facet that must not be encoded.
#[derive(Deserialize)]
struct Trap {}

impl Serialize for Trap {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("encoded"))
    }
}

impl Facet for Trap {
    const KEY: &'static str = "acme_trap";
    const SCHEMA_URL: &'static str = "https://acme.example/1-0-0/Trap.json";
}

impl In<RunPlace> for Trap {}

/// The Python client still parses its configuration then, adds facets to the event and warns.
#[test]
fn disabled_wins_over_everything_and_looks_at_nothing() {
    let variables = [
        ("OPENLINEAGE_DISABLED", " True "),
        ("OPENLINEAGE__FILTERS", r#"[{"type":"regex","regex":"("}]"#),
        ("OPENLINEAGE__TRANSPORT__TYPE", "no_such_kind"),
    ];
    let memory = Memory::new();
    let client = build(&memory, Environment::of(variables)).unwrap();
    assert!(client.is_disabled());
    assert_eq!(client.transport().info().kind, "noop");
    let trapped = start().run_facet(Trap {}).build(&ACME);
    assert!(matches!(client.blocking().emit(trapped).unwrap(), Ack::Skipped(_)));
    assert!(matches!(client.blocking().forward(event().encode().unwrap()).unwrap(), Ack::Skipped(_)));
    drop(client.run("n", "j").run_facet(Trap {}).start().wait());
    assert!(client.blocking().close().unwrap().is_clean());
    assert_eq!(*client.blocking().emit(event()).unwrap_err().kind(), EmitErrorKind::Closed);
    assert_eq!(memory.events().len(), 0);
}

#[test]
fn only_the_word_true_disables() {
    for word in ["1", "yes", "", "false"] {
        let client = build(&Memory::new(), Environment::of([("OPENLINEAGE_DISABLED", word)])).unwrap();
        assert!(!client.is_disabled(), "{word}");
    }
}

#[test]
fn a_facet_that_cannot_be_encoded_is_an_error_that_nothing_counts() {
    #[derive(Serialize, Deserialize)]
    struct Bare(u8);

    impl Facet for Bare {
        const KEY: &'static str = "acme_bare";
        const SCHEMA_URL: &'static str = "https://acme.example/1-0-0/Bare.json";
    }

    impl In<RunPlace> for Bare {}

    let memory = Memory::new();
    let client = build(&memory, Environment::default()).unwrap();
    let error = client.blocking().emit(start().run_facet(Bare(1)).build(&ACME)).unwrap_err();
    assert_eq!((error.kind(), error.accepted()), (&EmitErrorKind::Encode, false));
    assert_eq!(client.stats().tally.refused, 0);
}

#[test]
fn the_settings_choose_among_the_kinds_of_the_registry() {
    let loaded = |kind| Environment::of([("OPENLINEAGE__TRANSPORT__TYPE", kind)]);
    let client = |kind| {
        let settings = Loader::new(loaded(kind)).load().unwrap().settings;
        Client::builder().settings(settings).registry(Registry::builtin()).build()
    };
    assert_eq!(client("noop").unwrap().transport().info().kind, "noop");
    assert_eq!(client("nop").unwrap_err().key(), "transport.type");
}

#[test]
fn a_transport_given_in_code_wins_over_the_settings() {
    let environment = Environment::of([("OPENLINEAGE__TRANSPORT__TYPE", "no_such_kind")]);
    let client = build(&Memory::new(), environment).unwrap();
    assert_eq!(client.transport().info().kind, "memory");
}

#[test]
fn a_program_goes_on_without_lineage_where_its_configuration_is_wrong() {
    const EXPECTED: &str = "OPENLINEAGE_CLIENT_TEST_DISABLED";
    let test = "disabled::a_program_goes_on_without_lineage_where_its_configuration_is_wrong";
    if let Ok(expected) = std::env::var(EXPECTED) {
        let strict = Client::from_env(Registry::builtin());
        let lenient = Client::from_env_or_noop(Registry::builtin());
        assert_eq!((strict.is_err(), lenient.is_disabled()), (expected == "yes", expected == "yes"));
        return;
    }
    for (kind, expected) in [("no_such_kind", "yes"), ("noop", "no")] {
        assert_passes(test, &[("OPENLINEAGE__TRANSPORT__TYPE", kind), (EXPECTED, expected)]);
    }
}

#[test]
fn clones_and_faces_are_one_client() {
    let memory = Memory::new();
    let client = Client::builder().transport(Arc::new(memory.transport())).environment(Environment::default());
    let client = client.build().unwrap();
    let _ack = client.blocking().emit(event()).unwrap();
    let _report = client.clone().blocking().client().blocking().close().unwrap();
    assert_eq!(*client.blocking().emit(event()).unwrap_err().kind(), EmitErrorKind::Closed);
    assert_eq!(client.stats().tally.refused, 1);
}

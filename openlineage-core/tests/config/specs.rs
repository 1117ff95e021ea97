//! From a description to a transport: kinds, children, unknown options, places in errors.

use std::path::Path;
use std::sync::Arc;

use openlineage_core::builtin::Noop;
use openlineage_core::config::{
    BuildContext, ConfigError, ConfigValue, Factory, Registry, Section, Source, TransportSpec, Warnings,
};
use openlineage_core::transport::{Fresh, Transport, TransportSource};

/// Builds its children and forgets them.
#[derive(Debug)]
struct Parent;

impl Factory for Parent {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        for leg in options.children("transports")? {
            let _leg = context.child(&leg)?;
        }
        options.finish(&["transports"])?;
        Ok(Arc::new(Noop::named(context.info().clone())))
    }
}

#[derive(Debug)]
struct Wrapper;

impl Factory for Wrapper {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let inner = options.child("transport")?;
        options.finish(&["transport"])?;
        context.child(&inner)
    }
}

/// Names the children it is given.
#[derive(Clone, Debug, Default)]
struct Names(Arc<std::sync::Mutex<Vec<String>>>);

impl Factory for Names {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let shown = |leg: &TransportSpec| format!("{} {} {:?} {}", leg.path(), leg.kind(), leg.name(), leg.priority());
        *self.0.lock().unwrap() = options.children("transports")?.iter().map(shown).collect();
        Ok(Arc::new(Noop::named(context.info().clone())))
    }
}

fn spec(yaml: &str) -> Result<TransportSpec, ConfigError> {
    TransportSpec::from_config(ConfigValue::from_yaml(yaml, &Source::file(Path::new("f")))?)
}

fn build(spec: &TransportSpec) -> Result<Arc<dyn Transport>, ConfigError> {
    Fresh.get(spec, &Registry::builtin().with("parent", Parent).with("wrapper", Wrapper))
}

#[test]
fn children_are_a_list_or_a_map() {
    for (yaml, expected) in [
        (
            "[{type: a}, {}, {type: b, name: n, priority: 2}, null]",
            "transport.transports.0 a None 0|transport.transports.2 b Some(\"n\") 2",
        ),
        (
            "{z: {type: a, priority: 1}, y: {}, x: null, b: {type: b}}",
            "transport.transports.z a Some(\"z\") 1|transport.transports.b b Some(\"b\") 0",
        ),
        ("[]", ""),
        ("{}", ""),
    ] {
        let names = Names::default();
        let spec = spec(&format!("type: names\ntransports: {yaml}")).unwrap();
        let _built = Fresh.get(&spec, &Registry::empty().with("names", names.clone())).unwrap();
        assert_eq!(names.0.lock().unwrap().join("|"), expected, "{yaml}");
    }
}

#[test]
fn what_is_wrong_is_named_with_key_and_place() {
    for (yaml, message) in [
        ("type: parent", "transport.transports: missing (f:1); write a list of transports, or a map"),
        ("type: parent\ntransports: 5", "transport.transports: neither a list nor a map (f:2); write a list"),
        ("type: parent\ntransports: [5]", "transport.transports.0: not an object (f:2)"),
        ("type: parent\ntransports:\n  a:\n    x: 1", "transport.transports.a.type: missing (f:3); name a kind"),
        (
            "type: parent\ntransports:\n  - type: nop",
            "transport.transports.0.type: unknown kind \"nop\" (f:3); did you mean noop?",
        ),
        (
            "type: parent\ntransports:\n  a:\n    type: console\n    stream: both",
            "transport.transports.a.stream: unknown stream (f:5); write stdout or",
        ),
        ("type: wrapper", "transport.transport: missing (f:1); describe a transport, such as {type: console}"),
        ("type: wrapper\ntransport: console", "transport.transport: not an object (f:2)"),
        ("type: wrapper\ntransport:\n  type: file\n  append: true", "transport.transport.log_file_path: missing (f:2)"),
        (
            "type: zzzzzzzz",
            "transport.type: unknown kind \"zzzzzzzz\" (f:1); known are console, file, noop, parent, transform, w",
        ),
        ("x: 1\ntype: async_http", "transport.type: async_http is not built (f:2); switch on the feature http"),
        ("type: composite", "transport.type: composite is not built (f:1); register its factory"),
        (
            "type: kafka",
            "transport.type: kafka is not built (f:1); switch on the feature kafka, or register its factory; known are console",
        ),
        ("type: msk-iam", "transport.type: msk-iam is not built"),
        ("type: datadog", "transport.type: datadog is not built"),
        ("type: gcplineage", "transport.type: gcplineage is not built"),
        ("type: amazon_datazone_api", "transport.type: amazon_datazone_api is not built"),
        ("type: http", "transport.type: http is not built (f:1); switch on the feature http"),
        ("type: my.package.Transport", "transport.type: my.package.Transport is a Python class, which is not loaded"),
        ("[a]", "transport: not an object (f:1)"),
        ("type: noop\nname: [a]", "transport.name: not a string (f:2)"),
    ] {
        let error = spec(yaml).and_then(|spec| build(&spec)).unwrap_err().to_string();
        assert!(error.starts_with(message), "{yaml}: {error}");
    }
}

#[test]
fn a_kind_of_ones_own_may_have_any_name() {
    let registry = Registry::empty().with("my.package.Transport", Wrapper).with("noop", Parent);
    let spec = spec("type: my.package.Transport\ntransport: {type: noop, transports: []}").unwrap();
    assert_eq!(Fresh.get(&spec, &registry).unwrap().info().kind, "noop");
}

#[test]
fn an_unknown_option_is_a_warning_where_other_clients_read_it_too() {
    let yaml = "type: parent\ntransports:\n  a:\n    type: console\n    strem: stderr\nparalell: true";
    let shared = spec(yaml).unwrap();
    let warnings = Warnings::collected();
    let _built = build(&shared.clone().warn(&warnings)).unwrap();
    let found: Vec<_> = warnings.take().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "transport.transports.a.strem: unknown option (f:5); did you mean stream?",
            "transport.paralell: unknown option (f:6); known are transports",
        ]
    );
    assert!(warnings.take().is_empty());
    let error = build(&shared.warn(&Warnings::refused())).unwrap_err();
    assert_eq!(error.to_string(), found[0]);
    for source in [Source::Code, Source::argument("--transport"), Source::Default] {
        let value = ConfigValue::from_json(r#"{"type": "console", "strem": "stderr"}"#, &source).unwrap();
        let error = build(&TransportSpec::from_config(value).unwrap().warn(&warnings)).unwrap_err();
        assert!(error.to_string().starts_with("transport.strem: unknown option"), "{error}");
    }
    let value = ConfigValue::from_json(r#"{"type": "noop", "x": 1}"#, &Source::env("V")).unwrap();
    let _built = build(&TransportSpec::from_config(value).unwrap().warn(&warnings)).unwrap();
    assert_eq!(warnings.take()[0].to_string(), "transport.x: unknown option ($V); leave it out");
}

#[test]
fn a_warning_says_the_same_in_parts() {
    let warnings = Warnings::collected();
    let _built = build(&spec("type: noop\nx: 1").unwrap().warn(&warnings)).unwrap();
    let warning = warnings.take().remove(0);
    assert_eq!(warning.key(), "transport.x");
    assert_eq!(warning.place(), Some(&Source::file(Path::new("f")).at(2)));
}

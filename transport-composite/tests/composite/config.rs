//! What configuration says to the composite.

use openlineage_core::config::{Registry, TransportSpec};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Fresh, TransportSource};
use openlineage_transport_composite::CompositeFactory;

use crate::support::run;

fn registry() -> Registry {
    Registry::builtin().with("composite", CompositeFactory)
}

/// The legs by the names that a report gives them.
fn legs(json: &str) -> Vec<String> {
    let transport = Fresh.get(&TransportSpec::from_json(json).unwrap(), &registry()).unwrap();
    let report = run(transport.close(Deadline::now()));
    report.children.iter().map(|leg| leg.info.to_string()).collect()
}

fn error(json: &str) -> String {
    Fresh.get(&TransportSpec::from_json(json).unwrap(), &registry()).unwrap_err().to_string()
}

#[test]
fn legs_are_a_list_or_a_map_and_may_be_sorted() {
    for (json, expected) in [
        (r#"[{"type":"console"},{"type":"noop","name":"n"}]"#, ["console", "n"]),
        (r#"{"b":{"type":"console"},"x":{},"a":{"type":"noop"}}"#, ["b", "a"]),
    ] {
        assert_eq!(legs(&format!(r#"{{"type":"composite","transports":{json}}}"#)), expected);
    }
    let by_priority = |sorted: bool| {
        legs(&format!(
            r#"{{"type":"composite","sort_transports":{sorted},"transports":[
                {{"type":"noop","name":"low","priority":-1}},{{"type":"noop","name":"none"}},
                {{"type":"noop","name":"high","priority":2}},{{"type":"noop","name":"same"}}]}}"#
        ))
    };
    assert_eq!(by_priority(false), ["low", "none", "high", "same"]);
    assert_eq!(by_priority(true), ["high", "none", "same", "low"]);
}

#[test]
fn mistakes_are_named_with_their_cure() {
    let leg = r#""transports":[{"type":"noop"}]"#;
    for (options, message) in [
        (String::new(), "transport.transports: missing"),
        (r#","transports":[]"#.into(), "transport.transports: empty; describe at least one"),
        (r#","transports":{"a":{}}"#.into(), "transport.transports: empty"),
        (r#","transports":[{"type":"nop"}]"#.into(), "transport.transports.0.type: unknown kind"),
        (format!(r#",{leg},"leg_timeout":0"#), "transport.leg_timeout: not a time"),
        (format!(r#",{leg},"circuit_breaker":{{"failures":0}}"#), "transport.circuit_breaker.failures: not a number"),
        (format!(r#",{leg},"circuit_breaker":{{"fails":1}}"#), "transport.circuit_breaker.fails: unknown option"),
        (format!(r#",{leg},"continue_on_fail":1"#), "transport.continue_on_fail: unknown option"),
    ] {
        let error = error(&format!(r#"{{"type":"composite"{options}}}"#));
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn composites_and_transforms_are_legs() {
    let json = r#"{"type":"composite","circuit_breaker":{},"transports":{
        "deep":{"type":"composite","transports":[{"type":"composite","transports":[{"type":"noop"}]}]},
        "renamed":{"type":"transform","namespaces":{"job":{"a":"b"}},"transport":{"type":"noop"}}}}"#;
    assert_eq!(legs(json), ["deep", "renamed"]);
}

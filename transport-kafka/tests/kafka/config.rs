//! What a configuration comes to, and what is said of one that cannot be used.

use openlineage_core::config::{ConfigError, Registry, TransportSpec};
use openlineage_core::transport::{Fresh, Transport, TransportSource};
use openlineage_transport_kafka::{KafkaFactory, KafkaTransport};
use std::sync::Arc;

const BROKER: &str = r#""bootstrap.servers": "localhost:9092""#;

fn built(json: &str) -> Result<Arc<dyn Transport>, ConfigError> {
    let registry = Registry::builtin().with("kafka", KafkaFactory);
    Fresh.get(&TransportSpec::from_json(json)?, &registry)
}

/// A transport with these options beside the topic, and these properties beside the broker.
fn with(options: &str, properties: &str) -> Result<Arc<dyn Transport>, ConfigError> {
    built(&format!(r#"{{"type": "kafka", "topic": "t", "config": {{{BROKER}{properties}}}{options}}}"#))
}

#[test]
fn options_of_the_python_client_are_understood() {
    for (options, properties) in [
        ("", ""),
        (r#", "messageKey": "k", "flush": false"#, r#", "acks": "1", "linger.ms": 5"#),
        (r#", "message_key": "k", "flush": "no""#, r#", "enable.idempotence": true, "compression.type": "gzip""#),
        (r#", "messageKey": "", "name": "lake""#, r#", "queue.buffering.max.ms": 100, "delivery.timeout.ms": 1000"#),
        ("", r#", "max.in.flight": 10, "retries": 0"#),
        ("", r#", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.password": "p""#),
    ] {
        let transport = with(options, properties).unwrap_or_else(|error| panic!("{options} {properties}: {error}"));
        assert_eq!(transport.info().kind, "kafka");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_key_and_never_with_its_value() {
    for (options, properties, key, problem) in [
        ("", r#", "bootstrap.server": "canary""#, "config.bootstrap.server", "librdkafka has no such property"),
        ("", r#", "sasl_username": "canary""#, "config.sasl_username", "did you mean sasl.username?"),
        ("", r#", "acks": "canary""#, "config.acks", "librdkafka does not take this value"),
        ("", r#", "linger.ms": "canary""#, "config.linger.ms", "librdkafka does not take this value"),
        ("", r#", "sasl.password": ["canary"]"#, "config.sasl.password", "neither a text nor a reference"),
        ("", r#", "transactional.id": "canary""#, "config.transactional.id", "not sent in transactions"),
        ("", r#", "delivery.report.only.error": true"#, "config.delivery.report.only.error", "would not be known"),
        ("", r#", "queue.buffering.max.messages": 0"#, "config.queue.buffering.max.messages", "bounded"),
        ("", r#", "message.timeout.ms": 0"#, "config.message.timeout.ms", "has to end"),
        ("", r#", "security.protocol": "SASL_PLAINTEXT""#, "config.sasl.mechanisms", "Kerberos"),
        (r#", "flush": "canary""#, "", "flush", "true or false"),
        (r#", "flsuh": true"#, "", "flsuh", "did you mean flush?"),
        (r#", "undelivered_file": """#, "", "undelivered_file", "empty"),
    ] {
        let error = with(options, properties).map(drop).unwrap_err();
        assert_eq!(error.key(), format!("transport.{key}"), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for (json, key) in [
        (r#"{"type": "kafka", "topic": "t"}"#, "config"),
        (r#"{"type": "kafka", "topic": "t", "config": {}}"#, "config.bootstrap.servers"),
        (r#"{"type": "kafka", "topic": "t", "config": {"bootstrap.servers": ""}}"#, "config.bootstrap.servers"),
        (r#"{"type": "kafka", "config": {"bootstrap.servers": "b:1"}}"#, "topic"),
        (r#"{"type": "kafka", "topic": "a b", "config": {"bootstrap.servers": "b:1"}}"#, "topic"),
        (r#"{"type": "kafka", "topic": "..", "config": {"bootstrap.servers": "b:1"}}"#, "topic"),
    ] {
        assert_eq!(built(json).map(drop).unwrap_err().key(), format!("transport.{key}"), "{json}");
    }
}

#[test]
fn tls_is_refused_by_a_build_without_it_and_taken_by_one_with_it() {
    for (properties, key) in [
        (r#", "security.protocol": "ssl""#, "security.protocol"),
        (r#", "ssl.ca.pem": "x""#, "ssl.ca.pem"),
        (r#", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256""#, "sasl.mechanism"),
        (r#", "sasl.mechanisms": "OAUTHBEARER""#, "sasl.mechanisms"),
    ] {
        let outcome = with("", properties).map(drop);
        if !cfg!(feature = "tls") {
            let error = outcome.unwrap_err();
            assert_eq!(error.key(), format!("transport.config.{key}"));
            assert!(error.to_string().contains("`tls`"), "{error}");
        } else if !properties.contains("OAUTHBEARER") {
            outcome.unwrap();
        }
    }
}

#[test]
fn secrets_are_in_no_debug_output() {
    let builder = KafkaTransport::builder("t").config("bootstrap.servers", "b:1").config("sasl.password", "canary");
    let builder = builder.config("sasl.username", "canary");
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("lz4") && shown.contains("enable.idempotence"), "what helps is shown: {shown}");
}

#[test]
fn a_secret_may_be_a_reference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "canary\n").unwrap();
    let properties = format!(r#", "sasl.password": {{"file": {:?}}}"#, file.to_str().unwrap());
    assert!(with("", &properties).is_ok());
    let error = with("", r#", "sasl.password": {"env": "NO_SUCH_VARIABLE_HERE"}"#).map(drop).unwrap_err();
    assert_eq!(error.key(), "transport.config.sasl.password");
}

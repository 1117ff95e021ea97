//! What brokers refuse, and how that is told.

use std::error::Error;
use std::sync::RwLockReadGuard;
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::error::{Disposition, EmitError, EmitErrorKind};
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::transport::Transport;
use openlineage_transport_kafka::KafkaBuilder;

use crate::real::{address, broker, event, long, make_topic, read_all, reader, transport};

fn chain(error: &EmitError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

#[test]
fn an_event_that_is_too_large_for_its_topic_fails_for_good_and_no_other_does() {
    let Some((address, _turn)) = broker() else { return };
    make_topic(&address, "refusals.small", 1, &[("max.message.bytes", "2000")]);
    let kafka = transport(&address, "refusals.small").config("compression.type", "none").build().unwrap();
    blocking::deliver(&kafka, event(1, 1), long()).unwrap();
    let text = String::from_utf8(event(1, 2).bytes().to_vec()).unwrap();
    let large = text.replace("\"producer\"", &format!("\"filler\":\"{}\",\"producer\"", "x".repeat(4000)));
    let large = openlineage_core::event::EncodedEvent::from_json(large).unwrap();
    let error = blocking::emit(&kafka, large, long()).unwrap_err();
    assert_eq!((error.kind(), error.disposition()), (&EmitErrorKind::Rejected { code: 10 }, Disposition::Permanent));
    blocking::deliver(&kafka, event(1, 3), long()).unwrap();
    assert_eq!(read_all(&reader(&address), "refusals.small").len(), 2);
    let tally = blocking::close(&kafka, long()).unwrap().tally;
    assert_eq!((tally.delivered, tally.failed), (2, 1));
}

#[test]
fn an_event_that_the_client_may_not_send_is_refused_before_it_is_sent() {
    let Some((address, _turn)) = broker() else { return };
    let kafka = transport(&address, "refusals.client").config("message.max.bytes", "1000").build().unwrap();
    let text = String::from_utf8(event(1, 1).bytes().to_vec()).unwrap();
    let large = text.replace("\"producer\"", &format!("\"filler\":\"{}\",\"producer\"", "x".repeat(1000)));
    let large = openlineage_core::event::EncodedEvent::from_json(large).unwrap();
    let error = blocking::emit(&kafka, large, long()).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::TooLarge { limit: 1000, .. }), "{error}");
    assert_eq!(error.fate(), Fate::Refused);
    blocking::deliver(&kafka, event(1, 2), long()).unwrap();
}

#[test]
fn a_topic_that_is_not_there_and_may_not_be_made_is_named() {
    let Some((address, _turn)) = broker() else { return };
    let kafka = transport(&address, "refusals.absent").config("allow.auto.create.topics", "false");
    let kafka = kafka.config("topic.metadata.propagation.max.ms", "500").build().unwrap();
    let error = blocking::emit(&kafka, event(1, 1), long()).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::Rejected { .. }), "{}", chain(&error));
    assert_eq!(error.disposition(), Disposition::Permanent);
    assert!(chain(&error).contains("nknown topic"), "{}", chain(&error));
}

/// The listener that asks who is there.
fn sasl() -> Option<(RwLockReadGuard<'static, ()>, String)> {
    let (_, turn) = broker()?;
    address("OPENLINEAGE_KAFKA_SASL").map(|sasl| (turn, sasl))
}

fn with_login(address: &str, password: &str) -> KafkaBuilder {
    let user = std::env::var("OPENLINEAGE_KAFKA_USER").unwrap();
    transport(address, "refusals.login")
        .config("security.protocol", "SASL_PLAINTEXT")
        .config("sasl.mechanism", "PLAIN")
        .config("sasl.username", user)
        .config("sasl.password", password)
}

#[test]
fn a_wrong_password_is_told_by_the_deadline_with_what_the_broker_says() {
    let Some((_turn, sasl)) = sasl() else { return };
    let kafka = with_login(&sasl, "canary-77").build().unwrap();
    let began = Instant::now();
    let error = blocking::emit(&kafka, event(1, 1), Deadline::after(Duration::from_secs(2))).unwrap_err();
    assert!(began.elapsed() < Duration::from_millis(2250), "{:?}", began.elapsed());
    assert!(matches!(error.kind(), EmitErrorKind::Unauthorized { .. }), "{}", chain(&error));
    assert!(chain(&error).contains("Invalid username or password"), "{}", chain(&error));
    assert!(!format!("{} {error:?} {kafka:?}", chain(&error)).contains("canary"));
    assert_eq!(kafka.stats().tally.failed, 1);
}

#[test]
fn the_right_password_lets_events_through() {
    let Some((_turn, sasl)) = sasl() else { return };
    let kafka = with_login(&sasl, &std::env::var("OPENLINEAGE_KAFKA_PASSWORD").unwrap()).build().unwrap();
    blocking::deliver(&kafka, event(1, 1), long()).unwrap();
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
}

#[test]
fn nobody_at_the_address_is_told_by_the_deadline() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let kafka = transport(&nobody.to_string(), "refusals.nobody").build().unwrap();
    let error = blocking::emit(&kafka, event(1, 1), Deadline::after(Duration::from_secs(1))).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Unreachable, "{}", chain(&error));
    assert!(chain(&error).contains("Connection refused"), "{}", chain(&error));
}

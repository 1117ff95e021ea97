//! `check --connect`, and Kafka from the command line.

use openlineage_core::testkit::server::{Answer, Server};
use serde_json::{Value, json};

use crate::common::{self, Done, openlineage};

fn connect(transport: &Value, args: &[&str]) -> Done {
    let transport = transport.to_string();
    common::run(&mut openlineage(
        &[&["check", "--connect", "--transport", &transport, "--timeout", "3"], args].concat(),
    ))
}

#[test]
fn a_server_that_answers_is_reached_without_an_event() {
    let server = Server::start().unwrap();
    let done = connect(&json!({"type": "http", "url": server.url()}), &[]);
    assert_eq!(done.code, Some(0), "{}", done.text());
    assert!(done.text().contains("reached http: answers an empty request with status 20"), "{}", done.text());
    assert!(server.requests().iter().all(|request| request.body.is_empty()));
}

#[test]
fn a_server_that_refuses_the_credentials_is_not_reached() {
    let server = Server::start().unwrap();
    server.always(Answer::status(401));
    let auth = json!({"type": "api_key", "apiKey": "canary"});
    let done = connect(&json!({"type": "http", "url": server.url(), "auth": auth}), &[]);
    assert_eq!(done.code, Some(1), "{}", done.text());
    assert!(done.text().contains("not reached: http: credentials were refused (401)"), "{}", done.text());
    assert!(!done.text().contains("canary") && !done.stderr.contains("canary"));
}

#[test]
fn every_leg_is_reached_for_and_one_that_is_not_there_is_told() {
    let server = Server::start().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let legs = json!([
        {"type": "http", "name": "away", "url": format!("http://{nobody}")},
        {"type": "http", "name": "there", "url": server.url()},
        {"type": "console"},
    ]);
    let done = connect(&json!({"type": "composite", "transports": legs}), &["--format", "json"]);
    assert_eq!(done.code, Some(1), "{}", done.text());
    let found: Value = serde_json::from_str(&done.text()).unwrap();
    let reached: Vec<_> = found["reached"].as_array().unwrap().iter().map(|one| one["reached"].clone()).collect();
    assert_eq!(reached, [json!(false), json!(true), Value::Null]);
    assert_eq!(found["reached"][0]["name"], "away");
}

#[cfg(feature = "kafka")]
mod kafka {
    use std::fs;
    use std::io::Write;

    use super::*;

    /// Where the broker is, if there is one.
    fn broker() -> Option<String> {
        let broker = std::env::var("OPENLINEAGE_KAFKA").ok();
        if broker.is_none() {
            let mut seen = std::io::stderr();
            writeln!(seen, "skipped: OPENLINEAGE_KAFKA is not set, `cargo xtask test` starts a broker").unwrap();
        }
        broker
    }

    fn to(broker: &str, topic: &str) -> Value {
        json!({"type": "kafka", "topic": topic, "config": {"bootstrap.servers": broker}})
    }

    #[test]
    fn events_of_a_file_arrive_and_then_their_topic_is_there() {
        let Some(broker) = broker() else { return };
        let folder = tempfile::tempdir().unwrap();
        let (file, topic) = (folder.path().join("events.ndjson"), format!("cli.{}", std::process::id()));
        let line = |number| format!("{{\"job\":{{\"namespace\":\"n\",\"name\":\"job-{number}\"}}}}\n");
        fs::write(&file, (0..50).map(line).collect::<String>()).unwrap();
        let done = connect(&to(&broker, &topic), &[]);
        assert!(done.text().contains(&format!("reached kafka: 1 broker and no topic {topic} yet")), "{}", done.text());
        for flush in [true, false] {
            let mut transport = to(&broker, &topic);
            transport["flush"] = json!(flush);
            let file = file.to_str().unwrap();
            let done = common::run(&mut openlineage(&["emit", file, "--transport", &transport.to_string()]));
            assert_eq!(done.code, Some(0), "{}", done.stderr);
            assert!(done.stderr.contains("50 delivered"), "{}", done.stderr);
        }
        let done = connect(&to(&broker, &topic), &[]);
        assert_eq!(done.code, Some(0));
        assert!(done.text().contains(&format!("has topic {topic} with 1 partition")), "{}", done.text());
    }

    #[test]
    fn nobody_at_the_address_is_told_with_the_reason() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let done = connect(&to(&nobody.to_string(), "t"), &[]);
        assert_eq!(done.code, Some(1), "{}", done.text());
        assert!(done.text().contains("not reached: kafka") && done.text().contains("refused"), "{}", done.text());
    }

    #[test]
    fn tls_names_the_feature_that_it_needs() {
        let mut transport = to("localhost:9093", "t");
        transport["config"]["security.protocol"] = json!("SSL");
        let done = connect(&transport, &[]);
        assert_eq!(done.code, Some(2), "{}", done.text());
        assert!(done.text().contains("`kafka-tls`"), "{}", done.text());
    }
}

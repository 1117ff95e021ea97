//! No credential in any text that the transport makes, not even when a server says it back.

use openlineage_core::config::{Registry, TransportSpec};
use openlineage_core::error::EmitErrorKind;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Fresh, TransportSource};
use openlineage_transport_http::{HttpFactory, HttpTransport};

use crate::support::{chain, close, emit, event, refusing, to};

const KEY: &str = "canary-key/1\"2";
const HEADER: &str = "Token canary-header";

fn is_clean(text: &str) {
    assert!(!text.contains("canary") && !text.contains("can%61ry"), "{text}");
}

#[test]
fn debug_shows_none() {
    let builder = HttpTransport::builder("http://user:canary@h/canary-not?canary=canary")
        .endpoint("x?key=canary")
        .api_key(KEY)
        .header("X-Key", HEADER);
    let shown = format!("{builder:?}");
    is_clean(&shown.replace("canary-not", ""));
    assert!(shown.contains("X-Key") && shown.contains("http://h/canary-not?***"), "{shown}");
    is_clean(&format!("{:?}", HttpTransport::builder("canary").api_key(KEY)));

    let server = Server::start().unwrap();
    let transport = to(&server).endpoint("x?key=canary").api_key(KEY).header("X-Key", HEADER).build().unwrap();
    is_clean(&format!("{transport:?}"));
    emit(&transport, &event(0)).unwrap();
    assert_eq!(server.requests()[0].path, "/x?key=canary");
    assert_eq!(server.requests()[0].header("x-key"), Some(HEADER));
    is_clean(&format!("{transport:?}"));
    close(&transport);
}

#[test]
fn errors_show_none_though_the_server_says_it_back() {
    let json = serde_json::json!({ "authorization": format!("Bearer {KEY}"), "x-key": HEADER }).to_string();
    let path = "nothing at /x?token=can%61ry-token, that is canary-token".to_owned();
    let long = "x".repeat(4090) + KEY;
    for body in [format!("bad key {KEY}"), "bad canary-header".to_owned(), json, path, long] {
        for status in [401, 422, 429, 500] {
            let server = Server::start().unwrap();
            server.always(Answer::status(status).body(body.clone()));
            let builder = to(&server).endpoint("x?token=can%61ry-token").api_key(KEY).header("X-Key", HEADER);
            let transport = builder.build().unwrap();
            let error = emit(&transport, &event(0)).unwrap_err();
            is_clean(&format!("{} {error:?}", chain(&error)));
            let report = openlineage_core::blocking::close(&transport, openlineage_core::lifecycle::Deadline::now());
            is_clean(&format!("{:?}", report.unwrap()));
        }
    }
}

#[test]
fn errors_of_connections_show_no_query() {
    let server = Server::start().unwrap();
    server.always(Answer::reset());
    for url in [server.url(), refusing(), "http://no-such-host.invalid".to_owned()] {
        let transport = HttpTransport::builder(url).endpoint("x?key=canary").retry(crate::support::quick()).build();
        let transport = transport.unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!(error.kind(), &EmitErrorKind::Unreachable);
        is_clean(&format!("{} {error:?}", chain(&error)));
        close(&transport);
    }
}

#[test]
fn errors_of_configuration_show_no_value() {
    for options in [
        r#"{"type":"http","url":"http://u:canary@h"}"#,
        r#"{"type":"http","url":"http://h","auth":{"type":"api_key","apiKey":"canary\ncanary"}}"#,
        r#"{"type":"http","url":"http://h","auth":{"type":"canary","apiKey":"canary"}}"#,
        r#"{"type":"http","url":"http://h","auth":"canary"}"#,
        r#"{"type":"http","url":"http://h","custom_headers":{"X":"canary\u0000"}}"#,
        r#"{"type":"http","url":"http://h","compression":"canary"}"#,
        r#"{"type":"http","url":"http://h?canary","retry":{"total":"canary"}}"#,
    ] {
        let spec = TransportSpec::from_json(options).unwrap();
        let error = Fresh.get(&spec, &Registry::empty().with("http", HttpFactory)).unwrap_err();
        is_clean(&format!("{} {error:?}", chain(&error)));
    }
}

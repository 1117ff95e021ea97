//! The key in no text that the transport makes, not even when the server says it back.

use std::error::Error;

use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_transport_datadog::DatadogTransport;

use crate::support::{build, confirm, confirmed, fate, queued, submit, to};

const KEY: &str = "canary-key/1\"2";

fn is_clean(text: &str) {
    assert!(!text.contains("canary"), "{text}");
}

fn chain(error: &dyn Error) -> String {
    let below = error.source().map(chain).unwrap_or_default();
    format!("{error}: {below} {error:?}")
}

#[test]
fn debug_shows_none() {
    is_clean(&format!("{:?}", DatadogTransport::builder(KEY).site("http://user:canary@h/?key=canary")));
    let server = Server::start().unwrap();
    let builder = DatadogTransport::builder(KEY).site(format!("{}/?key=canary", server.url()));
    let transport = builder.build().unwrap();
    is_clean(&format!("{transport:?}"));
    assert!(confirm(&transport, confirmed(1, 0)).is_ok());
    assert_eq!(server.requests()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
    is_clean(&format!("{transport:?}"));
    is_clean(&format!("{:?}", crate::support::close(&transport)));
}

#[test]
fn errors_show_none_though_the_server_says_it_back() {
    for status in [401, 422, 500] {
        let server = Server::start().unwrap();
        server.always(Answer::status(status).body(format!("no such key: {KEY}")));
        let transport = DatadogTransport::builder(KEY).site(server.url()).retry(crate::support::repeating(0));
        let transport = transport.build().unwrap();
        is_clean(&chain(&confirm(&transport, confirmed(1, 0)).unwrap_err()));
        is_clean(&chain(&fate(submit(&transport, queued(1, 1))).unwrap_err()));
        let report = openlineage_core::blocking::close(&transport, Deadline::now()).unwrap();
        assert_eq!(report.tally.failed, 2);
        is_clean(&format!("{report:?}"));
    }
}

#[test]
fn errors_of_configuration_show_no_value() {
    for (options, variables) in [
        (r#""apiKey": "canary\ncanary""#, [("A", "")]),
        (r#""apiKey": {"canary": "canary"}"#, [("A", "")]),
        (r#""apiKey": "canary", "site": "http://canary@h""#, [("A", "")]),
        (r#""apiKey": "canary", "site": "canary""#, [("A", "")]),
        (r#""apiKey": "canary", "async_transport_rules": {"dbt": {"*": "canary"}}"#, [("A", "")]),
        ("", [("DD_API_KEY", "canary\u{7f}")]),
        (r#""apiKey": "k""#, [("DD_SITE", "canary")]),
    ] {
        let error = build(options, &variables).map(drop).unwrap_err();
        is_clean(&chain(&error));
    }
    is_clean(&chain(&DatadogTransport::builder("canary\ncanary").build().map(drop).unwrap_err()));
    let server = Server::start().unwrap();
    is_clean(&chain(&to(&server).site("canary").build().map(drop).unwrap_err()));
}

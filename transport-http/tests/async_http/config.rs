//! The queue's options: every one of them, and what is wrong with the wrong ones.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::config::{ConfigError, Registry, TransportSpec};
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::{Deadline, Fate};
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Fresh, Transport, TransportInfo, TransportSource};
use openlineage_transport_http::{AsyncHttpFactory, AsyncHttpTransport};
use serde_json::{Value, json};

use crate::support::{LIMIT, close, event, submit, wait};

fn build(mut options: Value) -> Result<Arc<dyn Transport>, ConfigError> {
    options["type"] = json!("async_http");
    let spec = TransportSpec::from_value(options).unwrap();
    Fresh.get(&spec, &Registry::empty().with("async_http", AsyncHttpFactory))
}

#[test]
fn what_may_be_written() {
    for more in [
        json!({}),
        json!({ "max_queue_size": 1, "max_concurrent_requests": 1, "max_queue_bytes": 1 }),
        json!({ "max_queue_size": "500", "max_concurrent_requests": null, "drop_oldest": "Yes" }),
        json!({ "max_age": 0.5, "drop_oldest": false }),
        json!({ "max_age": null, "name": "marquez" }),
        json!({ "endpoint": "x", "timeout": 1, "auth": { "type": "api_key", "apiKey": "k" }, "compression": "gzip" }),
        json!({ "sslContext": { "caCertPath": "/no/such/file" }, "undelivered_file": "/no/such/folder/file" }),
        json!({ "retry": { "total": -1, "connect": -1, "read": -1 } }),
    ] {
        let mut options = json!({ "url": "https://h:5000" });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let transport = build(options).unwrap_or_else(|error| panic!("{more}: {error}"));
        assert_eq!(transport.info().kind, "async_http");
        assert_eq!(transport.info().name.as_deref(), more["name"].as_str());
    }
}

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    let url = "http://h";
    for (options, message) in [
        (json!({}), "transport.url: missing"),
        (
            json!({ "url": url, "max_queue_size": 0 }),
            "transport.max_queue_size: not above zero; leave it out or write 10000",
        ),
        (json!({ "url": url, "max_queue_size": -1 }), "transport.max_queue_size: not above zero"),
        (json!({ "url": url, "max_queue_size": "many" }), "transport.max_queue_size: not a whole number"),
        (json!({ "url": url, "max_queue_size": 1.5 }), "transport.max_queue_size: not a whole number"),
        (
            json!({ "url": url, "max_concurrent_requests": 0 }),
            "transport.max_concurrent_requests: not above zero; leave it out or write 100,",
        ),
        (json!({ "url": url, "max_concurrent_requests": -5 }), "transport.max_concurrent_requests: not above zero"),
        (json!({ "url": url, "max_concurrent_requests": [] }), "transport.max_concurrent_requests: not a whole number"),
        (
            json!({ "url": url, "max_queue_bytes": 0 }),
            "transport.max_queue_bytes: not above zero; leave it out or write 67108864",
        ),
        (json!({ "url": url, "max_queue_bytes": -1 }), "transport.max_queue_bytes: not above zero"),
        (json!({ "url": url, "max_queue_bytes": "64 MiB" }), "transport.max_queue_bytes: not a whole number"),
        (json!({ "url": url, "max_age": 0 }), "transport.max_age: zero; give seconds, such as 3600, or leave it out"),
        (json!({ "url": url, "max_age": -1 }), "transport.max_age: not a number of zero or more"),
        (json!({ "url": url, "max_age": "1h" }), "transport.max_age: not a number"),
        (json!({ "url": url, "max_age": 1e300 }), "transport.max_age: too many seconds"),
        (json!({ "url": url, "drop_oldest": 2 }), "transport.drop_oldest: neither true nor false"),
        (json!({ "url": url, "drop_oldest": "first" }), "transport.drop_oldest: neither true nor false"),
        (
            json!({ "url": url, "max_que_size": 1 }),
            "transport.max_que_size: unknown option; did you mean max_queue_size?",
        ),
        (json!({ "url": url, "timeout": 0 }), "transport.timeout: zero"),
        (json!({ "url": url, "retry": { "total": -2 } }), "transport.retry.total: not a number of repetitions"),
    ] {
        let text = options.to_string();
        let error = build(options).map(|transport| panic!("{text}: {transport:?}")).unwrap_err();
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
}

/// A transport to a server that holds everything back, with room for two events and one request.
fn small(more: Value) -> (Server, Arc<dyn Transport>) {
    let server = Server::start().unwrap();
    server.always(Answer::hang());
    let mut options = json!({ "url": server.url(), "max_queue_size": 2, "max_concurrent_requests": 1 });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    (server, build(options).unwrap())
}

#[test]
fn a_full_queue_refuses_who_does_not_wait() {
    let (server, transport) = small(json!({}));
    let tickets: Vec<_> = (0..2).map(|run| submit(&*transport, event(run, 0)).unwrap()).collect();
    let refused = blocking::emit(&*transport, event(2, 0), Deadline::now()).unwrap_err();
    assert_eq!(refused.kind(), &EmitErrorKind::QueueFull { capacity: 2 });
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    server.always(Answer::status(201));
    server.release();
    let (report, _) = close(&*transport, LIMIT, tickets);
    assert_eq!((report.tally.delivered, report.tally.refused), (2, 1));
}

#[test]
fn a_full_queue_drops_its_oldest_if_asked_to() {
    let (server, transport) = small(json!({ "drop_oldest": true }));
    let mut tickets = vec![submit(&*transport, event(0, 0)).unwrap()];
    assert_eq!(server.wait_for(1, LIMIT).len(), 1);
    tickets.extend((1..3).map(|run| submit(&*transport, event(run, 0)).unwrap()));
    server.always(Answer::status(201));
    server.release();
    let (report, outcomes) = close(&*transport, LIMIT, tickets);
    assert_eq!((report.tally.delivered, report.tally.abandoned), (2, 1));
    assert_eq!(outcomes[1].as_ref().unwrap_err().kind(), &EmitErrorKind::Displaced);
}

#[test]
fn an_event_that_grows_too_old_fails() {
    let (server, transport) = small(json!({ "max_age": 0.1 }));
    let outcomes: Vec<_> = (0..2).map(|run| submit(&*transport, event(run, 0)).unwrap()).collect();
    let outcomes: Vec<_> = outcomes.into_iter().map(|ticket| wait(ticket, LIMIT).unwrap().unwrap_err()).collect();
    for error in &outcomes {
        assert_eq!((error.kind(), error.fate()), (&EmitErrorKind::Expired, Fate::Failed));
    }
    drop(server);
    let report = blocking::close(&*transport, Deadline::after(Duration::from_secs(1))).unwrap();
    assert_eq!((report.tally.failed, report.is_clean()), (2, false));
}

#[test]
fn an_event_larger_than_the_queue_is_refused() {
    let (_server, transport) = small(json!({ "max_queue_bytes": 100 }));
    let error = submit(&*transport, event(0, 0)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::TooLarge { bytes: event(0, 0).len(), limit: 100 });
}

#[test]
fn another_kind_can_be_built_on_it() {
    let server = Server::start().unwrap();
    let builder = AsyncHttpTransport::builder(server.url()).name("not this");
    let transport = builder.queued(TransportInfo::new("mine").named("that")).unwrap().build();
    assert_eq!((&*transport.info().kind, transport.info().name.as_deref()), ("mine", Some("that")));
    let ticket = submit(&transport, event(0, 0)).unwrap();
    let (report, _) = close(&transport, LIMIT, vec![ticket]);
    assert_eq!(report.tally.delivered, 1);
}

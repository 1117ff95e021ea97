//! A primary that queues and is down, before a fallback: private, and with shared transports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use openlineage::builder;
use openlineage::composite::{Retain, TransportCache};
use openlineage::config::{ConfigValue, Environment, Loader, Source};
use openlineage::error::Sent;
use openlineage::prelude::*;
use openlineage::transport::{LegFate, Receipt};
use openlineage_core::testkit::server::{Answer, Server};
use serde_json::json;

/// One with each kind of source.
fn clients(primary: &str, fallback: &Server) -> [Client; 3] {
    let transport = json!({"transport": {
    "type": "composite", "continue_on_success": false, "leg_timeout": 0.3, "transports": [
        {"type": "async_http", "url": primary, "retry": {"backoff_factor": 30, "total": -1, "connect": -1}},
        {"type": "http", "url": fallback.url()},
    ]}});
    let config = ConfigValue::from_value(&transport, &Source::Code);
    let settings = Loader::new(Environment::default()).config(config).load().unwrap().settings;
    let new = || builder().settings(settings.clone()).environment(Environment::default());
    let cached = |retain| new().source(Arc::new(TransportCache::new(retain)));
    [new().private(), cached(Retain::LastShare), cached(Retain::Process)].map(|builder| builder.build().unwrap())
}

fn deliver(client: &Client) -> Receipt {
    let job = JobRef::new("n", "j");
    let event = RunEvent::start(RunId::new(), job).build(&Uri::from_static("https://example.com/test"));
    match client.blocking().emit(event).unwrap() {
        Ack::Delivered(receipt) => receipt,
        ack => unreachable!("{ack:?}"),
    }
}

#[test]
fn an_event_that_the_primary_could_not_send_goes_to_the_fallback_alone() {
    let fallback = Server::start().unwrap();
    let address = Server::start().unwrap().addr();
    for (number, client) in clients(&format!("http://{address}"), &fallback).iter().enumerate() {
        let receipt = deliver(client);
        assert!(matches!(&receipt.legs[0].fate, LegFate::Lost(error) if error.sent() == Sent::No), "{receipt:?}");
        assert!(matches!(receipt.legs[1].fate, LegFate::Delivered(_)), "{receipt:?}");
        assert_eq!(fallback.requests().len(), number + 1);
        let back = Server::start_at(address).unwrap();
        assert!(client.blocking().close().unwrap().tally.lost() == 0);
        assert!(back.requests().is_empty(), "the primary delivers what was taken back from it");
    }
}

#[test]
fn one_that_it_may_have_sent_may_come_twice_and_the_receipt_says_so() {
    let (primary, fallback) = (Server::start().unwrap(), Server::start().unwrap());
    for (number, client) in clients(&primary.url(), &fallback).iter().enumerate() {
        primary.always(Answer::hang());
        let receipt = deliver(client);
        assert!(matches!(receipt.legs[0].fate, LegFate::Open), "{receipt:?}");
        assert!(matches!(receipt.legs[1].fate, LegFate::Delivered(_)), "{receipt:?}");
        primary.always(Answer::status(201));
        primary.release();
        assert_eq!(client.blocking().close().unwrap().tally.delivered, 1);
        assert_eq!((primary.requests().len(), fallback.requests().len()), (number + 1, number + 1));
    }
}

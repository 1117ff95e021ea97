//! The transport over TLS, against a real broker.
#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "what disturbs the broker is not needed here")]

mod real;

use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::lifecycle::Deadline;

use real::{address, event, long, read_all, reader, transport};

fn ca() -> String {
    std::env::var("OPENLINEAGE_KAFKA_CA").unwrap()
}

#[test]
fn events_arrive_where_the_certificate_is_trusted() {
    let Some(tls) = address("OPENLINEAGE_KAFKA_TLS") else { return };
    let kafka = transport(&tls, "tls").config("security.protocol", "SSL").config("ssl.ca.location", ca());
    let kafka = kafka.build().unwrap();
    blocking::deliver(&kafka, event(1, 1), long()).unwrap();
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
    let mut config = reader(&tls);
    config.set("security.protocol", "SSL").set("ssl.ca.location", ca());
    assert_eq!(read_all(&config, "tls").len(), 1);
}

#[test]
fn a_certificate_that_nobody_trusts_is_told_by_the_deadline() {
    let Some(tls) = address("OPENLINEAGE_KAFKA_TLS") else { return };
    let kafka = transport(&tls, "tls.untrusted").config("security.protocol", "SSL").build().unwrap();
    let error = blocking::emit(&kafka, event(1, 1), Deadline::after(Duration::from_secs(2))).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Unreachable);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("certificate verify failed"), "{cause}");
}

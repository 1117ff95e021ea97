//! Hosts by name.

use openlineage_core::error::{EmitErrorKind, Sent};
use openlineage_core::testkit::server::Server;
use openlineage_transport_http::HttpTransport;

use crate::support::{chain, close, emit, event, quick};

#[test]
fn localhost_is_found() {
    let server = Server::start().unwrap();
    let url = format!("http://localhost:{}", server.addr().port());
    let transport = HttpTransport::builder(url).build().unwrap();
    for n in 0..3 {
        emit(&transport, &event(n)).unwrap();
    }
    assert_eq!(server.requests()[2].body, *event(2).bytes());
    assert_eq!(server.requests()[0].header("host"), Some(format!("localhost:{}", server.addr().port()).as_str()));
    close(&transport);
}

#[test]
fn a_host_that_is_not_there_is_unreachable() {
    let transport = HttpTransport::builder("http://no-such-host.invalid").retry(quick()).build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&EmitErrorKind::Unreachable, Sent::No));
    assert!(chain(&error).contains("dns error"), "{}", chain(&error));
    close(&transport);
}

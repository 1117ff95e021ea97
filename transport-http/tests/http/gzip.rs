//! Compressed bodies.

use std::io::Read;

use openlineage_core::testkit::server::{Answer, Request, Server};
use openlineage_transport_http::Compression;

use crate::support::{close, emit, event, event_of, to};

fn unpacked(request: &Request) -> Vec<u8> {
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    assert_eq!(request.header("content-length").unwrap().parse(), Ok(request.body.len()));
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn bodies_of_every_size_come_out_as_they_went_in() {
    let server = Server::start().unwrap();
    let transport = to(&server).compression(Compression::Gzip).build().unwrap();
    for (n, padding) in [0, 3_000, 250_000, 300_000, 3_000_000, 10].into_iter().enumerate() {
        let event = event_of(n, padding);
        emit(&transport, &event).unwrap();
        let request = server.requests().pop().unwrap();
        assert_eq!(unpacked(&request), *event.bytes());
        assert!(request.body.len() < event.bytes().len());
    }
    assert_eq!(server.accepted(), 1);
    close(&transport);
}

#[test]
fn a_repetition_sends_the_same_bytes() {
    let server = Server::start().unwrap();
    server.script([Answer::status(503), Answer::reset(), Answer::hang()]);
    let limit = std::time::Duration::from_millis(200);
    let transport = to(&server).compression(Compression::Gzip).timeout(limit).build().unwrap();
    assert_eq!(emit(&transport, &event(5)).unwrap().attempts, 4);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| request.body == requests[0].body));
    assert_eq!(unpacked(&requests[3]), *event(5).bytes());
    close(&transport);
}

#[test]
fn without_compression_nothing_is_said_of_it() {
    let server = Server::start().unwrap();
    let transport = to(&server).build().unwrap();
    emit(&transport, &event_of(0, 300_000)).unwrap();
    assert_eq!(server.requests()[0].header("content-encoding"), None);
    assert_eq!(server.requests()[0].body, *event_of(0, 300_000).bytes());
    close(&transport);
}

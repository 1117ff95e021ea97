//! What is sent, by either way.

use openlineage_core::testkit::server::Server;

use crate::support::{body, close, confirm, confirmed, fate, queued, submit, to};

#[test]
fn each_event_is_a_compressed_post_with_the_key() {
    let server = Server::start().unwrap();
    let transport = to(&server).build().unwrap();
    let events = [queued(1, 0), confirmed(1, 1)];
    assert!(fate(submit(&transport, events[0].clone())).is_ok());
    assert!(confirm(&transport, events[1].clone()).is_ok());
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for (request, event) in requests.iter().zip(&events) {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v1/lineage"));
        assert_eq!(request.header("authorization"), Some("Bearer key"));
        assert_eq!(request.header("content-encoding"), Some("gzip"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(body(request), event.bytes().as_ref());
    }
    assert_eq!(requests[0].connection, requests[1].connection, "one pool serves both ways");
    assert_eq!(server.accepted(), 1);
    assert!(close(&transport).is_clean());
}

#[test]
fn an_address_keeps_its_folder_where_it_ends_in_a_slash() {
    let server = Server::start().unwrap();
    for (base, path) in [
        ("", "/api/v1/lineage"),
        ("/base/", "/base/api/v1/lineage"),
        ("/base", "/api/v1/lineage"),
        ("/?a=b", "/api/v1/lineage"),
    ] {
        let transport = to(&server).site(format!("{}{base}", server.url())).build().unwrap();
        assert!(confirm(&transport, confirmed(1, 0)).is_ok());
        assert_eq!(server.requests().last().unwrap().path, path, "{base}");
        assert!(close(&transport).is_clean());
    }
}

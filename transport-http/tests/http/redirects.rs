//! Redirects: followed where nothing is lost, refused where something is.

use openlineage_core::error::{Disposition, EmitErrorKind};
use openlineage_core::testkit::server::{Answer, Server};

use crate::support::{chain, close, emit, event, to};

#[test]
fn on_the_same_server_body_and_credentials_go_along() {
    for status in [307, 308] {
        let server = Server::start().unwrap();
        let absolute = format!("{}/v2?x=1", server.url());
        server.script([Answer::redirect(status, "../moved").body("see there"), Answer::redirect(status, absolute)]);
        let transport = to(&server).api_key("key-canary").header("X-Team", "a").build().unwrap();
        assert_eq!(emit(&transport, &event(3)).unwrap().attempts, 1, "a hop is not an attempt");
        let requests = server.requests();
        let paths: Vec<_> = requests.iter().map(|request| request.path.as_str()).collect();
        assert_eq!(paths, ["/api/v1/lineage", "/api/moved", "/v2?x=1"]);
        for request in &requests {
            assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", event(3).bytes().as_ref()));
            assert_eq!(request.header("authorization"), Some("Bearer key-canary"));
            assert_eq!(request.header("x-team"), Some("a"));
        }
        assert_eq!(server.accepted(), 1);
        close(&transport);
    }
}

#[test]
fn another_server_is_not_told() {
    let (server, other) = (Server::start().unwrap(), Server::start().unwrap());
    let target = other.url().replace("http://", "http://user:canary@") + "/x?token=canary#canary";
    server.always(Answer::redirect(307, target));
    let transport = to(&server).api_key("key-canary").build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!((error.kind(), error.disposition()), (&EmitErrorKind::Rejected { code: 307 }, Disposition::Permanent));
    let text = chain(&error);
    assert!(text.ends_with(&format!("redirect to {}/x?*** leaves the server", other.url())), "{text}");
    assert!(!format!("{text} {error:?}").contains("canary"), "{text} {error:?}");
    assert_eq!((server.requests().len(), other.accepted()), (1, 0));
    close(&transport);
}

#[test]
fn what_would_become_a_get_is_refused() {
    for status in [301, 302, 303] {
        let server = Server::start().unwrap();
        server.always(Answer::redirect(status, "/elsewhere"));
        let transport = to(&server).build().unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!(error.kind(), &EmitErrorKind::Rejected { code: status.into() });
        let target = format!("{}/elsewhere", server.url());
        assert!(chain(&error).contains(&target), "{}", chain(&error));
        assert_eq!(server.requests().len(), 1);
        close(&transport);
    }
}

#[test]
fn a_circle_ends_after_five_hops() {
    let server = Server::start().unwrap();
    server.always(Answer::redirect(308, "/round"));
    let transport = to(&server).build().unwrap();
    let error = emit(&transport, &event(0)).unwrap_err();
    assert_eq!(error.kind(), &EmitErrorKind::Rejected { code: 308 });
    assert!(chain(&error).contains("more than 5 redirects"), "{}", chain(&error));
    assert_eq!(server.requests().len(), 6);
    close(&transport);
}

#[test]
fn a_redirect_to_nowhere_is_refused() {
    for answer in [Answer::status(307), Answer::redirect(307, "http://[::canary"), Answer::redirect(307, "data:canary")]
    {
        let server = Server::start().unwrap();
        server.always(answer);
        let transport = to(&server).build().unwrap();
        let error = emit(&transport, &event(0)).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (&EmitErrorKind::Rejected { code: 307 }, 1));
        assert!(!chain(&error).contains("canary"), "{}", chain(&error));
        close(&transport);
    }
}

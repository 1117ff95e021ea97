//! Proxies of the environment, which is read when the transport is built.

use openlineage_core::error::EmitErrorKind;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_transport_http::HttpTransport;

use crate::support::{alone, close, emit, event, quick};

/// Never reached: the name does not exist.
const BEHIND: &str = "http://lineage.invalid";

fn send(url: &str) -> Result<(), EmitErrorKind> {
    let transport = HttpTransport::builder(url).retry(quick()).build().unwrap();
    let outcome = emit(&transport, &event(4)).map(drop).map_err(|error| error.kind().clone());
    close(&transport);
    outcome
}

#[test]
fn events_go_through_the_proxy() {
    let proxy = Server::start().unwrap();
    let url = proxy.url().replace("http://", "http://user:pass@");
    let test = "proxies::events_go_through_the_proxy";
    if alone(test, &[("HTTP_PROXY", &url), ("NO_PROXY", "")], || send(BEHIND).unwrap()) {
        let requests = proxy.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(
            (requests[0].path.as_str(), &requests[0].body[..]),
            ("http://lineage.invalid/api/v1/lineage", event(4).bytes().as_ref(),)
        );
        assert_eq!(requests[0].header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    }
}

#[test]
fn exceptions_go_round_it() {
    let proxy = Server::start().unwrap();
    proxy.always(Answer::status(501));
    let variables = [("ALL_PROXY", proxy.url()), ("NO_PROXY", "127.0.0.1,example.com".to_owned())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let parent = alone("proxies::exceptions_go_round_it", &variables, || {
        let server = Server::start().unwrap();
        send(&server.url()).unwrap();
        assert_eq!(server.requests().len(), 1);
        assert_eq!(send(BEHIND), Err(EmitErrorKind::Unavailable { code: 501 }));
    });
    assert_eq!(proxy.requests().len(), usize::from(parent));
}

#[test]
fn what_is_no_proxy_is_named() {
    alone("proxies::what_is_no_proxy_is_named", &[("HTTP_PROXY", "http://:canary@"), ("NO_PROXY", "")], || {
        let error = HttpTransport::builder(BEHIND).build().unwrap_err();
        assert_eq!(error.key(), "HTTP_PROXY");
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(HttpTransport::builder("https://lineage.invalid").build().is_ok());
    });
}

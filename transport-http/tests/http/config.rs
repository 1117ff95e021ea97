//! Options: every one of them, and what is wrong with the wrong ones.

use std::sync::Arc;

use openlineage_core::blocking;
use openlineage_core::config::{ConfigError, Environment, Loader, Registry, TransportSpec, Warnings};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::{Fresh, Transport, TransportSource};
use openlineage_transport_http::{HttpFactory, HttpTransport};
use serde_json::{Value, json};

use crate::support::{LIMIT, event};

fn build(mut options: Value) -> Result<Arc<dyn Transport>, ConfigError> {
    options["type"] = json!("http");
    let spec = TransportSpec::from_value(options).unwrap();
    Fresh.get(&spec, &Registry::empty().with("http", HttpFactory))
}

#[test]
fn what_may_be_written() {
    for more in [
        json!({}),
        json!({ "endpoint": "/x" }),
        json!({ "endpoint": null, "timeout": null, "auth": null, "custom_headers": null, "retry": null }),
        json!({ "timeout": 0.5 }),
        json!({ "timeout": 30 }),
        json!({ "timeout": "0.5", "custom_headers": { "X-A": 1 }, "retry": { "total": "3", "jitter": "No" } }),
        json!({ "auth": { "type": "api_key", "apiKey": "k" } }),
        json!({ "auth": { "type": "api_key", "apikey": "k" } }),
        json!({ "auth": { "type": "api_key", "api_key": "k" } }),
        json!({ "custom_headers": {} }),
        json!({ "custom_headers": { "X-A": "1", "Authorization": "Basic YTpi" } }),
        json!({ "compression": "gzip" }),
        json!({ "sslContext": { "caCertPath": "/no/such/file" } }),
        json!({ "undelivered_file": "/no/such/folder/file" }),
        json!({ "name": "marquez" }),
        json!({ "retry": {} }),
        json!({ "retry": { "total": -1, "connect": -1, "read": -1 } }),
        json!({ "retry": { "total": 0, "backoff_factor": 0, "backoff_max": 1.5 } }),
        json!({ "retry": { "status_forcelist": [500, 599], "respect_retry_after_header": false } }),
        json!({ "retry": { "on_timeout": false, "jitter": false } }),
        json!({ "retry": { "allowed_methods": ["POST"], "status": 3, "other": 1, "raise_on_status": true } }),
    ] {
        let mut options = json!({ "url": " https://h:5000/base/ " });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let transport = build(options).unwrap_or_else(|error| panic!("{more}: {error}"));
        assert_eq!(transport.info().kind, "http");
        assert_eq!(transport.info().name.as_deref(), more["name"].as_str());
    }
}

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    let url = "http://h";
    for (options, message) in [
        (json!({}), "transport.url: missing"),
        (json!({ "url": " " }), "transport.url: empty"),
        (json!({ "url": ["x"] }), "transport.url: not a string"),
        (json!({ "url": 5 }), "transport.url: has no scheme"),
        (json!({ "url": "h:5000" }), "transport.url: has no scheme; write it like https://lineage.example:5000"),
        (
            json!({ "url": "http://u:p@h" }),
            "transport.url: contains a user or a password; leave it out and use auth or",
        ),
        (json!({ "url": url, "endpont": "x" }), "transport.endpont: unknown option; did you mean endpoint?"),
        (
            json!({ "url": url, "customHeaders": {} }),
            "transport.customHeaders: unknown option; did you mean custom_head",
        ),
        (json!({ "url": url, "endpoint": "ftp://h" }), "transport.endpoint: neither http nor https"),
        (json!({ "url": url, "timeout": 0 }), "transport.timeout: zero"),
        (json!({ "url": url, "timeout": -1 }), "transport.timeout: not a number of zero or more"),
        (json!({ "url": url, "timeout": "soon" }), "transport.timeout: not a number"),
        (json!({ "url": url, "timeout": 1e300 }), "transport.timeout: too many seconds"),
        (json!({ "url": url, "auth": { "apiKey": "k" } }), "transport.auth.type: missing; write api_key"),
        (json!({ "url": url, "auth": { "type": "jwt" } }), "transport.auth.type: jwt is not built yet"),
        (json!({ "url": url, "auth": { "type": "oauth2" } }), "transport.auth.type: oauth2 is not built yet"),
        (json!({ "url": url, "auth": { "type": "basic" } }), "transport.auth.type: unknown; write api_key"),
        (json!({ "url": url, "auth": { "type": "api_key" } }), "transport.auth.apiKey: missing"),
        (json!({ "url": url, "auth": { "type": "api_key", "apiKey": "" } }), "transport.auth.apiKey: empty"),
        (
            json!({ "url": url, "auth": { "type": "api_key", "apiKey": "k", "x": 1 } }),
            "transport.auth.x: unknown option",
        ),
        (json!({ "url": url, "auth": "k" }), "transport.auth: not an object"),
        (json!({ "url": url, "custom_headers": { "X A": "1" } }), "transport.custom_headers.X A: not a header name"),
        (json!({ "url": url, "custom_headers": { "X": [1] } }), "transport.custom_headers.X: neither a text nor a ref"),
        (
            json!({ "url": url, "custom_headers": { "Content-Length": "1" } }),
            "transport.custom_headers.Content-Length: is",
        ),
        (json!({ "url": url, "custom_headers": ["X"] }), "transport.custom_headers: not an object"),
        (json!({ "url": url, "compression": "zstd" }), "transport.compression: unknown; write gzip"),
        (
            json!({ "url": url, "retry": { "total": -2 } }),
            "transport.retry.total: not a number of repetitions; write 0",
        ),
        (json!({ "url": url, "retry": { "total": 1.5 } }), "transport.retry.total: not a whole number"),
        (json!({ "url": url, "retry": { "totl": 1 } }), "transport.retry.totl: unknown option; did you mean total?"),
        (json!({ "url": url, "retry": { "backoff_factor": -1 } }), "transport.retry.backoff_factor: not a number"),
        (json!({ "url": url, "retry": { "status_forcelist": 500 } }), "transport.retry.status_forcelist: not a list"),
        (json!({ "url": url, "retry": { "status_forcelist": [5] } }), "transport.retry.status_forcelist: not a list"),
        (json!({ "url": url, "retry": { "jitter": 2 } }), "transport.retry.jitter: neither true nor false"),
        (json!({ "url": url, "undelivered_file": "" }), "transport.undelivered_file: empty; write the path of a file"),
        (json!({ "url": url, "undelivered_file": ["x"] }), "transport.undelivered_file: not a string"),
        (json!({ "url": url, "sslContext": { "certPath": "x" } }), "transport.sslContext.caCertPath: missing"),
    ] {
        let text = options.to_string();
        let error = build(options).map(|transport| panic!("{text}: {transport:?}")).unwrap_err();
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
}

#[test]
fn variables_reach_options_with_capitals() {
    let variables = [
        ("OPENLINEAGE__TRANSPORT__TYPE", "http"),
        ("OPENLINEAGE__TRANSPORT__URL", "http://h"),
        ("OPENLINEAGE__TRANSPORT__AUTH__TYPE", "api_key"),
        ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", "123e4567"),
        ("OPENLINEAGE__TRANSPORT__SSLCONTEXT__CACERTPATH", "ca.pem"),
        ("OPENLINEAGE__TRANSPORT__RETRY__ALLOWED_METHODS", "[]"),
    ];
    let warnings = Warnings::collected();
    let spec = Loader::new(Environment::of(variables)).load().unwrap().settings.transport_or_console();
    let registry = Registry::empty().with("http", HttpFactory);
    let transport = Fresh.get(&spec.warn(&warnings), &registry).unwrap();
    assert_eq!(transport.info().kind, "http");
    let warnings: Vec<_> = warnings.take().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["transport.retry.allowed_methods: is ignored, it has no meaning here \
             ($OPENLINEAGE__TRANSPORT__RETRY__ALLOWED_METHODS); leave it out"]
    );
}

#[test]
fn options_arrive_at_the_server() {
    let server = Server::start().unwrap();
    server.script([Answer::status(500), Answer::status(404)]);
    let transport = build(json!({
        "url": format!("{}/base/", server.url()),
        "endpoint": "v2?team=a",
        "auth": { "type": "api_key", "apikey": " key " },
        "custom_headers": { "X-Team": "a" },
        "compression": "gzip",
        "retry": { "status_forcelist": [404, 500], "backoff_factor": 0.001 },
    }));
    let (transport, until) = (transport.unwrap(), Deadline::after(LIMIT));
    let receipt = blocking::deliver(&*transport, event(0), until).unwrap().unwrap();
    assert_eq!(receipt.attempts, 3);
    let request = server.requests().pop().unwrap();
    assert_eq!(request.path, "/base/v2?team=a");
    assert_eq!(request.header("authorization"), Some("Bearer key"));
    assert_eq!(request.header("x-team"), Some("a"));
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    assert!(blocking::close(&*transport, until).unwrap().is_clean());
}

#[test]
fn a_custom_authorization_wins() {
    let server = Server::start().unwrap();
    let builder = HttpTransport::builder(server.url()).header("authorization", "Basic YTpi").api_key("key");
    let transport = builder.build().unwrap();
    let _receipt = blocking::deliver(&transport, event(0), Deadline::after(LIMIT)).unwrap();
    assert_eq!(server.requests()[0].header("authorization"), Some("Basic YTpi"));
    crate::support::close(&transport);
}

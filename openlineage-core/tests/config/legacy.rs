//! `OPENLINEAGE_URL`, `OPENLINEAGE_ENDPOINT`, `OPENLINEAGE_API_KEY`.

use crate::case::{case, check};

const LEGS: &str = "transport:\n  type: composite\n  transports:\n    a: {type: noop}\n";

#[test]
fn a_url_alone_is_an_http_transport() {
    check([
        case("the url").var("OPENLINEAGE_URL", "http://h").gives(&[
            "transport.type: http ($OPENLINEAGE_URL as transport.type)",
            "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
        ]),
        case("all three")
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE_ENDPOINT", "v2")
            .var("OPENLINEAGE_API_KEY", "k")
            .gives(&[
                "transport.type: http ($OPENLINEAGE_URL as transport.type)",
                "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
                "transport.endpoint: v2 ($OPENLINEAGE_ENDPOINT as transport.endpoint)",
                "transport.auth.type: api_key ($OPENLINEAGE_API_KEY as transport.auth.type)",
                "transport.auth.apiKey: *** ($OPENLINEAGE_API_KEY as transport.auth.apiKey)",
            ]),
        case("a key and an endpoint without a url")
            .var("OPENLINEAGE_ENDPOINT", "v2")
            .var("OPENLINEAGE_API_KEY", "k")
            .gives(&[])
            .warns("transport: not configured"),
        case("blank is not set").var("OPENLINEAGE_URL", " ").gives(&[]).warns("transport: not configured"),
        case("a blank key is no key").var("OPENLINEAGE_URL", "http://h").var("OPENLINEAGE_API_KEY", "").gives(&[
            "transport.type: http ($OPENLINEAGE_URL as transport.type)",
            "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
        ]),
        case("a section without type is dropped, and says so")
            .yaml("transport:\n  timeout: 3")
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&[
                "transport.type: http ($OPENLINEAGE_URL as transport.type)",
                "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
            ])
            .warns("transport.type: missing, so the section is not used (openlineage.yml:1); name a kind"),
        case("a null section is no section").yaml("transport:\ntags: {}").var("OPENLINEAGE_URL", "http://h").gives(&[
            "transport.type: http ($OPENLINEAGE_URL as transport.type)",
            "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
            "tags: {} (openlineage.yml:2)",
        ]),
        case("a transport elsewhere is stronger")
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "http")
            .gives(&["transport.type: http ($OPENLINEAGE__TRANSPORT__TYPE)"]),
        case("a type of another shape is an error, not hidden")
            .yaml("transport: {type: [http]}")
            .var("OPENLINEAGE_URL", "http://h")
            .fails("transport.type: not a string (openlineage.yml:1)"),
        case("a transport of another shape is an error, not hidden")
            .yaml("transport: console")
            .var("OPENLINEAGE_URL", "http://h")
            .fails("transport: not an object (openlineage.yml:1)"),
    ]);
}

#[test]
fn a_map_of_legs_gets_one_more_in_front() {
    check([
        case("of a composite in a file").yaml(LEGS).var("OPENLINEAGE_URL", "http://h").gives(&[
            "transport.transports.default_http.type: http ($OPENLINEAGE_URL as transport.transports.default_http.type)",
            "transport.transports.default_http.url: http://h ($OPENLINEAGE_URL as transport.transports.default_http.url)",
            "transport.transports.a.type: noop (openlineage.yml:4)",
            "transport.type: composite (openlineage.yml:2)",
        ]),
        case("of a composite in code")
            .code(r#"{"transport": {"type": "composite", "transports": {"a": {"type": "noop"}}}}"#)
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&[
                "transport.transports.default_http.type: http ($OPENLINEAGE_URL as transport.transports.default_http.type)",
                "transport.transports.default_http.url: http://h ($OPENLINEAGE_URL as transport.transports.default_http.url)",
                "transport.transports.a.type: noop (code)",
                "transport.type: composite (code)",
            ]),
        case("of a composite without legs").yaml("transport: {type: composite}").var("OPENLINEAGE_URL", "http://h").gives(&[
            "transport.transports.default_http.type: http ($OPENLINEAGE_URL as transport.transports.default_http.type)",
            "transport.transports.default_http.url: http://h ($OPENLINEAGE_URL as transport.transports.default_http.url)",
            "transport.type: composite (openlineage.yml:1)",
        ]),
        case("with options of its own")
            .yaml("transport:\n  type: composite\n  transports:\n    default_http:\n      timeout: 3\n")
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&[
                "transport.transports.default_http.type: http ($OPENLINEAGE_URL as transport.transports.default_http.type)",
                "transport.transports.default_http.url: http://h ($OPENLINEAGE_URL as transport.transports.default_http.url)",
                "transport.transports.default_http.timeout: 3 (openlineage.yml:5)",
                "transport.type: composite (openlineage.yml:2)",
            ]),
        case("not if a variable sets that leg, empty to have none")
            .yaml(LEGS)
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__DEFAULT_HTTP", "{}")
            .gives(&[
                "transport.transports.default_http: {} ($OPENLINEAGE__TRANSPORT__TRANSPORTS__DEFAULT_HTTP)",
                "transport.transports.a.type: noop (openlineage.yml:4)",
                "transport.type: composite (openlineage.yml:2)",
            ]),
        case("a leg of a longer name does not count as that leg")
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "composite")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__DEFAULT_HTTP2__TYPE", "noop")
            .gives(&[
                "transport.transports.default_http.type: http ($OPENLINEAGE_URL as transport.transports.default_http.type)",
                "transport.transports.default_http.url: http://h ($OPENLINEAGE_URL as transport.transports.default_http.url)",
                "transport.transports.default_http2.type: noop ($OPENLINEAGE__TRANSPORT__TRANSPORTS__DEFAULT_HTTP2__TYPE)",
                "transport.type: composite ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
        case("a list of legs is left alone")
            .yaml("transport:\n  type: composite\n  transports:\n    - type: noop\n")
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&["transport.type: composite (openlineage.yml:2)", "transport.transports.0.type: noop (openlineage.yml:4)"]),
        case("a single http transport gets no legs")
            .yaml("transport: {type: http, url: http://f}")
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&["transport.type: http (openlineage.yml:1)", "transport.url: http://f (openlineage.yml:1)"]),
    ]);
}

#[test]
fn async_http_of_variables_is_filled_up() {
    check([
        case("what is not set")
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE_API_KEY", "k")
            .var("OPENLINEAGE_ENDPOINT", "v2")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "async_http")
            .var("OPENLINEAGE__TRANSPORT__ENDPOINT", "v3")
            .gives(&[
                "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
                "transport.endpoint: v3 ($OPENLINEAGE__TRANSPORT__ENDPOINT)",
                "transport.auth.type: api_key ($OPENLINEAGE_API_KEY as transport.auth.type)",
                "transport.auth.apiKey: *** ($OPENLINEAGE_API_KEY as transport.auth.apiKey)",
                "transport.type: async_http ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
        case("not that of a file")
            .yaml("transport: {type: async_http}")
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&["transport.type: async_http (openlineage.yml:1)"]),
    ]);
}

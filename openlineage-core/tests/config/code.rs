//! Values in code, defaults, and how layers are merged.

use crate::case::{case, check};

#[test]
fn layers_are_merged_key_by_key() {
    check([
        case("code, file, variable, legacy, defaults: each has a say")
            .code(r#"{"transport": {"url": "http://code"}}"#)
            .yaml("transport:\n  type: http\n  url: http://file\n  timeout: 1\n")
            .var("OPENLINEAGE__TRANSPORT__TIMEOUT", "2")
            .var("OPENLINEAGE__TRANSPORT__ENDPOINT", "v2")
            .var("OPENLINEAGE_URL", "http://legacy")
            .defaults(r#"{"transport": {"type": "http", "compression": "gzip", "endpoint": "v1"}, "tags": {"job": {"a": "b"}}}"#)
            .gives(&[
                "transport.type: http (openlineage.yml:2)",
                "transport.compression: gzip (default)",
                "transport.endpoint: v2 ($OPENLINEAGE__TRANSPORT__ENDPOINT)",
                "transport.timeout: 1 (openlineage.yml:4)",
                "transport.url: http://code (code)",
                "tags.job.a: b (default)",
            ]),
        case("a file is stronger than variables")
            .yaml("transport: {type: console}")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "http")
            .gives(&["transport.type: console (openlineage.yml:1)"]),
        case("lists are replaced")
            .code(r#"{"filters": []}"#)
            .yaml("transport: {type: noop}\nfilters:\n  - {type: exact, match: a}\n")
            .gives(&["transport.type: noop (openlineage.yml:1)", "filters: [] (code)"]),
        case("a map does not merge into a list")
            .yaml("transport: {type: composite, transports: [{type: noop}]}")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__A__TYPE", "noop")
            .gives(&["transport.transports.0.type: noop (openlineage.yml:1)", "transport.type: composite (openlineage.yml:1)",]),
        case("null takes away what is below")
            .yaml("transport:\n  type: http\n  url: http://h\n  timeout: null\n")
            .var("OPENLINEAGE__TRANSPORT__TIMEOUT", "2")
            .gives(&[
                "transport.timeout: null (openlineage.yml:4)",
                "transport.type: http (openlineage.yml:2)",
                "transport.url: http://h (openlineage.yml:3)",
            ]),
        case("another kind above brings its options beside the old ones")
            .code(r#"{"transport": {"type": "noop"}}"#)
            .yaml("transport: {type: console, stream: stderr}")
            .gives(&["transport.type: noop (code)", "transport.stream: stderr (openlineage.yml:1)"]),
    ]);
}

#[test]
fn defaults_are_weaker_than_everything() {
    check([
        case("alone").defaults(r#"{"transport": {"type": "noop"}}"#).gives(&["transport.type: noop (default)"]),
        case("completed from above, without type there")
            .defaults(r#"{"transport": {"type": "http", "url": "http://d"}}"#)
            .var("OPENLINEAGE__TRANSPORT__URL", "http://v")
            .gives(&["transport.type: http (default)", "transport.url: http://v ($OPENLINEAGE__TRANSPORT__URL)"]),
        case("of another kind they do not count")
            .defaults(r#"{"transport": {"type": "console", "stream": "stderr"}, "tags": {}}"#)
            .var("OPENLINEAGE_URL", "http://h")
            .gives(&[
                "tags: {} (default)",
                "transport.type: http ($OPENLINEAGE_URL as transport.type)",
                "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
            ]),
        case("an unknown section in them is an error")
            .defaults(r#"{"transport": {"type": "noop"}, "tag": {}}"#)
            .fails("tag: unknown option (default); did you mean tags?"),
    ]);
}

#[test]
fn code_is_held_to_what_is_known() {
    check([
        case("an unknown section")
            .code(r#"{"transprt": {}}"#)
            .fails("transprt: unknown option; did you mean transport?"),
        case("not a map").code("[1]").fails("configuration: not an object; write a map of sections"),
        case("null").code("null").fails("configuration: not an object"),
    ]);
}

//! `OPENLINEAGE__A__B=value`.

use crate::case::{case, check};

#[test]
fn names_are_paths() {
    check([
        case("parts in lower case")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "http")
            .var("OPENLINEAGE__TRANSPORT__URL", "http://H")
            .gives(&[
                "transport.type: http ($OPENLINEAGE__TRANSPORT__TYPE)",
                "transport.url: http://H ($OPENLINEAGE__TRANSPORT__URL)",
            ]),
        case("one underscore stays, and nothing becomes camel case")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "file")
            .var("OPENLINEAGE__TRANSPORT__LOG_FILE_PATH", "x")
            .gives(&[
                "transport.log_file_path: x ($OPENLINEAGE__TRANSPORT__LOG_FILE_PATH)",
                "transport.type: file ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
        case("the prefix is in capitals")
            .var("openlineage__transport__type", "http")
            .var("OPENLINEAGE_TRANSPORT__TYPE", "http")
            .gives(&[])
            .warns("transport: not configured"),
        case("an empty part")
            .var("OPENLINEAGE__TRANSPORT____TYPE", "http")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "noop")
            .gives(&["transport.type: noop ($OPENLINEAGE__TRANSPORT__TYPE)"])
            .warns("OPENLINEAGE__TRANSPORT____TYPE: has an empty part in its name, so it is not used"),
        case("names that differ in case")
            .var("OPENLINEAGE__Transport__TYPE", "http")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "noop")
            .gives(&["transport.type: http ($OPENLINEAGE__Transport__TYPE)"])
            .warns("transport.type: hidden by $OPENLINEAGE__Transport__TYPE ($OPENLINEAGE__TRANSPORT__TYPE); unset"),
    ]);
}

#[test]
fn a_name_has_no_capitals_and_stands_for_a_key_that_has() {
    check([
        case("below a file")
            .yaml("transport: {type: http, auth: {type: api_key, apiKey: file}, sslContext: {caCertPath: f}}")
            .var("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", "variable")
            .var("OPENLINEAGE__TRANSPORT__SSLCONTEXT__CACERTPATH", "v")
            .gives(&[
                "transport.auth.apiKey: *** (openlineage.yml:1)",
                "transport.auth.type: api_key (openlineage.yml:1)",
                "transport.sslContext.caCertPath: f (openlineage.yml:1)",
                "transport.type: http (openlineage.yml:1)",
            ]),
        case("over the older variables")
            .var("OPENLINEAGE_URL", "http://h")
            .var("OPENLINEAGE_API_KEY", "k")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "async_http")
            .var("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", "variable")
            .gives(&[
                "transport.url: http://h ($OPENLINEAGE_URL as transport.url)",
                "transport.auth.type: api_key ($OPENLINEAGE_API_KEY as transport.auth.type)",
                "transport.auth.apiKey: *** ($OPENLINEAGE__TRANSPORT__AUTH__APIKEY)",
                "transport.type: async_http ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
        case("files tell capitals apart")
            .yaml("Transport: {type: noop}\ntransport: {type: noop}")
            .warns("Transport: unknown option (openlineage.yml:1); did you mean transport?"),
    ]);
}

#[test]
fn parents_and_nested_keys_are_merged() {
    check([
        case("the nested key of a parent in JSON stays")
            .var("OPENLINEAGE__TRANSPORT", r#"{"type": "http", "timeout": 3}"#)
            .var("OPENLINEAGE__TRANSPORT__URL", "http://h")
            .gives(&[
                "transport.type: http ($OPENLINEAGE__TRANSPORT)",
                "transport.timeout: 3 ($OPENLINEAGE__TRANSPORT)",
                "transport.url: http://h ($OPENLINEAGE__TRANSPORT__URL)",
            ]),
        case("the nested key wins")
            .var("OPENLINEAGE__TRANSPORT", r#"{"type": "http", "url": "http://parent"}"#)
            .var("OPENLINEAGE__TRANSPORT__URL", "http://nested")
            .gives(&[
                "transport.type: http ($OPENLINEAGE__TRANSPORT)",
                "transport.url: http://nested ($OPENLINEAGE__TRANSPORT__URL)",
            ]),
        case("a nested key hides a text, and says so")
            .var("OPENLINEAGE__TRANSPORT", "console")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "noop")
            .gives(&["transport.type: noop ($OPENLINEAGE__TRANSPORT__TYPE)"])
            .warns("transport: hidden by $OPENLINEAGE__TRANSPORT__TYPE ($OPENLINEAGE__TRANSPORT); unset one"),
    ]);
}

#[test]
fn legs_stand_in_the_order_of_their_names() {
    check([
        case("not in reverse")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "composite")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__B__TYPE", "noop")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__A_A__TYPE", "noop")
            .var("OPENLINEAGE__TRANSPORT__TRANSPORTS__A__TYPE", "noop")
            .gives(&[
                "transport.transports.a.type: noop ($OPENLINEAGE__TRANSPORT__TRANSPORTS__A__TYPE)",
                "transport.transports.a_a.type: noop ($OPENLINEAGE__TRANSPORT__TRANSPORTS__A_A__TYPE)",
                "transport.transports.b.type: noop ($OPENLINEAGE__TRANSPORT__TRANSPORTS__B__TYPE)",
                "transport.type: composite ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
        case("JSON keeps its own order")
            .var(
                "OPENLINEAGE__TRANSPORT",
                r#"{"type":"composite","transports":{"z":{"type":"noop"},"b":{"type":"noop"}}}"#,
            )
            .gives(&[
                "transport.type: composite ($OPENLINEAGE__TRANSPORT)",
                "transport.transports.z.type: noop ($OPENLINEAGE__TRANSPORT)",
                "transport.transports.b.type: noop ($OPENLINEAGE__TRANSPORT)",
            ]),
    ]);
}

#[test]
fn values_are_texts_unless_they_begin_like_json() {
    check([
        case("true, null and numbers stay texts")
            .var("OPENLINEAGE__TAGS__RUN__A", "true")
            .var("OPENLINEAGE__TAGS__RUN__B", "null")
            .var("OPENLINEAGE__TAGS__RUN__C", "123e4567")
            .var("OPENLINEAGE__TAGS__RUN__D", "007")
            .code(r#"{"transport": {"type": "noop"}}"#)
            .gives(&[
                "tags.run.a: true ($OPENLINEAGE__TAGS__RUN__A)",
                "tags.run.b: null ($OPENLINEAGE__TAGS__RUN__B)",
                "tags.run.c: 123e4567 ($OPENLINEAGE__TAGS__RUN__C)",
                "tags.run.d: 007 ($OPENLINEAGE__TAGS__RUN__D)",
                "transport.type: noop (code)",
            ]),
        case("a text in quotes loses them")
            .var("OPENLINEAGE__TRANSPORT__TYPE", r#""noop""#)
            .gives(&["transport.type: noop ($OPENLINEAGE__TRANSPORT__TYPE)"]),
        case("a list")
            .var("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", r#"["A", "B"]"#)
            .code(r#"{"transport": {"type": "noop"}}"#)
            .gives(&[
                "facets.environment_variables.0: A ($OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES)",
                "facets.environment_variables.1: B ($OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES)",
                "transport.type: noop (code)",
            ]),
        case("what begins like JSON and is none stays a text, and is not shown")
            .var("OPENLINEAGE__TAGS__RUN__A", "{canary")
            .code(r#"{"transport": {"type": "noop"}}"#)
            .gives(&["tags.run.a: *** ($OPENLINEAGE__TAGS__RUN__A)", "transport.type: noop (code)"])
            .warns("tags.run.a: not valid JSON at column 2 ($OPENLINEAGE__TAGS__RUN__A); it is taken as a text"),
        case("broken JSON where a map must stand")
            .var("OPENLINEAGE__TRANSPORT", r#"{"type": "http""#)
            .fails("transport: not an object ($OPENLINEAGE__TRANSPORT)"),
        case("a key twice in JSON")
            .var("OPENLINEAGE__TRANSPORT", r#"{"type": "http", "type": "noop"}"#)
            .strict()
            .fails("transport: type is there twice ($OPENLINEAGE__TRANSPORT)"),
        case("header names that variables cannot spell are given as JSON")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "http")
            .var("OPENLINEAGE__TRANSPORT__CUSTOM_HEADERS", r#"{"X-Team": "a"}"#)
            .gives(&[
                "transport.custom_headers.X-Team: *** ($OPENLINEAGE__TRANSPORT__CUSTOM_HEADERS)",
                "transport.type: http ($OPENLINEAGE__TRANSPORT__TYPE)",
            ]),
    ]);
}

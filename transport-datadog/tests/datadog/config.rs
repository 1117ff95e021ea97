//! Options: every one of them, and what is wrong with the wrong ones.

use std::fs;
use std::process;

use openlineage_core::config::{Environment, Loader};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::server::{Answer, Server};
use openlineage_core::transport::Ack;

use crate::support::{build, built, close, confirm, confirmed, emit, event, fate};

#[test]
fn what_may_be_written() {
    for more in [
        "",
        r#", "site": null, "timeout": null, "retry": null, "async_transport_rules": null, "max_queue_size": null"#,
        r#", "site": "", "name": "main""#,
        r#", "site": "us2.ddog-gov.com", "timeout": 0.5, "retry": {}"#,
        r#", "site": "https://intake.example/base/", "timeout": "30""#,
        r#", "retry": {"total": -1, "backoff_factor": 0, "status_forcelist": [500], "allowed_methods": ["POST"]}"#,
        r#", "max_queue_size": 1, "max_concurrent_requests": "1", "max_queue_bytes": 1"#,
        r#", "max_age": 0.5, "drop_oldest": "yes", "undelivered_file": "/no/such/folder/file""#,
        r#", "async_transport_rules": {"*": {"*": false}, "dbt": {}, "": {"": true}}"#,
    ] {
        for key in [r#""apiKey": "k""#, r#""apikey": "k""#, r#""apiKey": "", "apikey": "k""#, r#""apiKey": 12"#] {
            let transport = build(&format!("{key}{more}"), &[]).unwrap_or_else(|error| panic!("{key}{more}: {error}"));
            assert_eq!(transport.info().kind, "datadog");
            assert_eq!(transport.info().name.as_deref(), more.contains("main").then_some("main"));
        }
    }
}

#[test]
fn what_is_wrong_is_named_with_its_cure() {
    for (options, message) in [
        ("", "transport.apiKey: missing; write the key, {env: NAME} or {file: PATH}, or set the variable DD_API_KEY"),
        (r#""apiKey": """#, "transport.apiKey: missing"),
        (r#""apiKey": null"#, "transport.apiKey: missing"),
        (r#""api_key": "k""#, "transport.apiKey: missing"),
        (r#""apiKey": "  ""#, "transport.apiKey: empty"),
        (r#""apiKey": ["k"]"#, "transport.apiKey: neither a text nor a reference"),
        (r#""apiKey": "a\nb""#, "transport.apiKey: cannot be sent in a header; use printable ASCII on one line"),
        (r#""apiKey": {"env": "NOT_SET"}"#, "transport.apiKey"),
        (
            r#""apiKey": "k", "site": "datadoghq""#,
            "transport.site: neither a site of Datadog nor an address; write one of datadoghq.com, us3.datadoghq.com, ",
        ),
        (r#""apiKey": "k", "site": "ftp://h""#, "transport.site: neither a site of Datadog nor an address"),
        (r#""apiKey": "k", "site": ["datadoghq.com"]"#, "transport.site: not a string"),
        (r#""apiKey": "k", "site": "http://u:p@h""#, "transport.site: contains a user or a password; write one of"),
        (r#""apiKey": "k", "site": "http:h""#, "transport.site: has no scheme; write one of datadoghq.com"),
        (r#""apiKey": "k", "timeout": 0"#, "transport.timeout: zero"),
        (r#""apiKey": "k", "timeout": "soon""#, "transport.timeout: not a number"),
        (r#""apiKey": "k", "retry": {"total": -2}"#, "transport.retry.total: not a number of repetitions"),
        (r#""apiKey": "k", "retry": 5"#, "transport.retry: not an object"),
        (r#""apiKey": "k", "max_queue_size": 0"#, "transport.max_queue_size: not above zero"),
        (r#""apiKey": "k", "max_concurrent_requests": "x""#, "transport.max_concurrent_requests: not a whole number"),
        (r#""apiKey": "k", "max_queue_bytes": -1"#, "transport.max_queue_bytes: not above zero"),
        (r#""apiKey": "k", "max_age": 0"#, "transport.max_age: zero"),
        (r#""apiKey": "k", "drop_oldest": "first""#, "transport.drop_oldest: neither true nor false"),
        (r#""apiKey": "k", "undelivered_file": """#, "transport.undelivered_file: empty"),
        (r#""apiKey": "k", "apikey": "k""#, "transport.apikey: unknown option; did you mean apiKey?"),
        (r#""apiKey": "k", "url": "http://h""#, "transport.url: unknown option"),
        (r#""apiKey": "k", "compression": "gzip""#, "transport.compression: unknown option"),
        (r#""apiKey": "k", "async_rules": {}"#, "transport.async_rules: unknown option"),
    ] {
        let error = build(options, &[]).map(|transport| panic!("{options}: {transport:?}")).unwrap_err();
        assert!(error.to_string().starts_with(message), "{options}: {error}");
    }
}

#[test]
fn a_rule_that_is_neither_yes_nor_no_is_named() {
    let rule = "neither true nor false; write true or false, without quotes";
    let map = "not an object; write rules like {\"dbt\": {\"*\": true}}";
    for (rules, key, problem) in [
        (r#"{"dbt": {"*": "false"}}"#, ".dbt.*", rule),
        (r#"{"dbt": {"*": "true"}}"#, ".dbt.*", rule),
        (r#"{"dbt": {"*": true, "model": 1}}"#, ".dbt.model", rule),
        (r#"{"dbt": {"*": 0}}"#, ".dbt.*", rule),
        (r#"{"dbt": {"*": null}}"#, ".dbt.*", rule),
        (r#"{"dbt": {"*": []}}"#, ".dbt.*", rule),
        (r#"{"dbt": {"*": {"*": true}}}"#, ".dbt.*", rule),
        (r#"{"*": {"*": true}, "dbt": {"*": "false"}}"#, ".dbt.*", rule),
        (r#"{"dbt": true}"#, ".dbt", map),
        (r#"{"dbt": null}"#, ".dbt", map),
        (r#"{"dbt": "*"}"#, ".dbt", map),
        (r#"{"dbt": ["model"]}"#, ".dbt", map),
        (r#"{"spark": {"*": true}, "dbt": 1}"#, ".dbt", map),
        (r#"["dbt"]"#, "", map),
        (r#""dbt""#, "", map),
        ("true", "", map),
    ] {
        let options = format!(r#""apiKey": "k", "async_transport_rules": {rules}"#);
        let error = build(&options, &[]).map(|transport| panic!("{rules}: {transport:?}")).unwrap_err();
        assert_eq!(error.to_string(), format!("transport.async_transport_rules{key}: {problem}"), "{rules}");
    }
}

#[test]
fn errors_say_where_the_value_was_written() {
    let file = std::env::temp_dir().join(format!("openlineage-datadog-{}.yml", process::id()));
    let yaml = "transport:\n  type: datadog\n  apiKey: k\n  async_transport_rules:\n    dbt:\n      model: yes\n";
    fs::write(&file, yaml).unwrap();
    let loader = Loader::new(Environment::of([("", "")])).file(&file);
    let error = built(&loader).map(drop).unwrap_err().to_string();
    fs::remove_file(&file).unwrap();
    assert!(error.starts_with("transport.async_transport_rules.dbt.model: neither true nor false ("), "{error}");
    assert!(error.contains(".yml:6)"), "{error}");
    for (name, value, message) in [
        ("DD_SITE", "nowhere", "transport.site: neither a site of Datadog nor an address ($DD_SITE); write one of"),
        ("DD_SITE", "http://u:p@h", "transport.site: contains a user or a password ($DD_SITE); write one of"),
        ("DD_API_KEY", " ", "transport.apiKey: empty ($DD_API_KEY)"),
        ("DD_API_KEY", "a\nb", "transport.apiKey: cannot be sent in a header ($DD_API_KEY); use printable"),
    ] {
        let options = if name == "DD_SITE" { r#""apiKey": "k""# } else { "" };
        let error = build(options, &[(name, value)]).map(drop).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn key_and_site_come_from_the_options_or_the_variables() {
    let (server, other) = (Server::start().unwrap(), Server::start().unwrap());
    let (here, there) = (server.url(), other.url());
    let both = format!(r#""apiKey": "written", "site": "{here}""#);
    let referred = format!(r#""apiKey": {{"env": "KEY"}}, "site": "{here}""#);
    for (options, variables, key) in [
        ("", vec![("DD_API_KEY", "variable"), ("DD_SITE", &here)], "variable"),
        (r#""apiKey": "", "site": """#, vec![("DD_API_KEY", "variable"), ("DD_SITE", &here)], "variable"),
        (&*both, vec![("DD_API_KEY", "variable"), ("DD_SITE", &there)], "written"),
        (&*both, vec![("DD_API_KEY", ""), ("DD_SITE", "")], "written"),
        (&*referred, vec![("KEY", " referred "), ("DD_API_KEY", "variable")], "referred"),
    ] {
        let transport = build(options, &variables).unwrap();
        assert!(confirm(&*transport, confirmed(1, 0)).is_ok());
        let request = server.requests().pop().unwrap();
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {key}")), "{options}");
        assert!(close(&*transport).is_clean());
    }
    assert_eq!((server.requests().len(), other.requests().len()), (5, 0));
    let error = build("", &[("DD_API_KEY", "")]).map(drop).unwrap_err();
    assert!(error.to_string().starts_with("transport.apiKey: missing"), "{error}");
}

#[test]
fn options_have_their_effect() {
    let server = Server::start().unwrap();
    let site = server.url();
    let more = r#""timeout": 0.05, "retry": {"total": 2, "backoff_factor": 0.001, "status_forcelist": [404]}"#;
    let rules = r#""async_transport_rules": {"spark": {"model": true}}, "max_queue_size": 1, "max_age": 60"#;
    let transport = build(&format!(r#""apiKey": "k", "site": "{site}", {more}, {rules}"#), &[]).unwrap();
    server.script([Answer::status(404), Answer::hang(), Answer::status(200)]);
    assert_eq!(confirm(&*transport, confirmed(1, 0)).unwrap().attempts, 3);
    server.script([Answer::hang(), Answer::hang()]);
    let Ack::Queued(ticket) = emit(&*transport, event(1, 1, Some("SPARK"))).unwrap() else { panic!("not queued") };
    let full = openlineage_core::blocking::emit(&*transport, event(2, 0, Some("SPARK")), Deadline::now()).unwrap_err();
    assert!(full.to_string().contains("queue is full (1 events)"), "{full}");
    assert_eq!(fate(ticket).unwrap().attempts, 3);
    assert!(close(&*transport).is_clean());
}

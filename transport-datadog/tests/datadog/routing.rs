//! Which way each event goes: every rule, and what is surprising about it.

use openlineage_core::config::{Environment, Loader};
use openlineage_core::event::EncodedEvent;
use openlineage_core::facets::JobTypeJobFacet;
use openlineage_core::model::{DatasetEvent, JobEvent, JobRef, RunEvent, RunId, StaticDataset, Uri};
use openlineage_core::testkit::server::Server;
use openlineage_core::transport::{Ack, Transport};

use crate::support::{build, built, close, emit};

const ACME: Uri = Uri::from_static("https://acme.example/1");

/// A run event and a job event with this facet, each typed and as text: `INTEGRATION/TYPE`, `INTEGRATION` or `-` for none.
fn events(facet: &str) -> Vec<EncodedEvent> {
    let named = (facet != "-").then(|| match facet.split_once('/') {
        Some((integration, job_type)) => (integration, Some(job_type)),
        None => (facet, None),
    });
    let mut job = JobRef::new("n", "j");
    if let Some((integration, job_type)) = named {
        let facet = JobTypeJobFacet::new("BATCH", integration);
        job = job.with_facet(match job_type {
            Some(job_type) => facet.with_job_type(job_type),
            None => facet,
        });
    }
    let text = named.map(|(integration, job_type)| match job_type {
        Some(job_type) => format!(r#"{{"jobType":{{"integration":"{integration}","jobType":"{job_type}"}}}}"#),
        None => format!(r#"{{"jobType":{{"integration":"{integration}"}}}}"#),
    });
    let mut events = texts(&text.unwrap_or_else(|| "{}".to_owned()));
    events.push(RunEvent::start(RunId::new(), job.clone()).build(&ACME).encode().unwrap());
    events.push(JobEvent::of(job).build(&ACME).encode().unwrap());
    events
}

/// A run event and a job event whose job has these facets.
fn texts(facets: &str) -> Vec<EncodedEvent> {
    let job = format!(r#""job":{{"namespace":"n","name":"j","facets":{facets}}}"#);
    let run = format!(r#"{{"eventType":"START","run":{{"runId":"{}"}},{job}}}"#, RunId::new());
    [run, format!("{{{job}}}")].map(|text| EncodedEvent::from_json(text).unwrap()).into()
}

fn datasets() -> Vec<EncodedEvent> {
    let facets = r#""facets":{"jobType":{"integration":"DBT","jobType":"MODEL"}}"#;
    let text = format!(r#"{{"dataset":{{"namespace":"n","name":"d",{facets}}}}}"#);
    let typed = DatasetEvent::of(StaticDataset::new("n", "d")).build(&ACME);
    vec![EncodedEvent::from_json(text).unwrap(), typed.encode().unwrap()]
}

/// Demands of every form of these events that it is queued, or that it is confirmed.
fn goes(transport: &dyn Transport, what: &str, events: Vec<EncodedEvent>, is_queued: bool) {
    for event in events {
        let text = String::from_utf8_lossy(event.bytes()).into_owned();
        match (emit(transport, event).unwrap(), is_queued) {
            (Ack::Queued(_), true) | (Ack::Delivered(_), false) => {}
            (ack, _) => panic!("{what}: {ack:?} of {text}"),
        }
    }
}

/// With these rules these events are queued, and those are confirmed.
struct Case {
    rules: &'static str,
    queued: &'static [&'static str],
    confirmed: &'static [&'static str],
}

const fn case(rules: &'static str, queued: &'static [&'static str], confirmed: &'static [&'static str]) -> Case {
    Case { rules, queued, confirmed }
}

/// Whoever has no facet, or no integration in it, is confirmed, as far as no rule says everything.
const NAMELESS: [&str; 3] = ["-", "/MODEL", "/"];

const CASES: [Case; 21] = [
    case("null", &["DBT/MODEL", "dbt/test", "DbT", "dbt/"], &["SPARK/MODEL", "DBT2/MODEL", "*/MODEL"]),
    case("{}", &[], &["DBT/MODEL", "SPARK/JOB"]),
    // Names in any case, on both sides.
    case(r#"{"spark": {"application": true}}"#, &["SPARK/APPLICATION", "spark/Application"], &["SPARK/JOB", "SPARK"]),
    case(r#"{"SPARK": {"APPLICATION": true}}"#, &["spark/application"], &["DBT/APPLICATION"]),
    case(r#"{"éclair": {"été": true}}"#, &["ÉCLAIR/ÉTÉ"], &["ECLAIR/ETE"]),
    // The first job type that fits decides, not the closest.
    case(r#"{"dbt": {"*": true, "model": false}}"#, &["DBT/MODEL", "DBT"], &["SPARK/MODEL"]),
    case(r#"{"dbt": {"model": false, "*": true}}"#, &["DBT/TEST", "DBT"], &["DBT/MODEL"]),
    case(r#"{"dbt": {"*": false, "model": true}}"#, &[], &["DBT/MODEL", "DBT/TEST", "DBT"]),
    // The first integration that fits and has a fitting job type decides.
    case(r#"{"*": {"model": true}, "dbt": {"model": false}}"#, &["DBT/MODEL", "SPARK/MODEL"], &["DBT/TEST"]),
    case(r#"{"dbt": {"model": false}, "*": {"model": true}}"#, &["SPARK/MODEL"], &["DBT/MODEL", "SPARK/TEST"]),
    case(r#"{"*": {"model": false}, "dbt": {"*": true}}"#, &["DBT/TEST", "DBT"], &["DBT/MODEL"]),
    case(r#"{"dbt": {"test": false}, "*": {"model": true}}"#, &["DBT/MODEL"], &["DBT/TEST", "DBT"]),
    case(r#"{"dbt": {}, "*": {"model": true}}"#, &["DBT/MODEL"], &["DBT/TEST"]),
    case(r#"{"dbt": {"model": false}, "DBT": {"*": true}}"#, &["DBT/TEST"], &["DBT/MODEL"]),
    case(r#"{"DBT": {"*": true}, "dbt": {"model": false}}"#, &["DBT/MODEL"], &[]),
    // A no for everything leaves what stands behind it without effect, and only that.
    case(r#"{"*": {"*": false}, "dbt": {"*": true}}"#, &[], &["DBT/MODEL", "SPARK"]),
    case(r#"{"dbt": {"*": true}, "*": {"*": false}}"#, &["DBT/MODEL"], &["SPARK/MODEL"]),
    case(r#"{"*": {"model": true, "*": false}, "dbt": {"*": true}}"#, &["SPARK/MODEL"], &["DBT/TEST", "DBT"]),
    // No job type is an empty one.
    case(r#"{"dbt": {"": true}}"#, &["DBT", "DBT/"], &["DBT/MODEL"]),
    case(r#"{"dbt": {"model": true}}"#, &["DBT/MODEL"], &["DBT", "DBT/"]),
    case(r#"{"*": {"": true, "model": true}}"#, &["DBT", "SPARK/MODEL"], &["SPARK/TEST"]),
];

#[test]
fn the_first_rule_that_fits_decides() {
    let server = Server::start().unwrap();
    for Case { rules, queued, confirmed } in CASES {
        let options = format!(r#""apiKey": "k", "site": "{}", "async_transport_rules": {rules}"#, server.url());
        let transport = build(&options, &[]).unwrap();
        for facet in queued {
            goes(&*transport, &format!("{rules}, {facet}"), events(facet), true);
        }
        for facet in confirmed.iter().chain(&NAMELESS) {
            goes(&*transport, &format!("{rules}, {facet}"), events(facet), false);
        }
        goes(&*transport, rules, datasets(), false);
        assert!(close(&*transport).is_clean());
    }
}

#[test]
fn a_yes_for_everything_wins_wherever_it_stands() {
    let server = Server::start().unwrap();
    for rules in [
        r#"{"*": {"*": true}}"#,
        r#"{"*": {"*": true}, "dbt": {"*": false}}"#,
        r#"{"dbt": {"*": false}, "*": {"*": true}}"#,
        r#"{"dbt": {"model": false}, "*": {"model": false, "*": true}}"#,
    ] {
        let options = format!(r#""apiKey": "k", "site": "{}", "async_transport_rules": {rules}"#, server.url());
        let transport = build(&options, &[]).unwrap();
        for facet in NAMELESS.iter().chain(&["DBT/MODEL", "DBT", "SPARK/JOB"]) {
            goes(&*transport, &format!("{rules}, {facet}"), events(facet), true);
        }
        goes(&*transport, rules, datasets(), true);
        assert!(close(&*transport).is_clean());
    }
}

#[test]
fn a_facet_that_is_no_facet_counts_as_none() {
    let server = Server::start().unwrap();
    let rules = r#""async_transport_rules": {"*": {"*": false, "x": true}, "dbt": {"*": true}}"#;
    let by_default = build(&format!(r#""apiKey": "k", "site": "{}""#, server.url()), &[]).unwrap();
    let by_rules = build(&format!(r#""apiKey": "k", "site": "{}", {rules}"#, server.url()), &[]).unwrap();
    for facets in [
        "null",
        "[]",
        r#"{"jobType":null}"#,
        r#"{"jobType":"DBT"}"#,
        r#"{"jobType":{}}"#,
        r#"{"jobType":{"jobType":"MODEL"}}"#,
        r#"{"jobType":{"integration":null,"jobType":"MODEL"}}"#,
        r#"{"jobType":{"integration":7}}"#,
        r#"{"jobtype":{"integration":"DBT"}}"#,
        r#"{"other":{"jobType":{"integration":"DBT"}}}"#,
    ] {
        goes(&*by_default, facets, texts(facets), false);
        goes(&*by_rules, facets, texts(facets), false);
    }
    let elsewhere = r#"{"run":{"runId":"0198b9a1-0000-7000-8000-000000000001","facets":{"jobType":{"integration":"DBT"}}},
        "job":{"namespace":"n","name":"j"}}"#;
    goes(&*by_default, "a facet of the run", vec![EncodedEvent::from_json(elsewhere).unwrap()], false);
    for facets in [
        r#"{ "jobType" : { "jobType" : null, "integration" : "DBT" } }"#,
        r#"{"sql":{"query":"x"},"jobType":{"_producer":"p","integration":"\u0044bt","jobType":["MODEL"]}}"#,
    ] {
        goes(&*by_default, facets, texts(facets), true);
    }
    assert!(close(&*by_default).is_clean() && close(&*by_rules).is_clean());
}

/// The rules block everything in one order, and dbt is queued in the other.
fn dbt_is_queued(server: &Server, loader: &Loader, is_queued: bool) {
    let transport = built(loader).unwrap();
    goes(&*transport, "dbt", events("DBT/MODEL"), is_queued);
    assert!(close(&*transport).is_clean());
    assert!(!server.requests().is_empty());
}

#[test]
fn rules_from_a_variable_keep_their_order() {
    let server = Server::start().unwrap();
    for (rules, is_queued) in
        [(r#"{"dbt": {"*": true}, "*": {"*": false}}"#, true), (r#"{"*": {"*": false}, "dbt": {"*": true}}"#, false)]
    {
        let site = server.url();
        let variables = [
            ("OPENLINEAGE__TRANSPORT__TYPE", "datadog"),
            ("OPENLINEAGE__TRANSPORT__ASYNC_TRANSPORT_RULES", rules),
            ("DD_API_KEY", "k"),
            ("DD_SITE", &site),
        ];
        dbt_is_queued(&server, &Loader::new(Environment::of(variables)), is_queued);
    }
}

#[test]
fn rules_from_a_variable_each_stand_in_the_order_of_their_names() {
    let server = Server::start().unwrap();
    let site = server.url();
    let variables = |any| {
        [
            ("OPENLINEAGE__TRANSPORT__TYPE", "datadog"),
            ("OPENLINEAGE__TRANSPORT__ASYNC_TRANSPORT_RULES__DBT__*", "True"),
            ("OPENLINEAGE__TRANSPORT__ASYNC_TRANSPORT_RULES__*__MODEL", any),
            ("OPENLINEAGE__TRANSPORT__APIKEY", "k"),
            ("OPENLINEAGE__TRANSPORT__SITE", &*site),
        ]
    };
    dbt_is_queued(&server, &Loader::new(Environment::of(variables("false"))), false);
    dbt_is_queued(&server, &Loader::new(Environment::of(variables("true"))), true);
}

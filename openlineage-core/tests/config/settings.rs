//! Sections beside `transport`.

use openlineage_core::config::{FilterKind, Settings};

use crate::case::{Case, case, check};

fn with(name: &'static str, yaml: &'static str) -> Case {
    case(name).code(r#"{"transport": {"type": "noop"}}"#).yaml(yaml)
}

fn settings(yaml: &'static str) -> Settings {
    with("", yaml).load().unwrap().settings
}

#[test]
fn every_section_is_read() {
    let all = settings(
        r#"
filters:
  - type: exact
    match: noise
  - {type: regex, regex: "^tmp\\."}
tags:
  job: {team: data, on: true, weight: 012}
  run: {}
facets:
  environment_variables: [A, B]
  source_code_location:
    disabled: yes
    repo_url: https://git.example/r
    version: 1e5
    tag: v1
    branch: main
    pull_request_number: 007
dataset:
  reducing_enabled: on
  disabled_trimmers: a;b
  extra_trimmers: [c]
"#,
    );
    let filters: Vec<_> = all.filters.iter().map(|f| (f.kind, f.pattern.as_str(), f.key.as_str())).collect();
    assert_eq!(
        filters,
        [(FilterKind::Exact, "noise", "filters.0.match"), (FilterKind::Regex, "^tmp\\.", "filters.1.regex")]
    );
    assert_eq!(all.filters[1].source.to_string(), "openlineage.yml:5");
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(all.tags.job, [pair("team", "data"), pair("on", "true"), pair("weight", "012")]);
    assert!(all.tags.run.is_empty());
    assert_eq!(all.facets.environment_variables, ["A", "B"]);
    let location = all.facets.source_code_location;
    assert!(location.disabled);
    assert_eq!(location.repo_url.as_deref(), Some("https://git.example/r"));
    assert_eq!(location.version.as_deref(), Some("1e5"));
    assert_eq!((location.tag.as_deref(), location.branch.as_deref()), (Some("v1"), Some("main")));
    assert_eq!(location.pull_request_number.as_deref(), Some("007"));
    assert!(all.dataset.reducing_enabled);
    assert_eq!(all.dataset.disabled_trimmers, ["a", "b"]);
    assert_eq!(all.dataset.extra_trimmers, ["c"]);
}

#[test]
fn nothing_configured_is_everything_off() {
    for yaml in ["tags: {}", "tags:\nfacets:\nfilters:\ndataset:\n", "facets: {source_code_location: }"] {
        let none = settings(yaml);
        assert!(none.filters.is_empty() && none.tags.job.is_empty() && none.tags.run.is_empty(), "{yaml}");
        assert_eq!((none.facets, none.dataset), Default::default(), "{yaml}");
        assert_eq!(none.namespace, None, "{yaml}");
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_cure() {
    check([
        with("tags", "tags: [a]").fails("tags: not an object (openlineage.yml:1); write a map"),
        with("job tags", "tags: {job: a}").fails("tags.job: not an object (openlineage.yml:1)"),
        with("a tag", "tags:\n  run:\n    a: [b]").fails("tags.run.a: not a string (openlineage.yml:3)"),
        with("a null tag is none", "tags: {run: {a: null}}"),
        with("filters", "filters: {type: exact}")
            .fails("filters: not a list (openlineage.yml:1); write it like [{type"),
        with("a filter", "filters: [a]").fails("filters.0: not an object (openlineage.yml:1)"),
        with("variables", "facets: {environment_variables: {}}").fails(
            r#"facets.environment_variables: not a list of texts (openlineage.yml:1); write it like ["a", "b"]"#,
        ),
        with("nested variables", "facets: {environment_variables: [[a]]}").fails("facets.environment_variables: not a"),
        with("a flag", "dataset: {reducing_enabled: maybe}")
            .fails("dataset.reducing_enabled: neither true nor false (openlineage.yml:1); write true or false"),
        with("a flag in a section", "facets:\n  source_code_location:\n    disabled: []")
            .fails("facets.source_code_location.disabled: neither true nor false (openlineage.yml:3)"),
    ]);
}

#[test]
fn unknown_keys_are_told() {
    check([
        with("at the top", "transpotr: {type: http}")
            .warns("transpotr: unknown option (openlineage.yml:1); did you mean transport?"),
        with("nothing like it", "circuit_breaker: {}").warns(
            "circuit_breaker: unknown option (openlineage.yml:1); known are transport, facets, filters, tags, dat",
        ),
        with("in a section", "dataset: {reducing: true}")
            .warns("dataset.reducing: unknown option (openlineage.yml:1); known are reducing_enabled"),
        with("in facets", "facets:\n  env_variables: [A]")
            .warns("facets.env_variables: unknown option (openlineage.yml:2)"),
        with("deeper", "facets: {source_code_location: {repourl: x}}")
            .warns("facets.source_code_location.repourl: unknown option (openlineage.yml:1); did you mean repo_url?"),
        with("in tags", "tags: {jobs: {}}").warns("tags.jobs: unknown option (openlineage.yml:1); did you mean job?"),
        with("in a filter", "filters: [{type: exact, match: a, macth: b}]")
            .warns("filters.0.macth: unknown option (openlineage.yml:1); did you mean match?"),
        with("several, in their order", "a: 1\nb: 2").warns("a: unknown option").warns("b: unknown option"),
        with("strict", "dataset: {reducing: true}")
            .strict()
            .fails("dataset.reducing: unknown option (openlineage.yml:1)"),
        with("from a variable", "tags: {}")
            .var("OPENLINEAGE__TAG__JOB__A", "b")
            .warns("tag: unknown option ($OPENLINEAGE__TAG__JOB__A); did you mean tags?"),
    ]);
}

#[test]
fn a_filter_that_cannot_be_followed_is_left_out_and_told() {
    check([
        with("no type", "filters: [{match: a}]")
            .warns("filters.0.type: neither exact nor regex, so the filter is not us"),
        with("another type", "filters: [{type: glob, match: a}]").warns("filters.0.type: neither exact nor regex"),
        with("no pattern", "filters:\n  - type: regex\n    match: a")
            .warns("filters.0.regex: missing, so the filter is not used (openlineage.yml:2); write the pattern"),
        with("an empty pattern", "filters: [{type: exact, match: ''}]").warns("filters.0.match: missing"),
        with("strict", "filters: [{match: a}]").strict().fails("filters.0.type: neither exact nor regex"),
    ]);
    assert!(settings("filters: [{type: glob, match: a}]").filters.is_empty());
}

#[test]
fn the_namespace_comes_from_its_variable() {
    let namespace = |value| case("").var("OPENLINEAGE_NAMESPACE", value).load().unwrap().settings.namespace;
    assert_eq!(namespace("etl").as_deref(), Some("etl"));
    assert_eq!(namespace(" "), None);
}

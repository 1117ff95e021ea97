//! The merged configuration, printed.

use crate::case::{Case, case};

fn everything() -> Case {
    case("")
        .yaml("transport:\n  type: composite\n  transports:\n    - type: http\n      auth: {type: api_key, apiKey: canary}\n")
        .var("OPENLINEAGE__TAGS__RUN__TEAM", "data")
        .var("OPENLINEAGE__TAGS__RUN__NOTE", "two\nlines")
        .code(r#"{"filters": [], "dataset": {}, "facets": null}"#)
}

#[test]
fn for_people_it_is_a_tree() {
    let expected = "\
tags:
  run:
    note: two\\nlines   # $OPENLINEAGE__TAGS__RUN__NOTE
    team: data         # $OPENLINEAGE__TAGS__RUN__TEAM
transport:
  type: composite      # openlineage.yml:2
  transports:
    0:
      type: http       # openlineage.yml:4
      auth:
        type: api_key  # openlineage.yml:5
        apiKey: ***    # openlineage.yml:5
filters: []            # code
dataset: {}            # code
facets: null           # code
";
    assert_eq!(everything().load().unwrap().render(), expected);
}

#[test]
fn for_machines_it_is_a_list_of_objects() {
    let lines = serde_json::to_value(everything().load().unwrap().explain()).unwrap();
    assert_eq!(lines.as_array().unwrap().len(), 9);
    assert_eq!(
        lines[0],
        serde_json::json!({ "path": "tags.run.note", "value": "two\\nlines", "source": "$OPENLINEAGE__TAGS__RUN__NOTE" })
    );
    assert_eq!(lines[5]["path"], "transport.transports.0.auth.apiKey");
    assert_eq!(lines[5]["value"], "***");
}

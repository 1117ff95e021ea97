//! Texts to values: YAML and JSON.

use std::path::Path;

use openlineage_core::config::{ConfigError, ConfigValue, Node, Source};

fn yaml(text: &str) -> Result<ConfigValue, ConfigError> {
    ConfigValue::from_yaml(text, &Source::file(Path::new("f")))
}

/// The shape of a value, quotes told by `'`.
fn shape(value: &ConfigValue) -> String {
    match value.node() {
        Node::Null => "null".to_owned(),
        Node::Scalar { text, quoted: true } => format!("'{text}'"),
        Node::Scalar { text, .. } => text.clone(),
        Node::List(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(", ")),
        Node::Map(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{key}: {}", shape(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => "?".to_owned(),
    }
}

#[test]
fn yaml_keeps_texts_quotes_and_order() {
    for (text, expected) in [
        ("b: 1\na: 2", "{b: 1, a: 2}"),
        ("a: 0x1F\nb: 1e3\nc: 1_000\nd: 012", "{a: 0x1F, b: 1e3, c: 1_000, d: 012}"),
        ("a: yes\nb: No\nc: 'true'\nd: \"1\"", "{a: yes, b: No, c: 'true', d: '1'}"),
        ("a:\nb: ~\nc: null\nd: 'null'\ne: ''", "{a: null, b: null, c: null, d: 'null', e: ''}"),
        ("a: |\n  two\n  lines\n", "{a: 'two\nlines\n'}"),
        ("a: \"tab\\tand \\u00e9\"", "{a: 'tab\tand é'}"),
        ("a: !!str 5", "{a: '5'}"),
        ("a: !!int 5", "{a: 5}"),
        ("1: a\ntrue: b\n~: c", "{1: a, true: b, null: c}"),
        ("[a, [b, {c: d}], {}]", "[a, [b, {c: d}], {}]"),
        ("a: &x {b: 1}\nc: *x", "{a: {b: 1}, c: {b: 1}}"),
        ("base: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", "{base: {b: 1, c: 2}, d: {b: 1, c: 3}}"),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}", "{a: {b: 1, c: 3}}"),
        ("a: {'<<': 1}", "{a: {<<: 1}}"),
        ("\u{feff}a: 1", "{a: 1}"),
        ("--- \na: 1\n...\n", "{a: 1}"),
        ("{\n\t\"a\": \"json\"\n}", "{a: 'json'}"),
        ("a: http://h:5000/x#y", "{a: http://h:5000/x#y}"),
        ("", "null"),
    ] {
        assert_eq!(yaml(text).map(|value| shape(&value)).unwrap(), expected, "{text}");
    }
}

#[test]
fn yaml_that_is_refused_is_refused_with_its_line() {
    let deep = "[".repeat(100) + &"]".repeat(100);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..7 {
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    }
    for (text, message) in [
        ("a: 1\nb: [", "configuration: not valid YAML at column "),
        ("a: b: c", "configuration: not valid YAML at column 5, mapping values are not allowed in this context (f:1)"),
        ("a: *nowhere", "configuration: not valid YAML at column "),
        ("a: &x [*x]", "configuration: an alias inside of what it stands for (f:1)"),
        ("a: 1\na: 2", "configuration: a is there twice (f:2)"),
        ("a: 1\n--- \nb: 2", "configuration: a second document (f:2); keep one document in a file"),
        ("a: !Ref b", "configuration: a tag (f:1); leave it out"),
        ("a: !!python/object:os.system b", "configuration: a tag (f:1)"),
        ("[a]: b", "configuration: a key that is a list or a map (f:1)"),
        ("a: {<<: 1}", "configuration: << without a map (f:1)"),
        (&deep, "configuration: nested deeper than 64 (f:1)"),
        (&bomb, "configuration: more than 10000 keys and values (f:"),
    ] {
        let error = yaml(text).map(|value| shape(&value)).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text}: {error}");
    }
}

#[test]
fn lines_are_those_of_the_keys() {
    let value = yaml("# first\na:\n  b: 1\n  c:\n    - x\n    - y\nd: >\n  folded\n").unwrap();
    for (path, line) in [("a", 2), ("a.b", 3), ("a.c", 4), ("a.c.0", 5), ("a.c.1", 6), ("d", 7)] {
        assert_eq!(value.at(path).unwrap().source().to_string(), format!("f:{line}"), "{path}");
    }
    assert!(value.at("a.x").is_none() && value.at("a.b.c").is_none() && value.at("a.c.2").is_none());
    assert_eq!(yaml("a.b: {c: 1}").unwrap().at("a.b.c").unwrap().text(), Some("1"), "a key with a dot");
}

#[test]
fn json_keeps_digits_order_and_lines() {
    let source = Source::file(Path::new("f"));
    let text = "{\n \"b\": 1.50,\n \"a\": [123456789012345678901234567890,\n true, null, \"1\"]\n}";
    let value = ConfigValue::from_json(text, &source).unwrap();
    assert_eq!(shape(&value), "{b: 1.50, a: [123456789012345678901234567890, true, null, '1']}");
    assert_eq!(value.at("a.1").unwrap().source().to_string(), "f:4");
    let deep = "[".repeat(100) + &"]".repeat(100);
    for (text, message) in [
        ("{", "configuration: not valid JSON at column 1 (f:1)"),
        ("{\n\"a\": canary}", "configuration: not valid JSON at column 6 (f:2)"),
        ("{\"a\": 1} x", "configuration: not valid JSON at column 10 (f:1)"),
        ("{\"a\": 1,\n\"a\": 2}", "configuration: a is there twice (f:"),
        (&deep, "configuration: nested deeper than 64 (f:1)"),
        ("", "configuration: not valid JSON at column 0 (f:1)"),
    ] {
        let error = ConfigValue::from_json(text, &source).map(|value| shape(&value)).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text}: {error}");
    }
}

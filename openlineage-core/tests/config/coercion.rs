//! What a text means depends on who reads it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use openlineage_core::builtin::Noop;
use openlineage_core::config::{
    BuildContext, ConfigError, ConfigValue, Factory, Registry, Section, Source, TransportSpec,
};
use openlineage_core::transport::{Fresh, Transport, TransportSource};

/// Reads one option of each type and remembers what it got.
#[derive(Clone, Debug, Default)]
struct Probe(Arc<Mutex<String>>);

impl Factory for Probe {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let mut read = Vec::new();
        read.extend(options.text("text")?.map(|text| format!("{text:?}")));
        read.extend(options.flag("flag")?.map(|flag| flag.to_string()));
        read.extend(options.number("number")?.map(|number| number.to_string()));
        read.extend(options.whole("whole")?.map(|whole| whole.to_string()));
        read.extend(options.texts("texts")?.map(|texts| format!("{texts:?}")));
        options.finish(&["text", "flag", "number", "whole", "texts"])?;
        *self.0.lock().unwrap() = read.join(" ");
        Ok(Arc::new(Noop::named(context.info().clone())))
    }
}

fn read(yaml: &str) -> Result<String, ConfigError> {
    let probe = Probe::default();
    let value = ConfigValue::from_yaml(&format!("type: probe\n{yaml}"), &Source::file(Path::new("f")))?;
    let _built = Fresh.get(&TransportSpec::from_config(value)?, &Registry::empty().with("probe", probe.clone()))?;
    let read = probe.0.lock().unwrap().clone();
    Ok(read)
}

#[test]
fn what_fits() {
    for (yaml, expected) in [
        ("text: 12", r#""12""#),
        ("text: 123e4567", r#""123e4567""#),
        ("text: true", r#""true""#),
        ("text: ' kept '", r#"" kept ""#),
        ("text: ''", r#""""#),
        ("text: null", ""),
        ("flag: true", "true"),
        ("flag: TRUE", "true"),
        ("flag: Yes", "true"),
        ("flag: on", "true"),
        ("flag: 1", "true"),
        ("flag: 'true'", "true"),
        ("flag: False", "false"),
        ("flag: no", "false"),
        ("flag: OFF", "false"),
        ("flag: 0", "false"),
        ("flag: ~", ""),
        ("number: 2.5", "2.5"),
        ("number: '2.5'", "2.5"),
        ("number: 0", "0"),
        ("number: 1e3", "1000"),
        ("number: ' 5 '", "5"),
        ("whole: -1", "-1"),
        ("whole: 007", "7"),
        ("texts: [a, 1, true]", r#"["a", "1", "true"]"#),
        ("texts: a; b;;c", r#"["a", "b", "c"]"#),
        ("texts: []", "[]"),
    ] {
        assert_eq!(read(yaml).unwrap_or_else(|error| panic!("{yaml}: {error}")), expected, "{yaml}");
    }
}

#[test]
fn what_does_not_fit() {
    let (flag, number) =
        ("neither true nor false (f:2); write true or false", "not a number of zero or more (f:2); write");
    for (yaml, message) in [
        ("text: [a]", "text: not a string (f:2); write one text"),
        ("text: {a: b}", "text: not a string (f:2)"),
        ("flag: 2", &format!("flag: {flag}")),
        ("flag: ''", &format!("flag: {flag}")),
        ("flag: tru", &format!("flag: {flag}")),
        ("flag: [true]", &format!("flag: {flag}")),
        ("number: -1", &format!("number: {number}")),
        ("number: inf", &format!("number: {number}")),
        ("number: NaN", &format!("number: {number}")),
        ("number: 1e999", &format!("number: {number}")),
        ("number: 0x10", &format!("number: {number}")),
        ("number: five", &format!("number: {number}")),
        ("number: ''", &format!("number: {number}")),
        ("whole: 1.5", "whole: not a whole number (f:2); write it like 5"),
        ("whole: 99999999999999999999", "whole: not a whole number"),
        ("texts: {a: b}", "texts: not a list of texts (f:2)"),
        ("texts: [{a: b}]", "texts: not a list of texts (f:2)"),
    ] {
        let error = read(yaml).unwrap_err().to_string();
        assert!(error.starts_with(&format!("transport.{message}")), "{yaml}: {error}");
    }
}

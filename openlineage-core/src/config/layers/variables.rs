use super::merge;
use crate::config::{ConfigError, ConfigValue, Environment, Node, Source, Warnings};

const PREFIX: &str = "OPENLINEAGE__";

/// One variable: the parts of its name below the prefix, in lower case, and all of it.
struct Variable<'a> {
    path: Vec<String>,
    name: &'a str,
    text: &'a str,
}

/// What the variables `OPENLINEAGE__A__B` say, as one map.
///
/// A parent and what is nested in it are merged, and the nested wins; siblings stand in the order of their names. A text
/// is read as JSON if it begins like an object, a list or a string, and is taken as it stands otherwise.
pub(in crate::config) fn read(environment: &Environment, warnings: &Warnings) -> Result<ConfigValue, ConfigError> {
    for name in environment.unreadable().filter(|name| name.starts_with("OPENLINEAGE_")) {
        warnings.report(ConfigError::new(name, "is not Unicode, so it is not used").cure("set it to UTF-8 text"))?;
    }
    let parts = |name: &str| name.split("__").skip(1).map(str::to_lowercase).collect();
    let all = environment.starting(PREFIX);
    let mut all: Vec<_> = all.map(|(name, text)| Variable { path: parts(name), name, text }).collect();
    all.sort_by(|a, b| (&a.path, a.name).cmp(&(&b.path, b.name)));
    let mut tree = ConfigValue::new(Node::Map(Vec::new()), Source::Default);
    for variable in all {
        if variable.path.iter().any(String::is_empty) {
            let mistake = ConfigError::new(variable.name, "has an empty part in its name, so it is not used");
            warnings.report(mistake.cure("write two underscores between parts, none at the end"))?;
            continue;
        }
        put(&mut tree, &variable, warnings)?;
    }
    Ok(tree)
}

fn put(tree: &mut ConfigValue, variable: &Variable<'_>, warnings: &Warnings) -> Result<(), ConfigError> {
    let value = value(variable, warnings)?;
    let path = variable.path.join(".");
    let (old, rest) = tree.closest(&path);
    // Of two names that differ in case, and of a text with keys below it, only one can be meant.
    let twin = |old: &Source| matches!(old, Source::Env(name) if name.eq_ignore_ascii_case(variable.name));
    if old.text().is_some() && (!rest.is_empty() || twin(old.source())) {
        let path = path.strip_suffix(rest).unwrap_or(&path).trim_end_matches('.');
        let mistake = ConfigError::new(path, format!("hidden by ${}", variable.name)).at(old.source());
        warnings.report(mistake.cure("unset one of the two"))?;
    }
    *tree = merge(tree.clone(), value.below(variable.path.iter().map(String::as_str)));
    Ok(())
}

fn value(variable: &Variable<'_>, warnings: &Warnings) -> Result<ConfigValue, ConfigError> {
    let source = Source::env(variable.name);
    if variable.text.trim_start().starts_with(['{', '[', '"']) {
        match ConfigValue::from_json(variable.text, &source) {
            Ok(value) => return Ok(value),
            Err(error) => {
                let error = error.keyed(variable.path.join("."));
                warnings.report(error.cure("it is taken as a text; write valid JSON to give more"))?;
            }
        }
    }
    Ok(ConfigValue::plain(variable.text, source))
}

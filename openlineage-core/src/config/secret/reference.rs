use std::fs;
use std::io::Read;

use super::Secret;
use crate::config::{ConfigError, ConfigValue, Environment, Node};

/// How long a file with a secret may be, in bytes.
const LONGEST: u64 = 64 * 1024;

const CURE: &str = "write a text, {env: NAME} or {file: PATH}";

/// The secret that a value is, or refers to.
pub(in crate::config) fn resolve(
    key: &str,
    value: ConfigValue,
    environment: &Environment,
) -> Result<Secret, ConfigError> {
    let wrong = |problem: &str| ConfigError::new(key, problem.to_owned()).cure(CURE);
    let place = value.source().clone();
    let found = match value.into_node() {
        Node::Scalar { text, .. } => Ok(text),
        Node::Map(map) => match map.as_slice() {
            [(name, to)] if name == "env" => variable(key, to.text().ok_or_else(|| wrong("not a name"))?, environment),
            [(name, to)] if name == "file" => file(key, to.text().ok_or_else(|| wrong("not a path"))?, environment),
            _ => Err(wrong("neither a text nor a reference")),
        },
        Node::List(_) | Node::Null => Err(wrong("neither a text nor a reference")),
    };
    found.map(Secret::new).map_err(|error| error.at(&place))
}

fn variable(key: &str, name: &str, environment: &Environment) -> Result<String, ConfigError> {
    let missing =
        || ConfigError::new(key, format!("variable {name} is not set")).cure("set it, or write the text here");
    environment.get(name).map(str::to_owned).ok_or_else(missing)
}

fn file(key: &str, path: &str, environment: &Environment) -> Result<String, ConfigError> {
    let wrong = |problem: &str| {
        ConfigError::new(key, format!("file {path} {problem}"))
            .cure("give the path of a file that holds the text alone")
    };
    let mut text = String::new();
    let file = fs::File::open(environment.path(path)).map_err(|error| wrong("cannot be opened").because(error))?;
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    let read = read.map_err(|error| wrong("cannot be read as text").because(error))?;
    if read as u64 > LONGEST {
        return Err(wrong("is longer than 64 KiB"));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::config::{ConfigError, ConfigValue, Environment, Node, Source, Warnings};

const VARIABLE: &str = "OPENLINEAGE_CONFIG";

/// How long a file may be, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// What the configuration file says: the one that was `named`, which must be there, or the first that is there of
/// `OPENLINEAGE_CONFIG`, `openlineage.yml` in the working directory, `.openlineage/openlineage.yml` at home.
pub(in crate::config) fn read(
    environment: &Environment,
    named: Option<&Path>,
    warnings: &Warnings,
) -> Result<Option<ConfigValue>, ConfigError> {
    if let Some(path) = named {
        let file = open(&environment.path(path)).map_err(|problem| missing("configuration", path, problem))?;
        return parse(file, environment.short(path), warnings).map(Some);
    }
    if let Some(path) = environment.filled(VARIABLE) {
        let path = Path::new(path);
        match open(&environment.path(path)) {
            Ok(file) => return parse(file, environment.short(path), warnings).map(Some),
            Err(problem) => warnings.report(missing(VARIABLE, path, problem))?,
        }
    }
    let folder = environment.working_directory().map(|folder| folder.join("openlineage.yml"));
    let home = environment.home_directory().map(|home| home.join(".openlineage").join("openlineage.yml"));
    for path in [folder, home].into_iter().flatten() {
        if let Some(file) = lying(&path, warnings)? {
            return parse(file, environment.short(&path), warnings).map(Some);
        }
    }
    Ok(None)
}

/// A file that nobody named, if it is there.
fn lying(path: &Path, warnings: &Warnings) -> Result<Option<File>, ConfigError> {
    if !path.exists() {
        return Ok(None);
    }
    match open(path) {
        Ok(file) => Ok(Some(file)),
        Err(problem) => warnings.report(missing("configuration", path, problem)).map(|()| None),
    }
}

fn open(path: &Path) -> Result<File, &'static str> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => File::open(path).map_err(|_| "cannot be opened"),
        Ok(_) => Err("is not a regular file"),
        Err(_) => Err("is not there"),
    }
}

fn missing(key: &str, path: &Path, problem: &str) -> ConfigError {
    let error = ConfigError::new(key, format!("file {} {problem}", path.display()));
    error.cure("give the path of a YAML file that can be read")
}

fn parse(file: File, path: &Path, warnings: &Warnings) -> Result<ConfigValue, ConfigError> {
    let source = Source::file(path);
    let wrong = |problem: &str| ConfigError::new("configuration", problem.to_owned()).at(&source);
    let mut bytes = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| wrong("the file cannot be read").because(error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(wrong("the file is longer than 1 MiB"));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(wrong("the file is not UTF-8").cure("save it as UTF-8"));
    };
    let value = ConfigValue::from_yaml(&text, &source)?;
    match value.node() {
        Node::Map(_) => Ok(value),
        Node::Null => {
            let empty = wrong("the file is empty").cure("write a section such as transport, or remove the file");
            warnings.report(empty)?;
            Ok(ConfigValue::new(Node::Map(Vec::new()), source))
        }
        _ => Err(wrong("not an object").cure("write sections, such as transport, at the outermost level")),
    }
}

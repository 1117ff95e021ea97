//! The manual knows every key and every variable that the code names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What takes an option by name.
const READERS: [&str; 15] = [
    ".child(",
    ".children(",
    ".flag(",
    ".number(",
    ".required(",
    ".secret(",
    ".section(",
    ".take(",
    ".text(",
    ".texts(",
    ".whole(",
    "seconds(&mut options, ",
    "read_section(root, ",
    "(FilterKind::Exact, ",
    "(FilterKind::Regex, ",
];

/// Lists of options.
const LISTS: [&str; 5] = ["const KNOWN", "const IGNORED", "const DATASET", "const LOCATION", "const API_KEY"];

#[test]
fn every_key_and_variable_is_in_the_manual() {
    let manual = fs::read_to_string(Path::new(ROOT).join("docs/configuration.md")).unwrap();
    let spans: BTreeSet<_> = manual.split('`').skip(1).step_by(2).flat_map(|span| span.split(['.', '='])).collect();
    let sources = ["openlineage-core/src/builtin", "openlineage-core/src/config", "transport-http/src/config"];
    let words: BTreeSet<_> = sources.iter().flat_map(|folder| words(&Path::new(ROOT).join(folder))).collect();
    for expected in ["url", "backoff_max", "sslContext", "stream", "disabled_trimmers", "regex", "NO_PROXY", "read"] {
        assert!(words.contains(expected), "{expected} is read somewhere");
    }
    let missing: Vec<_> = words.iter().filter(|word| !spans.contains(word.as_str())).collect();
    assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
}

/// The keys and variables that the code below a folder names.
fn words(folder: &Path) -> Vec<String> {
    let mut words = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words.extend(self::words(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            words.extend(keys(&code.join("\n")));
        }
    }
    words
}

fn keys(code: &str) -> Vec<String> {
    let read =
        READERS.iter().flat_map(|reader| code.split(reader).skip(1)).filter_map(|rest| literal(rest.trim_start()));
    let mut keys: Vec<_> = read.collect();
    let lists = LISTS.iter().flat_map(|list| code.split(list).skip(1)).filter_map(|rest| rest.split("];").next());
    let tables = code.split("for (name, ").skip(1).filter_map(|rest| rest.split('{').next());
    keys.extend(lists.chain(tables).flat_map(|list| list.split('"').skip(1).step_by(2)));
    let capital = |word: &str| word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    keys.extend(code.split('"').filter(|word| capital(word) && !word.ends_with('_') && !word.starts_with("CARGO_")));
    let is_key = |key: &&str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    keys.into_iter().filter(is_key).map(str::to_owned).collect()
}

/// The text of a string literal at the very beginning.
fn literal(code: &str) -> Option<&str> {
    code.strip_prefix('"')?.split('"').next()
}

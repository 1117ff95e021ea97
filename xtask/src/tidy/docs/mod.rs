//! Documents may only name what exists: files, links, tasks, subcommands, items.

mod items;
mod markdown;

use std::collections::BTreeSet;

use super::Finding;
use crate::facts::Facts;

const AT_THE_ROOT: [&str; 4] = ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"];
const CLI_FOLDER: &str = "openlineage-cli/";
const RECORDS: &str = "docs/adr/README.md";
const TEST_COMMAND: &str = "cargo xtask test";

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let names = Names::of(facts);
    let documents = facts
        .tree
        .texts()
        .filter(|(path, _)| AT_THE_ROOT.contains(path) || (path.starts_with("docs/") && path.ends_with(".md")));
    let mut findings: Vec<Finding> = documents.flat_map(|(path, text)| names.document(path, text)).collect();
    if facts.tree.text("README.md").is_some_and(|text| !text.contains(TEST_COMMAND)) {
        findings.push(Finding::new("README.md", 1, "does not name the test command", format!("name `{TEST_COMMAND}`")));
    }
    findings.extend(unlinked_records(facts));
    findings
}

/// Decision records that their index does not link to.
fn unlinked_records(facts: &Facts) -> Vec<Finding> {
    let index = markdown::read(facts.tree.text(RECORDS).unwrap_or_default());
    let linked: BTreeSet<String> =
        index.links.iter().filter_map(|(_, target)| markdown::beside(RECORDS, target)).collect();
    let records = facts.tree.texts().map(|(path, _)| path).filter(|path| path.starts_with("docs/adr/"));
    records
        .filter(|path| *path != RECORDS && !linked.contains(*path))
        .map(|path| Finding::new(path, 1, "is not in the index", format!("add a row to {RECORDS}")))
        .collect()
}

/// What may be named.
struct Names<'a> {
    facts: &'a Facts,
    folders: Vec<String>,
    crates: BTreeSet<String>,
    items: BTreeSet<String>,
    subcommands: Option<BTreeSet<String>>,
    tasks: Vec<String>,
}

impl<'a> Names<'a> {
    fn of(facts: &'a Facts) -> Self {
        let members = &facts.workspace.members;
        let has_cli = members.iter().any(|member| member.manifest().starts_with(CLI_FOLDER));
        Self {
            facts,
            folders: members.iter().map(|member| member.folder.clone()).chain(["docs".into(), ".ci".into()]).collect(),
            crates: members.iter().map(|member| member.name.replace('-', "_")).collect(),
            items: items::defined(&facts.tree, ""),
            subcommands: has_cli.then(|| items::defined(&facts.tree, CLI_FOLDER)),
            tasks: crate::task_names(),
        }
    }

    fn document(&self, path: &str, text: &str) -> Vec<Finding> {
        let document = markdown::read(text);
        let mut findings = Vec::new();
        for (line, target) in &document.links {
            if markdown::beside(path, target).is_some_and(|file| !self.facts.tree.has(&file)) {
                findings.push(Finding::new(path, *line, format!("links to {target}"), "that is no file, correct it"));
            }
        }
        for (line, code) in document.spans.iter().chain(&document.fenced) {
            findings.extend(self.command(code).map(|(what, cure)| Finding::new(path, *line, what, cure)));
        }
        for (line, span) in &document.spans {
            findings.extend(
                self.path(span)
                    .or_else(|| self.item(span))
                    .map(|what| Finding::new(path, *line, what, "name what exists, or say it without code marks")),
            );
        }
        findings
    }

    /// `cargo xtask NAME` and `openlineage NAME`.
    fn command(&self, code: &str) -> Option<(String, String)> {
        let words: Vec<&str> = code.trim_start().trim_start_matches("$ ").split_whitespace().collect();
        match words[..] {
            ["cargo", "xtask", name, ..] if is_name(name) && !self.tasks.iter().any(|task| task == name) => {
                Some((format!("names the task {name}"), format!("there are {}", self.tasks.join(", "))))
            }
            ["openlineage", name, ..] if is_name(name) => {
                let known = self.subcommands.as_ref()?;
                let missing = !known.contains(&camel(name)) && !known.contains(&name.replace('-', "_"));
                missing.then(|| (format!("names the subcommand {name}"), "the command line tool has none".to_owned()))
            }
            _ => None,
        }
    }

    /// A path that begins with one of our folders.
    fn path(&self, span: &str) -> Option<String> {
        let (folder, below) = span.split_once('/')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let file = span.split_once(':').map_or(span, |(file, _line)| file);
        let ours = self.folders.iter().any(|known| known == folder) && file.chars().all(plain);
        let version = below.starts_with(|c: char| c.is_ascii_digit());
        (ours && !version && !self.facts.tree.has(file)).then(|| format!("names the file {file}"))
    }

    /// A path of Rust that begins with one of our crates.
    fn item(&self, span: &str) -> Option<String> {
        let path = span.split(['(', '<', '!', ' ', '{']).next()?.trim_end_matches("::");
        let (krate, below) = path.split_once("::")?;
        let last = below.rsplit("::").next()?;
        let identifier = last.chars().all(|c| c.is_alphanumeric() || c == '_');
        (self.crates.contains(krate) && identifier && !self.items.contains(last))
            .then(|| format!("names the item {path}"))
    }
}

/// Neither an option nor a placeholder.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests;

//! One place for every dependency, one reason for each, and none that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, table};
use crate::facts::{Facts, Member};

const DOCUMENT: &str = "docs/dependencies.md";
const ROOT: &str = "Cargo.toml";
const SECTIONS: [&str; 3] = ["build-dependencies", "dependencies", "dev-dependencies"];

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let workspace = parse(facts, ROOT);
    let Some(entries) = workspace.get("workspace").and_then(|it| it.get("dependencies")).and_then(|it| it.as_table())
    else {
        return Vec::new();
    };
    let mut findings = rows(facts, entries);
    let mut used = BTreeSet::new();
    for member in &facts.workspace.members {
        for (name, value) in stated(&parse(facts, &member.manifest())) {
            if !inherited(&value) && !itself(member, &name, &value) {
                let line = facts.tree.line_of_key(&member.manifest(), &name);
                let cure = format!("name it in [workspace.dependencies] and write `{name}.workspace = true`");
                findings.push(Finding::new(member.manifest(), line, format!("{name} is stated here alone"), cure));
            }
            used.insert(name);
        }
    }
    findings.extend(unused(facts, entries, &used));
    findings
}

fn parse(facts: &Facts, manifest: &str) -> toml::Table {
    facts.tree.text(manifest).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Every dependency of a manifest, those for one platform included.
fn stated(manifest: &toml::Table) -> Vec<(String, toml::Value)> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let tables = platforms.filter_map(toml::Value::as_table).chain([manifest]);
    tables
        .flat_map(|table| SECTIONS.iter().filter_map(|section| table.get(*section)?.as_table()))
        .flat_map(|section| section.iter().map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

fn inherited(value: &toml::Value) -> bool {
    value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
}

/// A crate may state itself by path, to switch on a feature of its own for its tests.
fn itself(member: &Member, name: &str, value: &toml::Value) -> bool {
    name == member.name && value.get("path").and_then(toml::Value::as_str) == Some(".")
}

fn rows(facts: &Facts, entries: &toml::Table) -> Vec<Finding> {
    let rows = table::rows(facts.tree.text(DOCUMENT).unwrap_or_default());
    let mut findings = Vec::new();
    let mut seen = BTreeMap::new();
    for row in &rows {
        let (name, licence, reason) = (row.cell(0), row.cell(1), row.cell(2));
        let mut refuse = |what: String, cure: &str| findings.push(Finding::new(DOCUMENT, row.line, what, cure));
        if !entries.get(name).is_some_and(external) {
            refuse(format!("{name} is no dependency of the workspace"), "delete the row");
        }
        if seen.insert(name, row.line).is_some() {
            refuse(format!("{name} has two rows"), "keep one");
        }
        if reason.is_empty() {
            refuse(format!("{name} has no reason"), "say in one line why we need it, or drop it");
        }
        let packages = facts.workspace.packages.iter().filter(|package| package.name == name);
        let stated: Vec<String> = packages.filter_map(|package| package.licence.as_deref()).map(spelled).collect();
        if !stated.is_empty() && !stated.contains(&spelled(licence)) {
            refuse(format!("the licence of {name} is {}", stated.join(" and ")), "correct the row");
        }
    }
    for (name, _) in entries.iter().filter(|(name, value)| external(value) && !seen.contains_key(name.as_str())) {
        let line = facts.tree.line_of_key(ROOT, name);
        let what = format!("{name} has no row in {DOCUMENT}");
        findings.push(Finding::new(ROOT, line, what, "add one: name, licence, reason"));
    }
    findings
}

fn external(value: &toml::Value) -> bool {
    value.get("path").is_none()
}

fn spelled(licence: &str) -> String {
    licence.replace('/', " OR ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ours count from the moment their folder exists.
fn unused(facts: &Facts, entries: &toml::Table, used: &BTreeSet<String>) -> Vec<Finding> {
    let there = |value: &toml::Value| {
        value.get("path").and_then(toml::Value::as_str).is_none_or(|folder| facts.tree.has(folder))
    };
    entries
        .iter()
        .filter(|(name, value)| !used.contains(name.as_str()) && there(value))
        .map(|(name, _)| {
            let line = facts.tree.line_of_key(ROOT, name);
            Finding::new(ROOT, line, format!("no member uses {name}"), "delete the entry and its row")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Package, Tree, Workspace};

    const ENTRIES: &str = "[workspace.dependencies]\nbytes = '1'\nx = { path = 'x' }\n";
    const ROWS: &str = "| name | licence | reason |\n| - | - | - |\n| bytes | MIT | shared buffers |\n";
    const MEMBER: &str = "[dependencies]\nbytes.workspace = true\n[dev-dependencies]\nx = { path = '.' }\n";

    fn findings(root: &str, document: &str, manifest: &str) -> Vec<String> {
        let tree = Tree::of(&[(ROOT, root), (DOCUMENT, document), ("x/Cargo.toml", manifest)]);
        let members = vec![Member { name: "x".into(), folder: "x".into(), ..Member::default() }];
        let packages = vec![Package { name: "bytes".into(), licence: Some("MIT".into()), ..Package::default() }];
        let workspace = Workspace { members, packages, ..Workspace::default() };
        check(&Facts { tree, workspace }).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn one_entry_one_row_one_use_passes() {
        assert_eq!(findings(ENTRIES, ROWS, MEMBER), [""; 0]);
    }

    #[test]
    fn an_entry_without_a_row_is_refused() {
        assert_eq!(findings(ENTRIES, "", MEMBER), ["bytes has no row in docs/dependencies.md"]);
    }

    #[test]
    fn a_row_without_an_entry_a_reason_or_the_right_licence_is_refused() {
        let more = |row: &str| findings(ENTRIES, &format!("{ROWS}{row}\n"), MEMBER);
        assert_eq!(more("| `url` | MIT | parses |"), ["url is no dependency of the workspace"]);
        assert_eq!(more("| bytes | MIT | again |"), ["bytes has two rows"]);
        assert_eq!(findings(ENTRIES, &ROWS.replace("shared buffers", ""), MEMBER), ["bytes has no reason"]);
        assert_eq!(findings(ENTRIES, &ROWS.replace("MIT", "ISC"), MEMBER), ["the licence of bytes is MIT"]);
    }

    #[test]
    fn a_version_in_a_member_is_refused_in_every_section() {
        for section in ["dependencies", "build-dependencies", "target.'cfg(unix)'.dev-dependencies"] {
            let found = findings(ENTRIES, ROWS, &format!("{MEMBER}[{section}.libc]\nversion = '1'\n"));
            assert_eq!(found, ["libc is stated here alone"], "{section}");
        }
    }

    #[test]
    fn an_entry_that_nobody_uses_is_refused_and_one_of_a_crate_to_come_is_not() {
        assert_eq!(findings(ENTRIES, ROWS, "[dev-dependencies]\nx = { path = '.' }\n"), ["no member uses bytes"]);
        assert_eq!(findings(&format!("{ENTRIES}y = {{ path = 'y' }}\n"), ROWS, MEMBER), [""; 0]);
    }
}

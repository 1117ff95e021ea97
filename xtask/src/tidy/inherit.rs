//! Every member takes the lints, and what can be said once, from the workspace.

use super::Finding;
use crate::facts::Facts;

const INHERITED: [&str; 4] = ["edition", "license", "rust-version", "version"];

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in facts.workspace.members.iter().map(|member| member.manifest()) {
        let Ok(table) = facts.tree.text(&manifest).unwrap_or_default().parse::<toml::Table>() else {
            findings.push(Finding::new(manifest, 1, "is not TOML", "correct it"));
            continue;
        };
        if !from_workspace(table.get("lints")) {
            let what = "does not take the lints of the workspace";
            findings.push(Finding::new(&manifest, 1, what, "add `[lints] workspace = true`"));
        }
        for key in INHERITED.iter().filter(|key| !from_workspace(table.get("package").and_then(|it| it.get(key)))) {
            let line = facts.tree.line_of_key(&manifest, key);
            let what = format!("has a {key} of its own, or none");
            findings.push(Finding::new(&manifest, line, what, format!("write `{key}.workspace = true`")));
        }
    }
    findings
}

fn from_workspace(value: Option<&toml::Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Member, Tree, Workspace};

    const GOOD: &str = "[package]\nname = 'x'\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";

    fn findings(manifest: &str) -> Vec<Finding> {
        let members = vec![Member { name: "x".into(), folder: "x".into(), ..Member::default() }];
        let tree = Tree::of(&[("x/Cargo.toml", manifest)]);
        check(&Facts { tree, workspace: Workspace { members, ..Workspace::default() } })
    }

    #[test]
    fn a_member_that_inherits_all_passes() {
        assert_eq!(findings(GOOD), []);
    }

    #[test]
    fn missing_lints_are_refused() {
        assert_eq!(findings(&GOOD.replace("[lints]\nworkspace = true", "")).len(), 1);
        assert_eq!(findings(&GOOD.replace("[lints]\nworkspace = true", "[lints.rust]\nwarnings = 'allow'")).len(), 1);
    }

    #[test]
    fn an_own_edition_is_refused_where_it_stands() {
        let found = findings(&GOOD.replace("edition.workspace = true", "edition = '2021'"));
        assert_eq!((found.len(), found[0].line), (1, 4));
    }

    #[test]
    fn every_inherited_key_is_looked_at() {
        for key in INHERITED {
            let manifest = GOOD.replace(&format!("\n{key}.workspace = true"), "");
            assert_eq!(findings(&manifest).len(), 1, "{key}");
        }
    }
}

//! Folders keep short names, packages carry the project's.

use super::Finding;
use crate::facts::{Facts, Member};

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &facts.workspace.members {
        let line = facts.tree.line_of_key(&member.manifest(), "name");
        match package_for(&member.folder) {
            Some(expected) if expected == member.name => {}
            Some(expected) => {
                let what = format!("the package in {} is called {}", member.folder, member.name);
                findings.push(Finding::new(member.manifest(), line, what, format!("call it {expected}")));
            }
            None => {
                let what = format!("no rule names the package of folder {}", member.folder);
                let cure = "use a known folder, or add the rule to xtask/src/tidy/folders.rs";
                findings.push(Finding::new(member.manifest(), line, what, cure));
            }
        }
        findings.extend(binary(member, line));
    }
    findings
}

fn package_for(folder: &str) -> Option<String> {
    match folder {
        "openlineage" | "openlineage-core" | "openlineage-cli" | "xtask" => Some(folder.to_owned()),
        "bench" | "emit-modes" => Some(format!("openlineage-{folder}")),
        _ if folder.contains('/') => None,
        _ => folder.starts_with("transport-").then(|| format!("openlineage-{folder}")),
    }
}

fn binary(member: &Member, line: usize) -> Option<Finding> {
    let named = || member.roots.iter().any(|root| root.binary && root.target == "openlineage");
    (member.name == "openlineage-cli" && !named())
        .then(|| Finding::new(member.manifest(), line, "has no binary `openlineage`", "name it in a [[bin]] section"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Root, Tree, Workspace};

    fn findings(folder: &str, name: &str, binary: &str) -> Vec<Finding> {
        let roots = vec![Root { target: binary.into(), path: "src/main.rs".into(), binary: true }];
        let members = vec![Member { name: name.into(), folder: folder.into(), roots, ..Member::default() }];
        check(&Facts { tree: Tree::default(), workspace: Workspace { members, ..Workspace::default() } })
    }

    #[test]
    fn the_known_names_pass() {
        assert_eq!(findings("transport-http", "openlineage-transport-http", ""), []);
        assert_eq!(findings("bench", "openlineage-bench", ""), []);
        assert_eq!(findings("openlineage-cli", "openlineage-cli", "openlineage"), []);
    }

    #[test]
    fn a_package_without_the_projects_name_is_refused() {
        assert_eq!(findings("transport-http", "transport-http", "")[0].cure, "call it openlineage-transport-http");
        assert_eq!(findings("emit-modes", "emit-modes", "").len(), 1);
    }

    #[test]
    fn unknown_and_nested_folders_are_refused() {
        assert_eq!(findings("helpers", "openlineage-helpers", "").len(), 1);
        assert_eq!(findings("transport-http/fuzz", "openlineage-transport-http/fuzz", "").len(), 1);
    }

    #[test]
    fn the_command_line_tool_must_be_called_openlineage() {
        assert_eq!(findings("openlineage-cli", "openlineage-cli", "ol").len(), 1);
    }
}

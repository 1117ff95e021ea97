//! Which of our crates may depend on which: arrows point down only.

use super::Finding;
use crate::facts::{Dependency, Facts, Kind};

const BENCH: &str = "openlineage-bench";
const CLI: &str = "openlineage-cli";
const CORE: &str = "openlineage-core";
const FACADE: &str = "openlineage";
const XTASK: &str = "xtask";

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let members = &facts.workspace.members;
    let mut findings = Vec::new();
    for member in members {
        let internal = member.dependencies.iter().filter(|dep| members.iter().any(|other| other.name == dep.name));
        for dep in internal.filter(|dep| !allowed(&member.name, dep)) {
            let manifest = member.manifest();
            let line = facts.tree.line_of_key(&manifest, &dep.name);
            let what = format!("{} may not depend on {}", member.name, dep.name);
            findings.push(Finding::new(manifest, line, what, "go through openlineage-core, or write an ADR"));
        }
    }
    findings
}

fn allowed(from: &str, to: &Dependency) -> bool {
    match (from, to.name.as_str()) {
        (XTASK, _) | (_, XTASK) => false,
        (BENCH, _) => true,
        (CORE, CORE) => to.kind == Kind::Dev,
        (CORE, _) => false,
        (_, CORE) => true,
        (CLI, FACADE) => true,
        (FACADE, other) => ![BENCH, CLI, FACADE].contains(&other),
        ("openlineage-transport-datadog", "openlineage-transport-http") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Member, Tree, Workspace};

    const HTTP: &str = "openlineage-transport-http";
    const DATADOG: &str = "openlineage-transport-datadog";
    const KAFKA: &str = "openlineage-transport-kafka";

    fn findings(from: &str, to: &str, kind: Kind) -> Vec<Finding> {
        let names = [BENCH, CLI, CORE, FACADE, XTASK, HTTP, DATADOG, KAFKA];
        let mut members: Vec<Member> = names
            .iter()
            .map(|name| Member { name: (*name).into(), folder: (*name).into(), ..Member::default() })
            .collect();
        let member = members.iter_mut().find(|member| member.name == from).unwrap();
        member.dependencies.push(Dependency { name: to.into(), kind });
        check(&Facts { tree: Tree::default(), workspace: Workspace { members, ..Workspace::default() } })
    }

    #[test]
    fn arrows_that_point_down_pass() {
        let down =
            [(DATADOG, HTTP), (FACADE, KAFKA), (FACADE, CORE), (CLI, FACADE), (CLI, CORE), (BENCH, HTTP), (HTTP, CORE)];
        for (from, to) in down {
            assert_eq!(findings(from, to, Kind::Normal), [], "{from} -> {to}");
        }
        assert_eq!(findings(CORE, CORE, Kind::Dev), []);
    }

    #[test]
    fn arrows_that_point_up_or_aside_are_refused() {
        let up = [(CORE, HTTP), (HTTP, KAFKA), (HTTP, DATADOG), (KAFKA, FACADE), (FACADE, CLI), (CLI, HTTP)];
        for (from, to) in up.into_iter().chain([(XTASK, CORE), (BENCH, XTASK), (CORE, CORE)]) {
            assert_eq!(findings(from, to, Kind::Normal).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn dev_dependencies_keep_to_the_same_arrows() {
        assert_eq!(findings(CORE, HTTP, Kind::Dev).len(), 1);
        assert_eq!(findings(CLI, HTTP, Kind::Dev).len(), 1);
    }

    #[test]
    fn a_crate_from_elsewhere_is_no_arrow() {
        assert_eq!(findings(HTTP, "reqwest", Kind::Normal), []);
    }
}

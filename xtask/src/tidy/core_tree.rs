//! What `openlineage-core` must never pull in, and which tokio features nobody may switch on.

use std::collections::{BTreeMap, VecDeque};

use super::Finding;
use crate::facts::{Facts, Package};

const CORE: &str = "openlineage-core";
const KEPT_OUT_OF_CORE: [&str; 3] = ["hyper", "rdkafka", "reqwest"];
const KEPT_OUT_OF_TOKIO: [&str; 3] = ["full", "process", "signal"];

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = heavy_dependencies(&facts.workspace.packages);
    findings.extend(tokio_features(facts));
    findings
}

fn heavy_dependencies(packages: &[Package]) -> Vec<Finding> {
    let by_id: BTreeMap<&str, &Package> = packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let Some(core) = packages.iter().find(|package| package.name == CORE) else { return Vec::new() };
    let mut chains: BTreeMap<&str, String> = BTreeMap::from([(core.id.as_str(), CORE.to_owned())]);
    let mut waiting = VecDeque::from([core]);
    let mut findings = Vec::new();
    while let Some(package) = waiting.pop_front() {
        for next in package.normal.iter().filter_map(|id| by_id.get(id.as_str())) {
            if chains.contains_key(next.id.as_str()) {
                continue;
            }
            let chain = format!("{} -> {}", chains[package.id.as_str()], next.name);
            if KEPT_OUT_OF_CORE.contains(&next.name.as_str()) {
                let what = format!("{} is in the tree of {CORE}: {chain}", next.name);
                findings.push(Finding::new(format!("{CORE}/Cargo.toml"), 1, what, "move what needs it to a transport"));
            }
            chains.insert(&next.id, chain);
            waiting.push_back(next);
        }
    }
    findings
}

fn tokio_features(facts: &Facts) -> Vec<Finding> {
    let packages = &facts.workspace.packages;
    let on = |feature: &str| {
        packages.iter().any(|package| package.name == "tokio" && package.features.iter().any(|one| one == feature))
    };
    let line = facts.tree.line_of_key("Cargo.toml", "tokio");
    KEPT_OUT_OF_TOKIO
        .into_iter()
        .filter(|feature| on(feature))
        .map(|feature| {
            let asks = ("tokio".to_owned(), feature.to_owned());
            let who: Vec<&str> =
                packages.iter().filter(|one| one.asks.contains(&asks)).map(|one| one.name.as_str()).collect();
            let what = format!("tokio's feature `{feature}` is on, asked for by {}", who.join(", "));
            Finding::new("Cargo.toml", line, what, "do without it, a forked child would steal the parent's signals")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Tree, Workspace};

    fn package(name: &str, normal: &[&str]) -> Package {
        let normal = normal.iter().map(|id| (*id).into()).collect();
        Package { id: name.into(), name: name.into(), normal, ..Package::default() }
    }

    fn findings(packages: Vec<Package>) -> Vec<Finding> {
        check(&Facts { tree: Tree::default(), workspace: Workspace { packages, ..Workspace::default() } })
    }

    #[test]
    fn an_http_client_deep_in_the_tree_of_core_is_refused() {
        let found = findings(vec![package(CORE, &["a"]), package("a", &["hyper", CORE]), package("hyper", &[])]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.ends_with("openlineage-core -> a -> hyper"), "{}", found[0]);
    }

    #[test]
    fn the_same_client_elsewhere_passes() {
        let http = package("openlineage-transport-http", &[CORE, "reqwest"]);
        assert_eq!(findings(vec![package(CORE, &["serde"]), http, package("reqwest", &[]), package("serde", &[])]), []);
    }

    #[test]
    fn a_forbidden_tokio_feature_is_refused_and_its_user_named() {
        let tokio = Package { features: vec!["rt".into(), "signal".into()], ..package("tokio", &[]) };
        let user = Package { asks: vec![("tokio".into(), "signal".into())], ..package("cli", &["tokio"]) };
        let found = findings(vec![tokio, user]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.ends_with("asked for by cli"), "{}", found[0]);
    }

    #[test]
    fn other_tokio_features_pass() {
        let tokio = Package { features: vec!["rt".into(), "time".into()], ..package("tokio", &[]) };
        assert_eq!(findings(vec![tokio]), []);
    }
}

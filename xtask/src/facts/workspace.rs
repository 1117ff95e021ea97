//! What cargo knows: the members, and every package of the resolved graph.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, TargetKind};

/// The members and, when the whole graph was asked for, all packages.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
    pub(crate) packages: Vec<Package>,
}

/// One crate of ours.
#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Relative to the workspace root.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: Vec<String>,
    pub(crate) roots: Vec<Root>,
}

/// A dependency as a manifest states it.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// Where in a manifest a dependency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Build,
    Dev,
    Normal,
}

/// A file in which a crate begins: library, binary or build script.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) binary: bool,
}

/// A package of the resolved graph, ours or not.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// Features that are on when the whole workspace is built with all its features.
    pub(crate) features: Vec<String>,
    /// Ids of its normal dependencies.
    pub(crate) normal: Vec<String>,
    /// (dependency, feature) pairs that its manifest asks for.
    pub(crate) asks: Vec<(String, String)>,
}

impl Workspace {
    /// Members and the whole graph, with every feature and for every platform.
    pub(crate) fn load() -> Result<Self> {
        let metadata = ask(MetadataCommand::new().features(CargoOpt::AllFeatures))?;
        let packages = packages(&metadata);
        Ok(Self { packages, ..Self::of(&metadata) })
    }

    /// Members only, which needs no resolving.
    pub(crate) fn load_members() -> Result<Self> {
        Ok(Self::of(&ask(MetadataCommand::new().no_deps())?))
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    fn of(metadata: &Metadata) -> Self {
        let root = metadata.workspace_root.as_std_path();
        let members = metadata.workspace_packages().into_iter().map(|package| member(root, package)).collect();
        let target = metadata.target_directory.clone().into_std_path_buf();
        Self { root: root.to_owned(), target, members, packages: Vec::new() }
    }
}

impl Member {
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

fn ask(command: &MetadataCommand) -> Result<Metadata> {
    command.exec().context("cargo does not describe this workspace")
}

fn member(root: &Path, package: &cargo_metadata::Package) -> Member {
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let dependencies = package.dependencies.iter();
    Member {
        name: package.name.to_string(),
        folder: relative(package.manifest_path.as_std_path().parent().unwrap_or(root)),
        dependencies: dependencies.map(|one| Dependency { name: one.name.clone(), kind: kind(one.kind) }).collect(),
        features: package.features.keys().cloned().collect(),
        roots: package
            .targets
            .iter()
            .filter(|target| target.kind.iter().any(begins_a_crate))
            .map(|target| Root {
                target: target.name.clone(),
                path: relative(target.src_path.as_std_path()),
                binary: target.kind.contains(&TargetKind::Bin),
            })
            .collect(),
    }
}

fn begins_a_crate(kind: &TargetKind) -> bool {
    !matches!(kind, TargetKind::Test | TargetKind::Bench | TargetKind::Example)
}

fn kind(kind: DependencyKind) -> Kind {
    match kind {
        DependencyKind::Development => Kind::Dev,
        DependencyKind::Build => Kind::Build,
        _ => Kind::Normal,
    }
}

fn packages(metadata: &Metadata) -> Vec<Package> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    nodes
        .filter_map(|node| metadata.packages.iter().find(|package| package.id == node.id).map(|found| (node, found)))
        .map(|(node, package)| {
            let normal =
                node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|one| one.kind == DependencyKind::Normal));
            let asks = package.dependencies.iter();
            Package {
                id: node.id.repr.clone(),
                name: package.name.to_string(),
                version: package.version.to_string(),
                licence: package.license.clone(),
                features: node.features.iter().map(ToString::to_string).collect(),
                normal: normal.map(|dep| dep.pkg.repr.clone()).collect(),
                asks: asks
                    .flat_map(|dep| dep.features.iter().map(|feature| (dep.name.clone(), feature.clone())))
                    .collect(),
            }
        })
        .collect()
}

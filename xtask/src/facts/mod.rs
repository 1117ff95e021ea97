//! What git and cargo say about the workspace, as plain values that a test can write by hand.

mod tree;
mod workspace;

use anyhow::Result;

pub(crate) use tree::Tree;
#[cfg(test)]
pub(crate) use workspace::Root;
pub(crate) use workspace::{Dependency, Kind, Member, Package, Workspace};

/// Everything a tidy check may look at.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) tree: Tree,
    pub(crate) workspace: Workspace,
}

impl Facts {
    /// Asks cargo for the graph and git for the files.
    pub(crate) fn load() -> Result<Self> {
        let workspace = Workspace::load()?;
        let tree = Tree::load(&workspace.root)?;
        Ok(Self { tree, workspace })
    }
}

//! The test command of the README: every test of the workspace with every feature.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::facts::Workspace;
use crate::shell;

/// Where tests find the OpenLineage specification and its test vectors.
pub(crate) const SPEC: &str = "OPENLINEAGE_SPEC";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Handed to `cargo test` as they are
    #[arg(last = true)]
    pub(crate) extra: Vec<String>,
}

/// Runs `cargo test` and ends as it ends.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::load_members()?;
    let mut cargo = command(&workspace.root, &args.extra);
    find_spec(&workspace.root, &mut cargo);
    println!("$ {}", shell::line(&cargo));
    Ok(if shell::status(&mut cargo)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A failing crate must not hide the results of the others.
fn command(root: &Path, extra: &[String]) -> Command {
    let mut cargo = shell::cargo(root);
    cargo.args(["test", "--workspace", "--all-features", "--no-fail-fast"]).args(extra);
    cargo
}

fn find_spec(root: &Path, cargo: &mut Command) {
    if let Some(given) = std::env::var_os(SPEC) {
        println!("specification: {} (from {SPEC})", given.display());
        return;
    }
    match root.join("../shared/spec").canonicalize() {
        Ok(found) => {
            println!("specification: {}", found.display());
            cargo.env(SPEC, found);
        }
        Err(_) => println!(
            "specification: none, so the tests against its schemas and vectors will be skipped; \
             set {SPEC} to a checkout of the OpenLineage spec folder to run them"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_and_feature_is_tested_and_extras_come_last() {
        let line = shell::line(&command(Path::new("."), &["retry".to_owned()]));
        assert!(line.ends_with("test --workspace --all-features --no-fail-fast retry"), "{line}");
    }

    #[test]
    fn a_missing_specification_sets_nothing() {
        let mut cargo = command(Path::new("/nowhere/at/all"), &[]);
        find_spec(Path::new("/nowhere/at/all"), &mut cargo);
        assert_eq!(cargo.get_envs().count(), 0);
    }
}

//! The test command of the README: every test of the workspace with every feature.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::facts::Workspace;
use crate::shell;

/// Where tests find the OpenLineage specification and its test vectors.
const SPEC: &str = "OPENLINEAGE_SPEC";

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
    find_spec(&workspace.root, std::env::var_os(SPEC), &mut cargo)?;
    println!("$ {}", shell::line(&cargo));
    Ok(if shell::status(&mut cargo)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A failing crate must not hide the results of the others.
fn command(root: &Path, extra: &[String]) -> Command {
    let mut cargo = shell::cargo(root);
    cargo.args(["test", "--workspace", "--all-features", "--no-fail-fast"]).args(extra);
    cargo
}

/// Tests run in the folder of their crate, so a relative path would mean another place to each of them.
fn find_spec(root: &Path, given: Option<OsString>, cargo: &mut Command) -> Result<()> {
    let folder = match given {
        Some(given) => {
            Some(Path::new(&given).canonicalize().with_context(|| format!("{SPEC} names {}", given.display()))?)
        }
        None => root.join("../shared/spec").canonicalize().ok(),
    };
    match folder {
        Some(folder) => {
            println!("specification: {}", folder.display());
            cargo.env(SPEC, folder);
        }
        None => println!(
            "specification: none, so the tests against its schemas and vectors will be skipped; \
             set {SPEC} to the folder of the OpenLineage specification to run them"
        ),
    }
    Ok(())
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
    fn without_a_specification_nothing_is_set() {
        let mut cargo = command(Path::new("."), &[]);
        find_spec(Path::new("/nowhere/at/all"), None, &mut cargo).unwrap();
        assert_eq!(cargo.get_envs().count(), 0);
    }

    #[test]
    fn a_relative_specification_becomes_absolute() {
        let mut cargo = command(Path::new("."), &[]);
        find_spec(Path::new("."), Some("src".into()), &mut cargo).unwrap();
        assert!(cargo.get_envs().all(|(_, value)| value.is_some_and(|value| Path::new(value).is_absolute())));
    }

    #[test]
    fn a_specification_that_is_not_there_is_an_error_that_names_it() {
        let error = find_spec(Path::new("."), Some("no-such-folder".into()), &mut command(Path::new("."), &[]));
        assert_eq!(error.unwrap_err().to_string(), "OPENLINEAGE_SPEC names no-such-folder");
    }
}

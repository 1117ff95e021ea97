//! The test command of the README: every test of the workspace with every feature that needs no more than a compiler, and
//! beside that whatever this machine has what it takes for.

#[cfg(target_os = "linux")]
mod broker;
mod tls;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::facts::Workspace;
use crate::{features, shell};

/// Where tests find the OpenLineage specification and its test vectors.
const SPEC: &str = "OPENLINEAGE_SPEC";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Handed to `cargo test` as they are
    #[arg(last = true)]
    pub(crate) extra: Vec<String>,
}

/// Runs `cargo test`, once more for what has to be built differently, and fails if one of them does.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::load_members()?;
    let mut runs = vec![command(&workspace, &args.extra)];
    runs.extend(tls::command(&workspace, &args.extra)?);
    for cargo in &mut runs {
        find_spec(&workspace.root, std::env::var_os(SPEC), cargo)?;
    }
    // Ends with this function.
    #[cfg(target_os = "linux")]
    let _broker = broker::start(&workspace, &mut runs)?;
    let mut passed = true;
    for cargo in &mut runs {
        println!("$ {}", shell::line(cargo));
        passed &= shell::status(cargo)?.success();
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A failing crate must not hide the results of the others.
fn command(workspace: &Workspace, extra: &[String]) -> Command {
    let mut cargo = shell::cargo(&workspace.root);
    cargo.args(["test", "--workspace", "--no-fail-fast"]).args(features::arguments(workspace)).args(extra);
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

    fn bare() -> Command {
        command(&Workspace::default(), &[])
    }

    #[test]
    fn every_crate_is_tested_and_extras_come_last() {
        let line = shell::line(&command(&Workspace::default(), &["retry".to_owned()]));
        assert!(line.ends_with("test --workspace --no-fail-fast retry"), "{line}");
    }

    #[test]
    fn without_a_specification_nothing_is_set() {
        let mut cargo = bare();
        find_spec(Path::new("/nowhere/at/all"), None, &mut cargo).unwrap();
        assert_eq!(cargo.get_envs().count(), 0);
    }

    #[test]
    fn a_relative_specification_becomes_absolute() {
        let mut cargo = bare();
        find_spec(Path::new("."), Some("src".into()), &mut cargo).unwrap();
        assert!(cargo.get_envs().all(|(_, value)| value.is_some_and(|value| Path::new(value).is_absolute())));
    }

    #[test]
    fn a_specification_that_is_not_there_is_an_error_that_names_it() {
        let error = find_spec(Path::new("."), Some("no-such-folder".into()), &mut bare());
        assert_eq!(error.unwrap_err().to_string(), "OPENLINEAGE_SPEC names no-such-folder");
    }
}

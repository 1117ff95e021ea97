//! Builds `openlineage-bench` and hands it the arguments; what is measured, and how, is its own affair.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::facts::Workspace;
#[cfg(target_os = "linux")]
use crate::kafka::Session;
use crate::shell;

/// The package with the benches.
pub(crate) const PACKAGE: &str = "openlineage-bench";

/// The released Python clients that figures are compared with: the first is the one that every bench takes, the other
/// one still has a thread for each client that was built.
const PYTHON_CLIENTS: [&str; 2] = ["1.54.0", "1.47.1"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which bench, or `all`
    name: String,
    /// Write the figures there as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure the released Python client beside ours, in private environments below the target folder
    #[arg(long)]
    python: bool,
    /// One short round without goals, to see that the bench works
    #[arg(long)]
    smoke: bool,
    /// How many interleaved rounds
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// One part of a bench that has parts
    #[arg(long, value_name = "PART")]
    only: Option<String>,
}

/// Builds, runs, and ends as the bench ends.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::load_members()?;
    if workspace.member(PACKAGE).is_none() {
        bail!("this workspace has no package {PACKAGE}");
    }
    let mut build = shell::cargo(&workspace.root);
    build.args(["build", "--package", PACKAGE]).args(features(&args.name));
    // A smoke run says nothing about speed.
    let profile = if args.smoke { "debug" } else { "release" };
    if !args.smoke {
        build.arg("--release");
    }
    shell::must(&mut build)?;
    let clients = if args.python { PYTHON_CLIENTS.as_slice() } else { &[] };
    let pythons: Vec<PathBuf> = clients.iter().map(|version| python(&workspace, version)).collect::<Result<_>>()?;
    let mut bench = Command::new(workspace.target.join(profile).join(PACKAGE));
    bench.stdin(Stdio::null()).args(arguments(args, &pythons));
    // Ends with this function.
    #[cfg(target_os = "linux")]
    let _broker = if wants_kafka(&args.name) { broker(&workspace, &mut bench)? } else { None };
    Ok(if shell::status(&mut bench)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn wants_kafka(name: &str) -> bool {
    ["all", "kafka"].contains(&name)
}

/// librdkafka takes long to compile, so it is left out where nothing needs it.
fn features(name: &str) -> &'static [&'static str] {
    if wants_kafka(name) { &["--features", "kafka"] } else { &[] }
}

/// A broker for the bench, or a word of why there is none.
#[cfg(target_os = "linux")]
fn broker(workspace: &Workspace, bench: &mut Command) -> Result<Option<Session>> {
    if let Some(missing) = Session::missing() {
        println!("Kafka: none; {missing}");
        return Ok(None);
    }
    let session = Session::start(&workspace.target)?;
    bench.env("OPENLINEAGE_KAFKA", format!("127.0.0.1:{}", session.listeners().port));
    if let Some(process) = session.process() {
        bench.env("OPENLINEAGE_KAFKA_PID", process.to_string());
    }
    Ok(Some(session))
}

fn arguments(args: &Args, pythons: &[PathBuf]) -> Vec<OsString> {
    let mut words = vec![OsString::from(&args.name)];
    if let Some(file) = &args.json {
        words.extend(["--json".into(), file.into()]);
    }
    for interpreter in pythons {
        words.extend(["--python".into(), interpreter.into()]);
    }
    if args.smoke {
        words.push("--smoke".into());
    }
    if let Some(rounds) = args.rounds {
        words.extend(["--rounds".into(), rounds.to_string().into()]);
    }
    if let Some(part) = &args.only {
        words.extend(["--only".into(), part.into()]);
    }
    words
}

/// The interpreter of the private environment for a version, which is made once; the marker is written last, so that a
/// broken installation is begun again.
fn python(workspace: &Workspace, version: &str) -> Result<PathBuf> {
    let folder = workspace.target.join(format!("python-{version}"));
    let (interpreter, marker) = (folder.join("bin/python"), folder.join("installed"));
    if !marker.exists() {
        println!("making {} (once)", folder.display());
        shell::must(shell::program(&workspace.root, "python3").args(["-m", "venv", "--clear"]).arg(&folder))
            .context("--python needs python3 with its venv module")?;
        let package = format!("openlineage-python[kafka]=={version}");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package.as_str()];
        shell::must(shell::program(&workspace.root, &interpreter).args(pip))?;
        std::fs::write(&marker, package).with_context(|| format!("{} cannot be written", marker.display()))?;
    }
    Ok(interpreter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_arguments_reach_the_bench() {
        let args = Args {
            name: "queue".into(),
            json: Some("a.json".into()),
            python: true,
            smoke: true,
            rounds: Some(21),
            only: Some("wake".into()),
        };
        let words = arguments(&args, &["a/python", "b/python"].map(PathBuf::from));
        let all = "queue --json a.json --python a/python --python b/python --smoke --rounds 21 --only wake";
        assert_eq!(words, all.split(' ').collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_added_on_its_own() {
        let args = Args { name: "all".into(), json: None, python: false, smoke: false, rounds: None, only: None };
        assert_eq!(arguments(&args, &[]), ["all"]);
    }
}

//! What a change has to pass. Steps run in the order of what fails fastest and stop at the first failure.

mod smoke;
mod stream;
mod summary;

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::facts::{Facts, Workspace};
use crate::{bench, features, shell};
use summary::Summary;

const CLI: &str = "openlineage-cli";
const CORE: &str = "openlineage-core";
const FACADE: &str = "openlineage";

struct Step {
    name: String,
    command: Command,
    /// Its output is watched for results and skips.
    tests: bool,
}

impl Step {
    /// The same with all features of a build of the whole workspace.
    fn with(mut self, workspace: &Workspace) -> Self {
        self.command.args(features::arguments(workspace));
        self
    }
}

struct Took {
    name: String,
    time: Duration,
}

/// Runs the steps, then prints where the time went, then one line with what the tests said.
pub(crate) fn run() -> Result<ExitCode> {
    let facts = Facts::load()?;
    let strict = std::env::var_os("CI").is_some_and(|value| value == OsStr::new("true"));
    let mut took = Vec::new();
    let mut summary = None;
    let mut verdict = ExitCode::SUCCESS;
    for step in steps(&facts) {
        println!("\n== {}: {}", step.name, shell::line(&step.command));
        let begun = Instant::now();
        let failure = run_step(step.command, step.tests.then_some(&mut summary), strict, &mut std::io::stdout())
            .unwrap_or_else(|error| Some(format!("{error:#}")));
        let time = begun.elapsed();
        println!("-- {}: {:.1} s", step.name, time.as_secs_f64());
        took.push(Took { name: step.name, time });
        if let Some(why) = failure {
            println!("\nstopped at {}: {why}", took[took.len() - 1].name);
            verdict = ExitCode::FAILURE;
            break;
        }
    }
    print!("{}", table(&took));
    match &summary {
        Some(summary) => println!("{summary}"),
        None => println!("the tests were not reached"),
    }
    Ok(verdict)
}

/// Says what went wrong, if anything did.
fn run_step(
    mut command: Command,
    tests: Option<&mut Option<Summary>>,
    strict: bool,
    out: &mut dyn Write,
) -> Result<Option<String>> {
    let Some(place) = tests else {
        let status = shell::status(&mut command)?;
        return Ok((!status.success()).then(|| status.to_string()));
    };
    let mut summary = Summary::default();
    let status = stream::run(&mut command, out, &mut |line| summary.read(line));
    let fault = summary.fault(strict);
    *place = Some(summary);
    let status = status?;
    Ok(if status.success() { fault } else { Some(status.to_string()) })
}

fn steps(facts: &Facts) -> Vec<Step> {
    let workspace = &facts.workspace;
    let mut steps = vec![
        step(workspace, "format", &["fmt", "--all", "--check"]),
        step(workspace, "tidy", &["xtask", "tidy"]),
        step(workspace, "clippy", &["clippy", "--workspace", "--all-targets"]).with(workspace),
    ];
    let mut docs = step(workspace, "doc", &["doc", "--workspace", "--no-deps"]).with(workspace);
    docs.command.env("RUSTDOCFLAGS", "-D warnings");
    steps.push(docs);
    steps.extend(feature_by_feature(workspace));
    steps.push(Step { tests: true, ..step(workspace, "test", &["xtask", "test"]) });
    if workspace.member(CLI).is_some() {
        steps.push(step(workspace, "release", &["build", "--release", "--package", CLI]));
        steps.extend(smoke::first_command(facts).map(|command| Step { name: "smoke".into(), command, tests: false }));
    }
    if workspace.member(bench::PACKAGE).is_some() {
        steps.push(step(workspace, "bench", &["xtask", "bench", "all", "--smoke"]));
    }
    steps
}

fn step(workspace: &Workspace, name: &str, arguments: &[&str]) -> Step {
    let mut command = shell::cargo(&workspace.root);
    command.args(arguments);
    Step { name: name.to_owned(), command, tests: false }
}

/// Core and facade with no feature, and with each one alone.
fn feature_by_feature(workspace: &Workspace) -> Vec<Step> {
    let mut steps = Vec::new();
    for member in [CORE, FACADE].iter().filter_map(|name| workspace.member(name)) {
        let base = ["check", "--package", member.name.as_str(), "--no-default-features"];
        steps.push(step(workspace, &format!("{} alone", member.name), &base));
        let is_checked = |feature: &str| feature != "default" && !features::needs_more(&member.name, feature);
        for feature in member.features.iter().filter(|feature| is_checked(feature)) {
            let arguments = [base.as_slice(), &["--features", feature]].concat();
            steps.push(step(workspace, &format!("{} + {feature}", member.name), &arguments));
        }
    }
    steps
}

/// Each step's time and its share of the whole.
fn table(took: &[Took]) -> String {
    let all: f64 = took.iter().map(|one| one.time.as_secs_f64()).sum();
    let width = took.iter().map(|one| one.name.len()).max().unwrap_or(0).max("total".len());
    let mut text = format!("\n{:width$}  {:>8}  {:>5}\n", "step", "seconds", "share");
    for one in took {
        let seconds = one.time.as_secs_f64();
        text += &format!("{:width$}  {seconds:>8.1}  {:>4.0}%\n", one.name, 100.0 * seconds / all.max(f64::EPSILON));
    }
    text + &format!("{:width$}  {all:>8.1}\n\n", "total")
}

#[cfg(test)]
mod tests;

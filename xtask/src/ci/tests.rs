use super::*;
use crate::facts::{Member, Tree};

fn facts(names: &[&str]) -> Facts {
    let member = |name: &&str| Member {
        name: (*name).into(),
        folder: (*name).into(),
        features: vec!["default".into(), "http".into(), "kafka".into()],
        ..Member::default()
    };
    let members = names.iter().map(member).collect();
    let tree = Tree::of(&[("README.md", "```sh\nopenlineage --version\n```\n")]);
    Facts { tree, workspace: Workspace { root: ".".into(), members, ..Workspace::default() } }
}

fn names(facts: &Facts) -> Vec<String> {
    steps(facts).into_iter().map(|step| step.name).collect()
}

fn sh(script: &str) -> Command {
    let mut command = shell::program(std::path::Path::new("."), "sh");
    command.args(["-c", script]);
    command
}

#[test]
fn crates_that_do_not_exist_have_no_steps() {
    assert_eq!(names(&facts(&[])), ["format", "tidy", "clippy", "doc", "test"]);
}

#[test]
fn every_feature_is_checked_alone_and_none_too() {
    let names = names(&facts(&[FACADE]));
    assert_eq!(&names[4..7], ["openlineage alone", "openlineage + http", "openlineage + kafka"]);
}

#[test]
fn tool_and_benches_come_last() {
    assert_eq!(names(&facts(&[CLI, bench::PACKAGE]))[5..], ["release", "smoke", "bench"]);
}

#[test]
fn a_step_that_fails_says_so() {
    assert_eq!(run_step(sh("exit 0"), None, true, &mut std::io::sink()).unwrap(), None);
    assert!(run_step(sh("exit 2"), None, true, &mut std::io::sink()).unwrap().is_some());
}

#[test]
fn a_test_step_fails_with_its_status_or_its_skips() {
    let result = "test result: ok. 1 passed; 0 failed; 0 ignored";
    let verdict = |script: &str, strict| run_step(sh(script), Some(&mut None), strict, &mut std::io::sink()).unwrap();
    assert_eq!(verdict(&format!("echo '{result}'"), true), None);
    assert!(verdict(&format!("echo '{result}'; exit 1"), false).is_some());
    assert!(verdict(&format!("echo 'skipped: no OPENLINEAGE_SPEC' >&2; echo '{result}'"), true).is_some());
}

#[test]
fn the_table_shows_every_step_and_the_total() {
    let took = |name: &str, seconds| Took { name: name.into(), time: Duration::from_secs(seconds) };
    let text = table(&[took("a", 1), took("long name", 3)]);
    assert_eq!(
        text.lines().map(str::trim).collect::<Vec<_>>(),
        [
            "",
            "step        seconds  share",
            "a               1.0    25%",
            "long name       3.0    75%",
            "total           4.0",
            "",
        ]
    );
}

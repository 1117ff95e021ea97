use std::fs;
use std::path::Path;

use openlineage_core::config::Environment;
use openlineage_core::facets::SourceCodeLocationJobFacet;
use openlineage_core::model::JobEvent;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::case::{ACME, event, job, start, within};

const COMMIT: &str = "693e35482bc2e526ced2b5f9f76ef83dec6ec691";
const ON: (&str, &str) = ("OPENLINEAGE__FACETS__SOURCE_CODE_LOCATION__DISABLED", "false");

fn working_copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join(".git");
    fs::create_dir_all(git.join("refs/tags")).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(git.join("packed-refs"), format!("{COMMIT} refs/heads/main\n")).unwrap();
    fs::write(git.join("refs/tags/v1"), COMMIT).unwrap();
    fs::write(git.join("config"), "[remote \"origin\"]\nurl = https://me:t0ken@host/org/repo.git\n").unwrap();
    folder
}

fn environment<const N: usize>(folder: &Path, more: [(&str, &str); N]) -> Environment {
    Environment::of([ON].into_iter().chain(more)).folder(folder)
}

fn told(facet: &Value) -> Value {
    let mut facet = facet.clone();
    facet.as_object_mut().unwrap().retain(|key, _| !key.starts_with('_'));
    facet
}

#[test]
fn the_working_copy_and_the_ci_system_tell_it() {
    let folder = working_copy();
    let case = within(environment(folder.path(), [("GITHUB_REF", "refs/pull/42/merge")]));
    let sent = case.sent(event());
    let url = "https://host/org/repo.git";
    let expected = json!({
        "type": "git", "url": url, "repoUrl": url, "version": COMMIT, "tag": "v1", "branch": "main",
        "pullRequestNumber": "42",
    });
    assert_eq!(told(&sent["job"]["facets"]["sourceCodeLocation"]), expected);
}

#[test]
fn what_is_configured_counts() {
    let folder = working_copy();
    let configured = r#"{"disabled":false,"repo_url":"https://u:p@other/repo","version":"7","tag":"t","branch":"b","pull_request_number":"9"}"#;
    let variables = [("OPENLINEAGE__FACETS__SOURCE_CODE_LOCATION", configured), ("CI_MERGE_REQUEST_IID", "1")];
    let sent = within(Environment::of(variables).folder(folder.path())).sent(event());
    let expected = json!({
        "type": "git", "url": "https://other/repo", "repoUrl": "https://other/repo", "version": "7", "tag": "t",
        "branch": "b", "pullRequestNumber": "9",
    });
    assert_eq!(told(&sent["job"]["facets"]["sourceCodeLocation"]), expected);
}

#[test]
fn it_is_looked_for_at_the_first_run_and_once() {
    let folder = working_copy();
    let case = within(environment(folder.path(), []));
    case.sent(JobEvent::of(job()).build(&ACME));
    fs::write(folder.path().join(".git/HEAD"), "ref: refs/heads/late\n").unwrap();
    let branch = |sent: &Value| sent["job"]["facets"]["sourceCodeLocation"]["branch"].clone();
    assert_eq!(branch(&case.sent(event())), "late");
    drop(folder);
    assert_eq!(branch(&case.sent(event())), "late");
}

#[test]
fn what_the_event_says_is_left_alone() {
    let folder = working_copy();
    let own = SourceCodeLocationJobFacet::new("svn", "https://own");
    let sent = within(environment(folder.path(), [])).sent(start().job_facet(own).build(&ACME));
    assert_eq!(told(&sent["job"]["facets"]["sourceCodeLocation"]), json!({"type": "svn", "url": "https://own"}));
}

#[test]
fn without_an_url_there_is_none() {
    let folder = working_copy();
    fs::remove_file(folder.path().join(".git/config")).unwrap();
    let sent = within(environment(folder.path(), [])).sent(event());
    assert_eq!(sent["job"].get("facets"), None);
}

#[test]
fn it_is_off_unless_switched_on_and_for_runs_only() {
    let folder = working_copy();
    let sent = within(Environment::default().folder(folder.path())).sent(event());
    assert_eq!(sent["job"].get("facets"), None);
    let sent = within(environment(folder.path(), [])).sent(JobEvent::of(job()).build(&ACME));
    assert_eq!(sent["job"].get("facets"), None);
}

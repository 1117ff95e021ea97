use super::*;
use crate::facts::{Member, Tree, Workspace};

const SOURCE: &str = "pub mod retry { pub struct Policy; impl Policy { pub fn total(&self) {} } }";
const CLI: &str = "enum Command { Emit, DryRun }";

fn findings(path: &str, text: &str) -> Vec<String> {
    let member = |name: &str| Member { name: name.into(), folder: name.into(), ..Member::default() };
    let members = vec![member("openlineage-core"), member("openlineage-cli"), member("openlineage")];
    let tree = Tree::of(&[
        (path, text),
        ("docs/adr/0001-one.md", ""),
        ("docs/adr/README.md", "| [one](0001-one.md) | accepted |"),
        ("openlineage-core/src/lib.rs", SOURCE),
        ("openlineage-cli/src/main.rs", CLI),
    ]);
    let facts = Facts { tree, workspace: Workspace { members, ..Workspace::default() } };
    check(&facts).into_iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}

fn none(text: &str) {
    assert_eq!(findings("docs/a.md", text), [""; 0]);
}

#[test]
fn links_to_nothing_are_refused() {
    assert_eq!(findings("docs/a.md", "x\n[a](adr/0002-two.md)"), ["2: links to adr/0002-two.md"]);
    assert_eq!(findings("docs/a.md", "[a]: ../LICENSE"), ["1: links to ../LICENSE"]);
    none("[a](adr/0001-one.md#part) [b](../openlineage-core) [c](https://x.org/y) [d](#here) `[e](f)`");
    none("```text\n[a](nowhere.md)\n```");
}

#[test]
fn paths_to_nothing_are_refused() {
    assert_eq!(
        findings("docs/a.md", "see\n`openlineage-core/src/main.rs`"),
        ["2: names the file openlineage-core/src/main.rs"]
    );
    assert_eq!(findings("docs/a.md", "`.ci/build`"), ["1: names the file .ci/build"]);
    none("`openlineage-core/src/lib.rs:12` `docs/adr/` `docs/*.md` `elsewhere/x.rs` `openlineage/0.1.0`");
}

#[test]
fn tasks_that_do_not_exist_are_refused_in_spans_and_in_blocks() {
    assert_eq!(findings("docs/a.md", "`cargo xtask tydy`"), ["1: names the task tydy"]);
    assert_eq!(findings("docs/a.md", "```sh\n$ cargo xtask tydy --now\n```"), ["2: names the task tydy"]);
    none("`cargo xtask tidy` `cargo xtask NAME` `cargo xtask --help`");
}

#[test]
fn subcommands_that_do_not_exist_are_refused() {
    assert_eq!(findings("docs/a.md", "`openlineage emmit x`"), ["1: names the subcommand emmit"]);
    none("`openlineage emit x.json` `openlineage dry-run` `openlineage --version` `openlineage CMD`");
}

#[test]
fn items_that_do_not_exist_are_refused() {
    assert_eq!(
        findings("docs/a.md", "`openlineage_core::retry::Polcy`"),
        ["1: names the item openlineage_core::retry::Polcy"]
    );
    none("`openlineage_core::retry::Policy::total()` `openlineage_core::retry` `serde::Missing` `openlineage_core::*`");
}

#[test]
fn a_readme_without_the_test_command_is_refused() {
    assert_eq!(findings("README.md", "# Hello"), ["1: does not name the test command"]);
    assert_eq!(findings("README.md", "run `cargo xtask test`"), [""; 0]);
}

#[test]
fn other_documents_are_left_alone() {
    assert_eq!(findings("openlineage-core/notes.md", "`cargo xtask tydy`"), [""; 0]);
}

#[test]
fn a_record_that_the_index_does_not_link_is_refused() {
    assert_eq!(findings("docs/adr/0002-two.md", "# 0002"), ["1: is not in the index"]);
}

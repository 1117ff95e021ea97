use std::fs;

use tempfile::TempDir;

use super::*;

const COMMIT: &str = "693e35482bc2e526ced2b5f9f76ef83dec6ec691";
const OTHER: &str = "1111111111111111111111111111111111111111";

/// A working copy of which `.git` holds these files.
fn working_copy(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(".git"), files);
    folder
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn open(folder: &TempDir) -> Repository {
    Repository::around(folder.path()).unwrap()
}

fn origin(config: &str) -> Option<String> {
    open(&working_copy(&[("config", config)])).origin()
}

#[test]
fn a_branch_in_a_file_of_its_own() {
    let folder = working_copy(&[("HEAD", "ref: refs/heads/a/b\n"), ("refs/heads/a/b", &format!("{COMMIT}\n"))]);
    fs::create_dir_all(folder.path().join("x/y")).unwrap();
    let repository = Repository::around(&folder.path().join("x/y")).unwrap();
    assert_eq!((repository.commit().as_deref(), repository.branch().as_deref()), (Some(COMMIT), Some("a/b")));
    assert_eq!(repository.tag(COMMIT), None);
}

#[test]
fn a_packed_branch() {
    let packed =
        format!("# pack-refs with: peeled fully-peeled sorted\n{OTHER} refs/heads/other\n{COMMIT} refs/heads/main\n");
    let folder = working_copy(&[("HEAD", "ref: refs/heads/main\n"), ("packed-refs", &packed)]);
    assert_eq!(open(&folder).commit().as_deref(), Some(COMMIT));
}

#[test]
fn a_detached_head_has_no_branch() {
    let folder = working_copy(&[("HEAD", &format!("{COMMIT}\n"))]);
    assert_eq!((open(&folder).commit().as_deref(), open(&folder).branch()), (Some(COMMIT), None));
}

#[test]
fn a_branch_without_a_commit_and_references_that_go_in_circles() {
    let folder = working_copy(&[("HEAD", "ref: refs/heads/new\n")]);
    assert_eq!((open(&folder).commit(), open(&folder).branch().as_deref()), (None, Some("new")));
    let folder = working_copy(&[("HEAD", "ref: refs/heads/a\n"), ("refs/heads/a", "ref: refs/heads/a\n")]);
    assert_eq!(open(&folder).commit(), None);
}

#[test]
fn references_that_are_kept_in_tables_are_not_read() {
    let folder = working_copy(&[("HEAD", "ref: refs/heads/.invalid\n")]);
    assert_eq!((open(&folder).commit(), open(&folder).branch()), (None, None));
}

#[test]
fn tags_in_files_before_packed_ones() {
    let packed = format!("{COMMIT} refs/tags/packed\n");
    let files =
        [("refs/tags/release/v2", COMMIT), ("refs/tags/z", COMMIT), ("refs/tags/a", OTHER), ("packed-refs", &packed)];
    assert_eq!(open(&working_copy(&files)).tag(COMMIT).as_deref(), Some("release/v2"));
    assert_eq!(open(&working_copy(&files[2..])).tag(COMMIT).as_deref(), Some("packed"));
}

#[test]
fn a_packed_annotated_tag_is_known_by_the_commit_behind_it() {
    let packed = format!("{OTHER} refs/heads/main\n^{COMMIT}\n{OTHER} refs/tags/v1\n^{COMMIT}\n");
    let folder = working_copy(&[("packed-refs", &packed)]);
    assert_eq!(open(&folder).tag(COMMIT).as_deref(), Some("v1"));
    assert_eq!(open(&folder).tag(OTHER).as_deref(), Some("v1"));
    assert_eq!(open(&folder).tag("2222"), None);
}

#[test]
fn a_worktree_leads_to_the_repository_it_belongs_to() {
    let main = working_copy(&[
        ("config", "[remote \"origin\"]\n\turl = git@host:org/repo.git\n"),
        ("packed-refs", &format!("{COMMIT} refs/heads/side\n{COMMIT} refs/tags/v3\n")),
        ("worktrees/side/HEAD", "ref: refs/heads/side\n"),
        ("worktrees/side/commondir", "../..\n"),
    ]);
    let worktree = tempfile::tempdir_in(main.path()).unwrap();
    fs::write(worktree.path().join(".git"), "gitdir: ../.git/worktrees/side\n").unwrap();
    let repository = open(&worktree);
    assert_eq!(repository.origin().as_deref(), Some("git@host:org/repo.git"));
    assert_eq!(repository.commit().as_deref(), Some(COMMIT));
    assert_eq!(repository.branch().as_deref(), Some("side"));
    assert_eq!(repository.tag(COMMIT).as_deref(), Some("v3"));
}

#[test]
fn origin_among_other_sections() {
    let config = "[core]\n\turl = no\n[remote \"upstream\"]\n url=no\n[Remote \"origin\"]\n\tfetch = +refs\n\tURL = \"https://host/o r#1.git\" # mine\n[branch \"x\"]\n\tremote = origin\n";
    assert_eq!(origin(config).as_deref(), Some("https://host/o r#1.git"));
    assert_eq!(origin("[remote \"origin2\"]\nurl = no\n"), None);
    assert_eq!(origin("[remote]\nurl = no\n"), None);
    assert_eq!(origin("[remote \"origin\"]\nurl =\n"), None);
    assert_eq!(
        origin("[remote \"origin\"]\nurl = https://host/repo%2Fname.git\n").as_deref(),
        Some("https://host/repo%2Fname.git")
    );
}

#[test]
fn credentials_in_the_url_stay_here() {
    for (written, shown) in [
        ("https://user:t0ken@host/repo.git", "https://host/repo.git"),
        ("https://t0ken@host:8443/repo.git", "https://host:8443/repo.git"),
        ("https://user:t0@ken@host", "https://host"),
        ("ssh://git:t0ken@host/repo.git", "ssh://git@host/repo.git"),
        ("ssh://git@host/repo.git", "ssh://git@host/repo.git"),
        ("git@host:org/repo.git", "git@host:org/repo.git"),
        ("https://host/a@b", "https://host/a@b"),
        ("../elsewhere", "../elsewhere"),
    ] {
        assert_eq!(without_credentials(written.to_owned()), shown);
    }
}

#[test]
fn a_folder_outside_of_any_repository() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".git"), "not a pointer").unwrap();
    assert!(Repository::around(folder.path()).is_none());
}

//! The files of the repository: what git tracks and what it would track.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::shell;

/// Paths are relative to the root and use `/`.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
    rust: BTreeMap<String, syn::Result<syn::File>>,
}

impl Tree {
    /// Reads every file that git does not ignore; what is not UTF-8 is known by its path only.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let arguments = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = shell::output(shell::program(root, "git").args(arguments))?;
        let mut tree = Self::default();
        for path in String::from_utf8_lossy(&listed).split_terminator('\0') {
            match std::fs::read(root.join(path)) {
                Ok(bytes) => tree.insert(path, String::from_utf8(bytes).ok()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => tree.insert(path, None),
            }
        }
        Ok(tree)
    }

    /// A tree of these files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.insert(path, Some((*text).to_owned()));
        }
        tree
    }

    /// Is there a file or a folder of this name.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let below = self.paths.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder));
        below || self.paths.contains(path)
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file as the parser sees it.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &syn::Result<syn::File>)> {
        self.rust.iter().map(|(path, parsed)| (path.as_str(), parsed))
    }

    /// The number of the first line that holds `needle`; 1 if none does.
    pub(crate) fn line_of(&self, path: &str, needle: &str) -> usize {
        let text = self.text(path).unwrap_or_default();
        text.lines().position(|line| line.contains(needle)).map_or(1, |index| index + 1)
    }

    /// The number of the first line of a manifest that begins with this key; 1 if none does.
    pub(crate) fn line_of_key(&self, manifest: &str, key: &str) -> usize {
        let text = self.text(manifest).unwrap_or_default();
        let begins =
            |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
        text.lines().position(begins).map_or(1, |index| index + 1)
    }

    fn insert(&mut self, path: &str, text: Option<String>) {
        self.paths.insert(path.to_owned());
        let Some(text) = text else { return };
        if path.ends_with(".rs") {
            self.rust.insert(path.to_owned(), syn::parse_file(&text));
        }
        self.texts.insert(path.to_owned(), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_through_their_files_only() {
        let tree = Tree::of(&[("docs/adr/README.md", ""), ("docs-old", "")]);
        assert!(tree.has("docs") && tree.has("docs/adr/") && tree.has("docs/adr/README.md"));
        assert!(!tree.has("doc") && !tree.has("docs/adr/0001.md") && !tree.has("docs/adr/README.md/"));
    }

    #[test]
    fn lines_count_from_one() {
        let tree = Tree::of(&[("a", "x\ny\n")]);
        assert_eq!((tree.line_of("a", "y"), tree.line_of("a", "z"), tree.line_of("b", "y")), (2, 1, 1));
    }

    #[test]
    fn a_key_is_not_found_inside_another() {
        let tree = Tree::of(&[("a", "rust-version = 1\nversion-x = 2\nversion.workspace = true\n")]);
        assert_eq!((tree.line_of_key("a", "version"), tree.line_of_key("a", "edition")), (3, 1));
    }
}

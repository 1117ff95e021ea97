//! What the files of a git repository say of its working copy. No git program is run, and no object is unpacked.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Of a file, no more than this is read.
const LARGEST: u64 = 16 << 20;
/// A reference may name another, and that one another.
const LONGEST_CHAIN: usize = 5;
/// What HEAD names where references are kept in tables and not in files.
const IN_TABLES: &str = "refs/heads/.invalid";

/// The folders of one working copy.
pub(super) struct Repository {
    /// Where its HEAD is.
    own: PathBuf,
    /// Where the configuration, and the references of all working copies, are; the same folder but in a worktree.
    common: PathBuf,
}

impl Repository {
    /// The repository in which `folder` lies. A `.git` that is a file, as in a worktree or a submodule, is followed.
    pub(super) fn around(folder: &Path) -> Option<Self> {
        let own = folder.ancestors().find_map(|folder| {
            let git = folder.join(".git");
            if git.is_dir() {
                return Some(git);
            }
            read(&git)?.trim().strip_prefix("gitdir:").map(|target| folder.join(target.trim()))
        })?;
        let common = read(&own.join("commondir")).map_or_else(|| own.clone(), |common| own.join(common.trim()));
        Some(Self { own, common })
    }

    /// URL of the remote `origin`, without credentials.
    pub(super) fn origin(&self) -> Option<String> {
        let config = read(&self.common.join("config"))?;
        let mut section = String::new();
        for line in config.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[') {
                header.split(']').next().unwrap_or_default().trim().clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=')
                && is_origin(&section)
                && key.trim().eq_ignore_ascii_case("url")
            {
                return Some(without_credentials(plain(value))).filter(|url| !url.is_empty());
            }
        }
        None
    }

    /// Hash of the commit that is checked out.
    pub(super) fn commit(&self) -> Option<String> {
        let mut content = self.head()?;
        for _ in 0..LONGEST_CHAIN {
            match content.strip_prefix("ref:").map(str::trim) {
                None => return Some(content),
                Some(name) => content = self.reference(name)?,
            }
        }
        None
    }

    /// The branch that is checked out, if it is one.
    pub(super) fn branch(&self) -> Option<String> {
        let head = self.head()?;
        let name = head.strip_prefix("ref:")?.trim();
        name.strip_prefix("refs/heads/").filter(|_| name != IN_TABLES).map(str::to_owned)
    }

    /// A tag on this commit: a light one, or an annotated one of those that git has packed. Where there are several,
    /// the first by name of those in files, else the first that is packed.
    pub(super) fn tag(&self, commit: &str) -> Option<String> {
        let root = self.common.join("refs/tags");
        loose_tag(&root, &root, commit).or_else(|| packed_tag(&self.packed()?, commit))
    }

    fn head(&self) -> Option<String> {
        read(&self.own.join("HEAD")).map(|content| content.trim().to_owned())
    }

    fn reference(&self, name: &str) -> Option<String> {
        let loose = read(&self.own.join(name)).or_else(|| read(&self.common.join(name)));
        if let Some(content) = loose {
            return Some(content.trim().to_owned());
        }
        let packed = self.packed()?;
        let mut references = packed.lines().filter_map(|line| line.split_once(' '));
        references.find(|(_, known)| known.trim() == name).map(|(hash, _)| hash.to_owned())
    }

    fn packed(&self) -> Option<String> {
        read(&self.common.join("packed-refs"))
    }
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Links between folders are not followed, they may go in circles.
fn loose_tag(root: &Path, folder: &Path, commit: &str) -> Option<String> {
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::path);
    entries.iter().find_map(|entry| {
        let path = entry.path();
        if entry.file_type().ok()?.is_dir() {
            return loose_tag(root, &path, commit);
        }
        let name = path.strip_prefix(root).ok()?.to_str()?;
        (read(&path)?.trim() == commit).then(|| name.replace('\\', "/"))
    })
}

/// An annotated tag stands with the hash of its own, and the commit behind a `^` on the next line.
fn packed_tag(packed: &str, commit: &str) -> Option<String> {
    let mut last = None;
    for line in packed.lines() {
        if let Some(peeled) = line.strip_prefix('^') {
            if let Some(tag) = last.filter(|_| peeled.trim() == commit) {
                return Some(String::from(tag));
            }
        } else if let Some((hash, name)) = line.split_once(' ') {
            last = name.trim().strip_prefix("refs/tags/");
            if let Some(tag) = last.filter(|_| hash == commit) {
                return Some(tag.to_owned());
            }
        }
    }
    None
}

fn is_origin(section: &str) -> bool {
    let Some((kind, name)) = section.split_once('"') else { return false };
    kind.trim().eq_ignore_ascii_case("remote") && name == "origin\""
}

/// A value without its quotes and without the comment behind it.
fn plain(value: &str) -> String {
    let (mut out, mut quoted, mut chars) = (String::new(), false, value.trim().chars());
    while let Some(char) = chars.next() {
        match char {
            '"' => quoted = !quoted,
            '\\' => out.extend(chars.next()),
            '#' | ';' if !quoted => break,
            char => out.push(char),
        }
    }
    out.trim_end().to_owned()
}

/// A token in the URL is for git, not for those who read the lineage. The user of an `ssh` URL is part of the address.
pub(super) fn without_credentials(url: String) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
    let Some((user, host)) = authority.rsplit_once('@') else { return url };
    let kept = if scheme.starts_with("http") { "" } else { user.split(':').next().unwrap_or_default() };
    let at = if kept.is_empty() { "" } else { "@" };
    format!("{scheme}://{kept}{at}{host}{}", &rest[authority.len()..])
}

#[cfg(test)]
mod tests;

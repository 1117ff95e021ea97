//! Every crate we ship or build with must be usable under a licence of our list.

use super::Finding;
use crate::facts::Facts;

/// Copyleft licences are missing on purpose; one that cannot be avoided comes in by an ADR.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let refused = facts.workspace.packages.iter().filter(|package| !allowed(package.licence.as_deref()));
    refused
        .map(|package| {
            let line = facts.tree.line_of("Cargo.lock", &format!("name = \"{}\"", package.name));
            let licence = package.licence.as_deref().unwrap_or("no stated licence");
            let what = format!("{} {} comes under {licence}", package.name, package.version);
            Finding::new(
                "Cargo.lock",
                line,
                what,
                "replace what pulls it in (`cargo tree --invert` tells), or write an ADR",
            )
        })
        .collect()
}

fn allowed(licence: Option<&str>) -> bool {
    licence.is_some_and(|expression| {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        any(&mut rest) == Some(true) && rest.is_empty()
    })
}

/// `a OR b`: one of them is enough.
fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut verdict = all(rest)?;
    while take(rest, "OR") {
        verdict |= all(rest)?;
    }
    Some(verdict)
}

/// `a AND b`: both bind.
fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut verdict = one(rest)?;
    while take(rest, "AND") {
        verdict &= one(rest)?;
    }
    Some(verdict)
}

fn one(rest: &mut &[&str]) -> Option<bool> {
    if take(rest, "(") {
        let verdict = any(rest)?;
        return take(rest, ")").then_some(verdict);
    }
    let (name, after) = rest.split_first()?;
    *rest = after;
    if take(rest, "WITH") {
        let (exception, after) = rest.split_first()?;
        *rest = after;
        return Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()));
    }
    Some(ALLOWED.contains(name))
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first() == Some(&word);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Package, Tree, Workspace};

    #[test]
    fn expressions_that_leave_a_permitted_way_pass() {
        for expression in [
            "MIT",
            "MIT/Apache-2.0",
            "Unlicense OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-2.0 AND GPL-3.0 OR ISC",
        ] {
            assert!(allowed(Some(expression)), "{expression}");
        }
    }

    #[test]
    fn expressions_that_leave_none_are_refused() {
        for expression in ["GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0", "MIT WITH something", "(MIT", "MIT OR", ""] {
            assert!(!allowed(Some(expression)), "{expression}");
        }
        assert!(!allowed(None));
    }

    #[test]
    fn the_finding_names_crate_and_licence() {
        let package = Package {
            name: "a".into(),
            version: "1.0.0".into(),
            licence: Some("GPL-3.0".into()),
            ..Package::default()
        };
        let workspace = Workspace { packages: vec![package], ..Workspace::default() };
        let found = check(&Facts { tree: Tree::of(&[("Cargo.lock", "\nname = \"a\"\n")]), workspace });
        assert_eq!((found.len(), found[0].line, found[0].what.as_str()), (1, 2, "a 1.0.0 comes under GPL-3.0"));
    }
}

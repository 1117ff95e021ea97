//! Unsafe code stands only where `docs/unsafe.md` lists and defends it; every other crate forbids it.

use proc_macro2::{TokenStream, TokenTree};
use syn::AttrStyle;

use super::Finding;
use super::table::{self, Row};
use crate::facts::{Facts, Member};

const DOCUMENT: &str = "docs/unsafe.md";

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let rows = table::rows(facts.tree.text(DOCUMENT).unwrap_or_default());
    let mut findings = roots(facts, &rows);
    let mut used = Vec::new();
    for (path, _) in facts.tree.rust() {
        let lines = unsafe_lines(facts.tree.text(path).unwrap_or_default());
        if rows.iter().any(|row| row.cell(0) == path) {
            used.extend((!lines.is_empty()).then_some(path));
            continue;
        }
        let unlisted =
            |line| Finding::new(path, line, "unsafe code outside the list", format!("list it in {DOCUMENT}"));
        findings.extend(lines.into_iter().map(unlisted));
    }
    findings.extend(rows.iter().flat_map(|row| judge(row, used.contains(&row.cell(0)))));
    findings
}

/// A crate with a listed module cannot forbid; the workspace's `deny` holds there.
fn roots(facts: &Facts, rows: &[Row]) -> Vec<Finding> {
    let owns = |member: &Member| rows.iter().any(|row| row.cell(0).starts_with(&format!("{}/", member.folder)));
    let members = facts.workspace.members.iter().filter(|member| !owns(member));
    let roots = members.flat_map(|member| &member.roots);
    roots
        .filter(|root| !facts.tree.rust().any(|(path, parsed)| path == root.path && parsed.as_ref().is_ok_and(forbids)))
        .map(|root| Finding::new(&root.path, 1, "does not forbid unsafe code", "add `#![forbid(unsafe_code)]`"))
        .collect()
}

fn forbids(file: &syn::File) -> bool {
    file.attrs.iter().any(|attribute| {
        matches!(attribute.style, AttrStyle::Inner(_))
            && attribute.path().is_ident("forbid")
            && attribute.meta.require_list().is_ok_and(|list| mentions(list.tokens.clone(), "unsafe_code"))
    })
}

fn judge(row: &Row, used: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !used {
        let what = format!("{} has no unsafe code", row.cell(0));
        findings.push(Finding::new(DOCUMENT, row.line, what, "delete the row"));
    }
    if row.cell(1).is_empty() || row.cell(2).is_empty() {
        let what = format!("{} is listed without a why or an argument", row.cell(0));
        findings.push(Finding::new(DOCUMENT, row.line, what, "say why it is needed and why it is sound"));
    }
    findings
}

/// Lines with the keyword, or with an attribute that lets it through; macro bodies are searched like all else.
fn unsafe_lines(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    if let Ok(tokens) = text.parse::<TokenStream>() {
        collect(tokens, &mut lines);
    }
    lines.dedup();
    lines
}

fn collect(tokens: TokenStream, lines: &mut Vec<usize>) {
    let mut lets_through = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if ident == "unsafe" => lines.push(ident.span().start().line),
            TokenTree::Group(group) if lets_through && mentions(group.stream(), "unsafe_code") => {
                lines.push(group.span_open().start().line);
            }
            TokenTree::Group(group) => collect(group.stream(), lines),
            _ => {}
        }
        lets_through =
            matches!(&token, TokenTree::Ident(ident) if ident == "expect" || ident == "allow" || ident == "warn");
    }
}

fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Root, Tree, Workspace};

    const LIB: &str = "#![forbid(unsafe_code)]\n";
    const ROWS: &str = "| module | why | argument |\n| - | - | - |\n| `x/src/fork.rs` | fork | one thread |\n";

    fn findings(lib: &str, fork: &str, document: &str) -> Vec<(String, usize)> {
        let tree = Tree::of(&[("x/src/lib.rs", lib), ("x/src/fork.rs", fork), (DOCUMENT, document)]);
        let roots = vec![Root { target: "x".into(), path: "x/src/lib.rs".into(), binary: false }];
        let members = vec![Member { name: "x".into(), folder: "x".into(), roots, ..Member::default() }];
        let facts = Facts { tree, workspace: Workspace { members, ..Workspace::default() } };
        check(&facts).into_iter().map(|finding| (finding.path, finding.line)).collect()
    }

    #[test]
    fn a_root_that_does_not_forbid_is_refused() {
        assert_eq!(findings(LIB, "", ""), []);
        assert_eq!(findings("", "", ""), [("x/src/lib.rs".into(), 1)]);
        assert_eq!(findings("//! #![forbid(unsafe_code)]\n#![deny(unsafe_code)]", "", "").len(), 1);
    }

    #[test]
    fn every_form_of_unsafe_is_refused_outside_the_list() {
        for code in [
            "\nfn f() { unsafe { g() } }",
            "\nunsafe fn f() {}",
            "\nunsafe impl Send for A {}",
            "\n#[unsafe(no_mangle)] fn f() {}",
            "\n#[expect(unsafe_code, reason = \"x\")] fn f() {}",
            "\nmacro_rules! m { () => { unsafe { g() } } }",
        ] {
            assert_eq!(findings(LIB, code, ""), [("x/src/fork.rs".into(), 2)], "{code}");
        }
    }

    #[test]
    fn the_word_alone_passes() {
        assert_eq!(findings(LIB, "/// Not unsafe.\nfn f() { g(\"unsafe\") } // unsafe", ""), []);
    }

    #[test]
    fn a_listed_module_passes_and_frees_its_crate_from_forbid() {
        assert_eq!(findings("", "unsafe fn f() {}", ROWS), []);
    }

    #[test]
    fn a_row_that_is_stale_or_gives_no_argument_is_refused() {
        assert_eq!(findings("", "fn f() {}", ROWS), [(DOCUMENT.into(), 3)]);
        assert_eq!(findings("", "unsafe fn f() {}", &ROWS.replace("one thread", "")), [(DOCUMENT.into(), 3)]);
    }
}

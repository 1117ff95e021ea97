//! Files stay below 400 lines and functions within 60, tests included.
//!
//! A function counts from the line of its signature to its closing brace; what documents it does not make it long.

use proc_macro2::Span;
use syn::visit::Visit;

use super::Finding;
use crate::facts::Facts;

const FILE: usize = 400;
const FUNCTION: usize = 60;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, parsed) in facts.tree.rust() {
        let lines = facts.tree.text(path).unwrap_or_default().lines().count();
        if lines >= FILE {
            let what = format!("the file has {lines} lines, {FILE} or more");
            findings.push(Finding::new(path, 1, what, "split it by idea"));
        }
        match parsed {
            Ok(file) => {
                let mut functions = Functions { path, findings: &mut findings };
                functions.visit_file(file);
            }
            Err(error) => {
                findings.push(Finding::new(path, error.span().start().line, format!("{error}"), "make it parse"));
            }
        }
    }
    findings
}

struct Functions<'a> {
    path: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &syn::Signature, end: Span) {
        let start = signature.fn_token.span.start().line;
        let lines = end.end().line + 1 - start;
        if lines > FUNCTION {
            let what = format!("fn {} has {lines} lines, over {FUNCTION}", signature.ident);
            self.findings.push(Finding::new(self.path, start, what, "give its parts names of their own"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, item.block.brace_token.span.close());
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, item.block.brace_token.span.close());
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body.brace_token.span.close());
        }
        syn::visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Tree, Workspace};

    fn findings(text: &str) -> Vec<Finding> {
        check(&Facts { tree: Tree::of(&[("a.rs", text)]), workspace: Workspace::default() })
    }

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "g();\n".repeat(lines - 2))
    }

    #[test]
    fn a_file_of_400_lines_is_refused_and_one_of_399_passes() {
        assert_eq!(findings(&"\n".repeat(FILE)).len(), 1);
        assert_eq!(findings(&"\n".repeat(FILE - 1)), []);
    }

    #[test]
    fn a_function_of_61_lines_is_refused_and_one_of_60_passes() {
        assert_eq!(findings(&function(FUNCTION + 1)).len(), 1);
        assert_eq!(findings(&format!("/// Long story.\n#[inline]\n{}", function(FUNCTION))), []);
    }

    #[test]
    fn methods_defaults_and_inner_functions_are_measured_too() {
        let long = function(FUNCTION + 1);
        for (before, after) in [("impl A {", "}"), ("trait A {", "}"), ("mod tests {", "}")] {
            assert_eq!(findings(&format!("{before}{long}{after}")).len(), 1, "{before}");
        }
        assert_eq!(findings(&format!("fn outer() {{ {long} }}")).len(), 2);
    }

    #[test]
    fn a_file_that_does_not_parse_is_refused() {
        assert_eq!(findings("\nfn {}\n")[0].line, 2);
    }
}

//! Every name that the sources define, whatever its module: enough to tell a name that is gone.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::Visit;

use crate::facts::Tree;

/// Names defined in Rust files whose path begins with `prefix`.
pub(super) fn defined(tree: &Tree, prefix: &str) -> BTreeSet<String> {
    let mut names = Names(BTreeSet::new());
    for (_, parsed) in tree.rust().filter(|(path, _)| path.starts_with(prefix)) {
        if let Ok(file) = parsed {
            names.visit_file(file);
        }
    }
    names.0
}

struct Names(BTreeSet<String>);

impl Names {
    fn add(&mut self, name: &Ident) {
        self.0.insert(name.to_string());
    }

    /// What a macro will define is unknown, so each of its words counts.
    fn words(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.add(&name),
                TokenTree::Group(group) => self.words(group.stream()),
                TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Const(item) => self.add(&item.ident),
            syn::Item::Enum(item) => self.add(&item.ident),
            syn::Item::Mod(item) => self.add(&item.ident),
            syn::Item::Static(item) => self.add(&item.ident),
            syn::Item::Struct(item) => self.add(&item.ident),
            syn::Item::Trait(item) => self.add(&item.ident),
            syn::Item::Type(item) => self.add(&item.ident),
            syn::Item::Union(item) => self.add(&item.ident),
            syn::Item::Macro(item) => {
                item.ident.iter().for_each(|name| self.add(name));
                self.words(item.mac.tokens.clone());
            }
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.add(&signature.ident);
        syn::visit::visit_signature(self, signature);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.add(&variant.ident);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.add(&item.ident);
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.add(&item.ident);
    }

    fn visit_trait_item_type(&mut self, item: &'ast syn::TraitItemType) {
        self.add(&item.ident);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !matches!(item.vis, syn::Visibility::Inherited) {
            syn::visit::visit_item_use(self, item);
        }
    }

    fn visit_use_name(&mut self, name: &'ast syn::UseName) {
        self.add(&name.ident);
    }

    fn visit_use_rename(&mut self, name: &'ast syn::UseRename) {
        self.add(&name.rename);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
        pub mod a { pub enum E { V } pub trait T { type Out; const N: u8; fn m(&self); } }
        impl a::E { pub const K: u8 = 1; pub fn new() { fn inner() {} let local = 1; } }
        macro_rules! made { ($n:ident) => { fn $n() {} } }
        made!(by_macro);
        pub use std::sync::Arc as Shared;
        use std::rc::Rc;";

    #[test]
    fn definitions_of_every_sort_count_and_mere_uses_do_not() {
        let names = defined(&Tree::of(&[("x/src/lib.rs", SOURCE)]), "x/");
        for name in ["a", "E", "V", "T", "Out", "N", "m", "K", "new", "inner", "made", "by_macro", "Shared"] {
            assert!(names.contains(name), "{name}");
        }
        for name in ["Rc", "Arc", "local", "std"] {
            assert!(!names.contains(name), "{name}");
        }
    }

    #[test]
    fn only_files_below_the_prefix_count() {
        assert!(defined(&Tree::of(&[("x/src/lib.rs", SOURCE)]), "y/").is_empty());
    }
}

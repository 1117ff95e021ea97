use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::OnceLock;

use super::{ConfigValue, Environment, Node, Source, secret};

/// What two descriptions have in common if they mean the same transport: to look one up that is there already.
///
/// A hash of 128 bits over the description, keyed by this process: equal means the same, it cannot be compared across
/// processes, and no secret can be had out of it. Its registry and the runtime are part of it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Fingerprint {
    pub(super) spec: u128,
    pub(super) registry: u128,
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

/// What the references in a description lead to, by kind and name.
pub(super) type Resolved = BTreeMap<(String, String), String>;

/// Two keyed hashes of the same input.
struct Twice([DefaultHasher; 2]);

impl Twice {
    fn new() -> Self {
        // Not filled by a lock that a forked child could find held: it is filled before any transport is built.
        static KEYS: OnceLock<[RandomState; 2]> = OnceLock::new();
        let keys = KEYS.get_or_init(|| [RandomState::new(), RandomState::new()]);
        Self([keys[0].build_hasher(), keys[1].build_hasher()])
    }

    fn add(&mut self, part: impl Hash) {
        self.0.iter_mut().for_each(|hasher| part.hash(hasher));
    }

    fn finish(self) -> u128 {
        let [high, low] = self.0.map(|hasher| hasher.finish());
        u128::from(high) << 64 | u128::from(low)
    }
}

/// Fingerprint of a kind with its options, as they are written; order counts, and so does what references lead to.
pub(super) fn of_spec(kind: &str, options: &ConfigValue, is_strict: bool, resolved: &Resolved) -> u128 {
    let mut hash = Twice::new();
    hash.add((kind, is_strict));
    walk(options, resolved, &mut hash);
    hash.finish()
}

/// Fingerprint of one kind in a registry. Factories without a state of their own are alike if their type is.
pub(super) fn of_kind(kind: &str, factory: TypeId, instance: u64) -> u128 {
    let mut hash = Twice::new();
    hash.add((kind, factory, instance));
    hash.finish()
}

/// Fingerprint of a registry from those of its kinds.
pub(super) fn of_registry(kinds: u128, runtime: impl Hash) -> u128 {
    let mut hash = Twice::new();
    hash.add(kinds);
    hash.add(runtime);
    hash.finish()
}

fn walk(value: &ConfigValue, resolved: &Resolved, hash: &mut Twice) {
    // How a key is spelled and what an unknown one means depends on where it comes from.
    hash.add((matches!(value.source(), Source::Env(_)), value.source().is_ours()));
    match value.node() {
        Node::Null => hash.add(0_u8),
        Node::Scalar { text, .. } => hash.add((1_u8, text.as_str())),
        Node::List(items) => {
            hash.add((2_u8, items.len()));
            items.iter().for_each(|item| walk(item, resolved, hash));
        }
        Node::Map(entries) => {
            hash.add((3_u8, entries.len()));
            if let Some(reference) = reference(value) {
                hash.add(resolved.get(&reference));
            }
            for (key, value) in entries {
                hash.add(key.as_str());
                walk(value, resolved, hash);
            }
        }
    }
}

/// Follows everything that looks like a reference. What cannot be followed is left to whoever wants a secret there.
pub(super) fn resolve(value: &ConfigValue, environment: Option<&Environment>, found: &mut Resolved) {
    if let Some(reference) = reference(value) {
        let secret = match environment {
            Some(environment) => secret::resolve("", value.clone(), environment),
            None => secret::resolve("", value.clone(), &Environment::of_process()),
        };
        if let Ok(secret) = secret {
            found.insert(reference, secret.expose().to_owned());
        }
        return;
    }
    value.each_child(|child| resolve(child, environment, found));
}

/// Kind and name of a reference to a secret, if that is what this is: `{env: NAME}` or `{file: PATH}`.
pub(super) fn reference(value: &ConfigValue) -> Option<(String, String)> {
    match value.entries()?.as_slice() {
        [(kind, to)] if matches!(kind.as_str(), "env" | "file") => Some((kind.clone(), to.text()?.to_owned())),
        _ => None,
    }
}

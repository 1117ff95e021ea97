use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

use super::slots::KEPT;

/// Moments by key, one a key.
#[derive(Debug)]
pub(super) struct Timers<K> {
    by_moment: BTreeSet<(Instant, K)>,
    by_key: HashMap<K, Instant>,
}

impl<K: Copy + Eq + Hash + Ord> Timers<K> {
    pub(super) fn new() -> Self {
        Self { by_moment: BTreeSet::new(), by_key: HashMap::new() }
    }

    pub(super) fn set(&mut self, key: K, at: Instant) {
        self.clear(key);
        self.by_key.insert(key, at);
        self.by_moment.insert((at, key));
    }

    pub(super) fn clear(&mut self, key: K) {
        let Some(at) = self.by_key.remove(&key) else { return };
        self.by_moment.remove(&(at, key));
        if self.by_key.is_empty() && self.by_key.capacity() > KEPT {
            self.by_key = HashMap::new();
        }
    }

    /// Takes out the earliest key if its moment has come.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.by_moment.first()?;
        if at > now {
            return None;
        }
        self.clear(key);
        Some(key)
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.by_moment.first().map(|(at, _)| *at)
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.by_key.capacity()
    }
}

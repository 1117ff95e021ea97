use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use openlineage_core::config::{ConfigError, Fingerprint, Registry, TransportSpec};

use super::TransportCache;
use super::slot::Slot;

/// How many slots there are before those of dead transports are looked for.
const FIRST_SWEEP: usize = 64;

/// The transports that one process keeps.
///
/// No lock of the map is held while foreign code runs: a transport that is built asks for its legs here, and one that is
/// dropped lets go of them.
#[derive(Default)]
pub(super) struct Shelf {
    slots: DashMap<Fingerprint, Arc<Slot>>,
    /// How many there were after the last sweep.
    swept: AtomicUsize,
}

impl Shelf {
    /// The slot of this description, built and entered by one more user.
    pub(super) fn slot(
        &self,
        cache: &TransportCache,
        fingerprint: Fingerprint,
        spec: &TransportSpec,
        registry: &Registry,
    ) -> Result<Arc<Slot>, ConfigError> {
        loop {
            let slot = match self.known(fingerprint) {
                Some(slot) => slot,
                None => self.put(Slot::new(cache, fingerprint, spec, registry)),
            };
            if let Err(error) = slot.ready() {
                self.remove(&slot);
                return Err(error);
            }
            if slot.attach() {
                return Ok(slot);
            }
            // Its last user has just left.
            self.remove(&slot);
        }
    }

    fn known(&self, fingerprint: Fingerprint) -> Option<Arc<Slot>> {
        self.slots.get(&fingerprint).map(|slot| Arc::clone(&slot))
    }

    /// Puts the slot there, unless another is quicker.
    fn put(&self, slot: Slot) -> Arc<Slot> {
        self.sweep();
        let slot = Arc::new(slot);
        Arc::clone(&self.slots.entry(slot.fingerprint()).or_insert(slot))
    }

    pub(super) fn remove(&self, slot: &Arc<Slot>) {
        drop(self.slots.remove_if(&slot.fingerprint(), |_, found| Arc::ptr_eq(found, slot)));
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Takes out everything.
    pub(super) fn clear(&self) -> Vec<Arc<Slot>> {
        let slots: Vec<_> = self.slots.iter().map(|slot| Arc::clone(&slot)).collect();
        slots.iter().for_each(|slot| self.remove(slot));
        slots
    }

    /// Lets go of transports that have died and that nobody came for, each time the number has doubled.
    fn sweep(&self) {
        if self.slots.len() < FIRST_SWEEP.max(2 * self.swept.load(Ordering::Relaxed)) {
            return;
        }
        let slots: Vec<_> = self.slots.iter().map(|slot| Arc::clone(&slot)).collect();
        slots.iter().filter(|slot| slot.is_dead()).for_each(|slot| self.remove(slot));
        self.swept.store(self.slots.len(), Ordering::Relaxed);
    }
}

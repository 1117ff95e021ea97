use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A warning that is worth saying once in the life of a client.
pub(super) struct Once(AtomicBool);

impl Once {
    pub(super) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Logs what `say` makes, the first time.
    pub(super) fn warn(&self, say: impl FnOnce() -> String) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!("{}", say());
        }
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Once({})", self.0.load(Ordering::Relaxed))
    }
}

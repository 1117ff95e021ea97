//! What a sink counts.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

/// The counts of a sink that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Requests it answered.
    pub(crate) answered: usize,
    /// Connections it accepted.
    pub(crate) connections: usize,
    /// Requests without an answer, at the moment there were most of them.
    pub(crate) most_held: usize,
}

/// The same while it runs. One thread writes, so the numbers need no order among each other.
#[derive(Debug, Default)]
pub(super) struct Counts {
    answered: AtomicUsize,
    connections: AtomicUsize,
    held: AtomicUsize,
    most_held: AtomicUsize,
}

impl Counts {
    pub(super) fn accepted(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// A request is there.
    pub(super) fn holds(&self) {
        let held = self.held.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_held.fetch_max(held, Ordering::Relaxed);
    }

    /// It is answered.
    pub(super) fn answers(&self) {
        self.held.fetch_sub(1, Ordering::Relaxed);
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            answered: self.answered.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
            most_held: self.most_held.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_number_of_requests_at_once_is_remembered() {
        let counts = Counts::default();
        counts.accepted();
        for held in [2, 3, 1] {
            (0..held).for_each(|_| counts.holds());
            (0..held).for_each(|_| counts.answers());
        }
        assert_eq!(counts.tally(), Tally { answered: 6, connections: 1, most_held: 3 });
    }
}

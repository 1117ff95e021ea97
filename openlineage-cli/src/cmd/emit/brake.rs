use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps what has not set out from doing so: pulled by whoever wants to stop, and by itself after too many undelivered
/// events in a row. It sees each event's end before another one can set out in its place.
#[derive(Debug)]
pub(super) struct Brake {
    most: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pulled: bool,
    in_a_row: u64,
    gave_up: Option<u64>,
}

impl Brake {
    /// Gives up after so many undelivered events in a row.
    pub(super) fn new(most: u64) -> Self {
        Self { most, state: Mutex::default() }
    }

    pub(super) fn pull(&self) {
        self.state().pulled = true;
    }

    pub(super) fn is_pulled(&self) -> bool {
        self.state().pulled
    }

    pub(super) fn delivered(&self) {
        self.state().in_a_row = 0;
    }

    pub(super) fn undelivered(&self) {
        let mut state = self.state();
        state.in_a_row += 1;
        if state.in_a_row >= self.most && !state.pulled {
            (state.pulled, state.gave_up) = (true, Some(state.in_a_row));
        }
    }

    /// The undelivered events after which it gave up, if it did.
    pub(super) fn gave_up(&self) -> Option<u64> {
        self.state().gave_up
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
    failures: u64,
    over: u64,
}

impl Brake {
    /// Gives up after so many undelivered events in a row.
    pub(super) fn new(most: u64) -> Self {
        Self { most, state: Mutex::default() }
    }

    pub(super) fn pull(&self) {
        self.state().pulled = true;
    }

    /// May an event set out? Then these failures are known.
    pub(super) fn set_out(&self) -> Option<u64> {
        let state = self.state();
        (!state.pulled).then_some(state.failures)
    }

    /// An event was delivered that set out when so many failures were known.
    ///
    /// That proves that the destination worked after those, and nothing of the failures that came while it was under
    /// way: when a server dies, answers and failures of the same moment arrive in any order.
    pub(super) fn delivered(&self, known: u64) {
        let mut state = self.state();
        state.in_a_row = 0;
        state.over = state.over.max(known);
    }

    /// An event was not delivered. Returns the number of this failure.
    pub(super) fn undelivered(&self) -> u64 {
        let mut state = self.state();
        state.failures += 1;
        state.in_a_row += 1;
        if state.in_a_row >= self.most && !state.pulled {
            (state.pulled, state.gave_up) = (true, Some(state.in_a_row));
        }
        state.failures
    }

    /// The number of the last failure after which the destination was seen to work.
    pub(super) fn over(&self) -> u64 {
        self.state().over
    }

    /// The undelivered events after which it gave up, if it did.
    pub(super) fn gave_up(&self) -> Option<u64> {
        self.state().gave_up
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_ends_what_was_known_when_it_set_out() {
        let brake = Brake::new(100);
        let early = brake.set_out().unwrap();
        assert_eq!((brake.undelivered(), brake.undelivered()), (1, 2));
        let late = brake.set_out().unwrap();
        brake.delivered(early);
        assert_eq!(brake.over(), 0);
        assert_eq!(brake.undelivered(), 3);
        brake.delivered(late);
        brake.delivered(early);
        assert_eq!(brake.over(), 2);
    }

    #[test]
    fn nothing_sets_out_after_too_many_failures_in_a_row() {
        let brake = Brake::new(2);
        for delivered in [false, true, false] {
            match delivered {
                true => brake.delivered(0),
                false => drop(brake.undelivered()),
            }
        }
        assert!(brake.set_out().is_some() && brake.gave_up().is_none());
        brake.undelivered();
        brake.delivered(0);
        assert_eq!((brake.set_out(), brake.gave_up()), (None, Some(2)));
    }

    #[test]
    fn whoever_pulls_it_has_not_given_up() {
        let brake = Brake::new(1);
        brake.pull();
        brake.undelivered();
        assert_eq!((brake.set_out(), brake.gave_up()), (None, None));
    }
}

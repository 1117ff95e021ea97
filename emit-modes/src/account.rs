use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use openlineage_core::error::EmitError;
use openlineage_core::lifecycle::Permit;
use openlineage_core::transport::Receipt;

/// One event that an emitter has taken on. Whoever settles it first decides its fate; a delivery after that is late.
pub(crate) struct Account {
    state: Mutex<State>,
    late: Arc<AtomicU64>,
}

enum State {
    Open(Permit),
    Delivered,
    Lost,
    Withdrawn,
}

impl Account {
    pub(crate) fn new(permit: Permit, late: &Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::Open(permit)), late: Arc::clone(late) })
    }

    pub(crate) fn settle(&self, outcome: &Result<Receipt, EmitError>) {
        let next = if outcome.is_ok() { State::Delivered } else { State::Lost };
        match self.replace(next) {
            State::Open(permit) => drop(permit.settle(outcome.clone())),
            State::Lost if outcome.is_ok() => {
                self.late.fetch_add(1, Ordering::Relaxed);
                tracing::info!("an event was delivered after its caller had been told that it was not");
            }
            // The first word stays.
            first => drop(self.replace(first)),
        }
    }

    /// The event was not to be taken on after all. `false` if its caller has been told something else.
    pub(crate) fn withdraw(&self) -> bool {
        match self.replace(State::Withdrawn) {
            State::Open(permit) => drop(permit.retract()),
            first => {
                drop(self.replace(first));
                return false;
            }
        }
        true
    }

    fn replace(&self, next: State) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), next)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use openlineage_core::error::{EmitErrorKind, Fault};
    use openlineage_core::lifecycle::Gate;
    use openlineage_core::transport::TransportInfo;

    use super::*;

    #[test]
    fn the_first_word_counts_and_a_delivery_behind_it_is_late() {
        let (gate, late) = (Gate::new(TransportInfo::new("test")), Arc::new(AtomicU64::new(0)));
        let lost = Err(EmitError::failed(Fault::new(EmitErrorKind::Timeout), 1));
        let delivered = Ok(Receipt::new(1, Duration::ZERO));
        let account = || Account::new(gate.admit().unwrap(), &late);

        let overtaken = account();
        [&lost, &delivered, &delivered].into_iter().for_each(|outcome| overtaken.settle(outcome));
        let sound = account();
        [&delivered, &lost, &delivered].into_iter().for_each(|outcome| sound.settle(outcome));
        let withdrawn = account();
        assert!(withdrawn.withdraw());
        withdrawn.settle(&delivered);
        assert!(!sound.withdraw());

        let tally = gate.stats().tally;
        assert_eq!((tally.accepted, tally.delivered, tally.failed), (2, 1, 1));
        assert_eq!(late.load(Ordering::Relaxed), 1);
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::Account;
use crate::mode::Limits;

/// One call of a host: what it has under way, and whether its host still waits for it.
pub(crate) struct Call {
    limits: Limits,
    is_one_event: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    over: Option<Over>,
    under_way: Option<Arc<Account>>,
    /// The event under way has been handed to the transport, or an earlier one has.
    has_emitted: bool,
    is_refused: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Over {
    Ended,
    LeftBehind,
}

/// What a host finds that will not wait any longer.
pub(crate) enum Leaving {
    /// The work has just ended: its result is about to come.
    Ended,
    /// It goes on without its host.
    Behind { under_way: Option<Arc<Account>>, has_emitted: bool },
}

impl Call {
    /// For work that may emit as it likes.
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, is_one_event: false, state: Mutex::default() })
    }

    /// For work that emits one event, on behalf of a caller that counts it as refused if it leaves too early.
    pub(crate) fn of_one_event(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, is_one_event: true, state: Mutex::default() })
    }

    /// Is a refusal still to be counted? One event is refused by its caller or by its thread, not by both.
    pub(crate) fn counts_refusal(&self) -> bool {
        !(self.is_one_event && std::mem::replace(&mut self.state().is_refused, true))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Is there nobody any more who would hear what becomes of an event?
    pub(crate) fn is_over(&self) -> bool {
        self.state().over.is_some() || self.limits.work.has_passed()
    }

    /// An event sets out. `false` if the host has left meanwhile, and then it must not.
    pub(crate) fn sets_out(&self, account: &Arc<Account>) -> bool {
        let mut state = self.state();
        let may = state.over.is_none();
        if may {
            state.under_way = Some(Arc::clone(account));
        }
        may
    }

    /// It is about to be handed to the transport. `false` as before.
    pub(crate) fn is_handed_over(&self) -> bool {
        let mut state = self.state();
        let may = state.over.is_none();
        state.has_emitted |= may;
        may
    }

    /// The event under way has come to its end.
    pub(crate) fn arrived(&self) {
        self.state().under_way = None;
    }

    /// The work has ended. `false` if nobody waits for its result.
    pub(crate) fn end(&self) -> bool {
        *self.state().over.get_or_insert(Over::Ended) == Over::Ended
    }

    /// The host waits no longer.
    pub(crate) fn leave(&self) -> Leaving {
        let mut state = self.state();
        match *state.over.get_or_insert(Over::LeftBehind) {
            Over::Ended => Leaving::Ended,
            Over::LeftBehind => Leaving::Behind { under_way: state.under_way.take(), has_emitted: state.has_emitted },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

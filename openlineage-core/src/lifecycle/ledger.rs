use std::collections::VecDeque;
use std::time::Instant;

use super::{CloseReport, Deadline, Ended, Fate, State, Stats, Tally};
use crate::error::EmitError;
use crate::transport::TransportInfo;

/// What a gate knows, as a plain state machine: no lock, no waiting, no clock of its own.
///
/// Accepted events are numbered. `window` says, from number `base` on, which are settled, so that a flush can wait for
/// everything before a number while later events come and go.
#[derive(Debug)]
pub(super) struct Ledger {
    state: State,
    tally: Tally,
    late: u64,
    base: u64,
    window: VecDeque<bool>,
    first_error: Option<EmitError>,
    closing: Option<(Instant, Deadline)>,
    report: Option<CloseReport>,
}

/// What settling an event came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Settled {
    /// The oldest pending event changed, which is what flush and close wait for.
    InTurn,
    /// Counted, while an older one is pending.
    OutOfTurn,
    /// It had been counted before.
    TooLate,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            state: State::New,
            tally: Tally::default(),
            late: 0,
            base: 0,
            window: VecDeque::new(),
            first_error: None,
            closing: None,
            report: None,
        }
    }

    pub(super) fn admit(&mut self) -> Option<u64> {
        if self.state >= State::Closing {
            return None;
        }
        self.state = State::Active;
        self.tally.accepted += 1;
        self.window.push_back(false);
        Some(self.next() - 1)
    }

    /// Admits an event that may turn out to be refused: the state stays as it is until that is known.
    pub(super) fn try_out(&mut self) -> Option<u64> {
        let state = self.state;
        let number = self.admit();
        self.state = state;
        number
    }

    /// An event that was tried out has been taken on.
    pub(super) fn confirm(&mut self) {
        self.state = self.state.max(State::Active);
    }

    /// Nobody took on an event that was tried out: it counts nowhere. `false` if it has been counted before.
    pub(super) fn retract(&mut self, number: u64) -> bool {
        let Some(settled @ false) = number.checked_sub(self.base).and_then(|at| self.window.get_mut(at as usize))
        else {
            return false;
        };
        *settled = true;
        self.tally.accepted -= 1;
        self.advance();
        true
    }

    pub(super) fn refuse(&mut self) {
        self.tally.count(Fate::Refused);
    }

    /// Counts one fate, unless it has one.
    pub(super) fn settle(&mut self, number: u64, fate: Fate, error: Option<&EmitError>) -> Settled {
        let Some(settled) = number.checked_sub(self.base).and_then(|at| self.window.get_mut(at as usize)) else {
            self.late += u64::from(fate == Fate::Delivered);
            return Settled::TooLate;
        };
        if std::mem::replace(settled, true) {
            return Settled::TooLate;
        }
        self.tally.count(fate);
        self.confirm();
        if self.first_error.is_none() {
            self.first_error = error.cloned();
        }
        self.advance()
    }

    pub(super) fn count_late(&mut self, acknowledgements: u64) {
        self.late += acknowledgements;
    }

    /// Forgets the settled events before the oldest pending one.
    fn advance(&mut self) -> Settled {
        let before = self.base;
        while self.window.front() == Some(&true) {
            self.window.pop_front();
            self.base += 1;
        }
        if self.window.is_empty() {
            self.window = VecDeque::new();
        }
        if self.base > before { Settled::InTurn } else { Settled::OutOfTurn }
    }

    /// Everything pending becomes abandoned; acknowledgements that still come are late.
    pub(super) fn abandon(&mut self) -> u64 {
        let pending = self.tally.pending();
        self.tally.abandoned += pending;
        self.base = self.next();
        self.window = VecDeque::new();
        pending
    }

    /// Moves to Closing. `true` for the call that began it; later ones can only shorten the deadline.
    pub(super) fn begin_close(&mut self, until: Deadline, now: Instant) -> bool {
        match &mut self.closing {
            Some((_, limit)) => {
                *limit = limit.sooner(until);
                false
            }
            None => {
                self.closing = Some((now, until));
                self.state = self.state.max(State::Closing);
                true
            }
        }
    }

    pub(super) fn finish(&mut self, info: &TransportInfo, ended: Ended, children: Vec<CloseReport>, now: Instant) {
        if self.report.is_some() {
            return;
        }
        let lost_now = self.abandon();
        let ended = if ended == Ended::Drained && lost_now > 0 { Ended::Faulted } else { ended };
        let began = self.closing.map_or(now, |(began, _)| began);
        let report = CloseReport::new(info.clone(), ended, self.tally, now.saturating_duration_since(began))
            .with_first_error(self.first_error.clone())
            .with_children(children);
        self.state = State::Closed;
        self.report = Some(report);
    }

    /// What the one closing said; the same for every caller.
    pub(super) fn report(&self) -> Option<CloseReport> {
        self.report.clone()
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn stats(&self) -> Stats {
        Stats::new(self.tally, self.late)
    }

    /// Has nothing been accepted, not even on trial?
    pub(super) fn is_untouched(&self) -> bool {
        self.state == State::New && self.window.is_empty()
    }

    pub(super) fn closing_until(&self) -> Option<Deadline> {
        self.closing.map(|(_, until)| until)
    }

    /// Number of the next event to be accepted.
    pub(super) fn next(&self) -> u64 {
        self.base + self.window.len() as u64
    }

    /// Is every event before `number` settled?
    pub(super) fn settled_before(&self, number: u64) -> bool {
        self.base >= number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn info() -> TransportInfo {
        TransportInfo::new("test")
    }

    #[test]
    fn a_flush_target_is_reached_only_when_everything_before_it_is_settled() {
        let mut ledger = Ledger::new();
        let first = ledger.admit().unwrap();
        let second = ledger.admit().unwrap();
        let target = ledger.next();
        let third = ledger.admit().unwrap();
        assert_eq!(ledger.settle(second, Fate::Delivered, None), Settled::OutOfTurn);
        assert!(!ledger.settled_before(target));
        assert_eq!(ledger.settle(first, Fate::Failed, None), Settled::InTurn);
        assert!(ledger.settled_before(target));
        assert_eq!(ledger.settle(third, Fate::Delivered, None), Settled::InTurn);
        assert_eq!(ledger.stats().tally.pending(), 0);
    }

    #[test]
    fn an_acknowledgement_after_abandonment_is_late_and_counted_once() {
        let mut ledger = Ledger::new();
        let number = ledger.admit().unwrap();
        assert_eq!(ledger.abandon(), 1);
        assert_eq!(ledger.settle(number, Fate::Delivered, None), Settled::TooLate);
        assert_eq!(ledger.stats().late, 1);
        assert_eq!((ledger.stats().tally.abandoned, ledger.stats().tally.delivered), (1, 0));
    }

    #[test]
    fn an_event_on_trial_leaves_new_as_it_is_until_it_is_taken_on() {
        let mut ledger = Ledger::new();
        let first = ledger.try_out().unwrap();
        assert_eq!((ledger.state(), ledger.stats().tally.pending()), (State::New, 1));
        assert!(!ledger.is_untouched());
        assert!(ledger.retract(first));
        assert!(!ledger.retract(first));
        assert_eq!(ledger.stats().tally, Tally::default());
        assert!(ledger.is_untouched());
        let second = ledger.try_out().unwrap();
        ledger.confirm();
        assert_eq!(ledger.state(), State::Active);
        ledger.settle(second, Fate::Failed, None);
        assert!(!ledger.retract(second));
        assert_eq!((ledger.stats().tally.accepted, ledger.stats().tally.failed), (1, 1));
    }

    #[test]
    fn an_event_on_trial_that_was_abandoned_cannot_be_retracted() {
        let mut ledger = Ledger::new();
        let number = ledger.try_out().unwrap();
        assert_eq!(ledger.abandon(), 1);
        assert!(!ledger.retract(number));
        assert_eq!((ledger.stats().tally.accepted, ledger.stats().tally.abandoned), (1, 1));
    }

    #[test]
    fn a_second_close_shortens_and_never_lengthens() {
        let mut ledger = Ledger::new();
        ledger.admit().unwrap();
        let now = Instant::now();
        let short = Deadline::at(now);
        assert!(ledger.begin_close(Deadline::never(), now));
        assert!(!ledger.begin_close(short, now));
        assert!(!ledger.begin_close(Deadline::never(), now));
        assert_eq!(ledger.closing_until(), Some(short));
        assert!(ledger.admit().is_none());
    }

    proptest! {
        #[test]
        fn the_sum_holds_after_every_step(steps in prop::collection::vec((0u8..7, 0u64..40), 1..200)) {
            let mut ledger = Ledger::new();
            let mut state = State::New;
            for (act, number) in steps {
                match act {
                    0 | 1 => { ledger.admit(); }
                    2 => { ledger.settle(number, Fate::Delivered, None); }
                    3 => { ledger.settle(number, Fate::Failed, None); }
                    4 => { ledger.try_out(); }
                    5 => { ledger.retract(number); }
                    _ if number == 0 => { ledger.begin_close(Deadline::now(), Instant::now()); }
                    _ if number == 1 => { ledger.finish(&info(), Ended::DeadlineReached, Vec::new(), Instant::now()); }
                    _ => { ledger.settle(number, Fate::Abandoned, None); }
                }
                let tally = ledger.stats().tally;
                prop_assert_eq!(tally.accepted, tally.delivered + tally.failed + tally.abandoned + tally.pending());
                prop_assert!(ledger.state() >= state);
                state = ledger.state();
                if state == State::Closed {
                    prop_assert_eq!(tally.pending(), 0);
                    prop_assert_eq!(ledger.report().unwrap().tally, tally);
                }
            }
        }
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use openlineage_core::error::{EmitError, EmitErrorKind};
use openlineage_core::lifecycle::Circuit;
use openlineage_core::transport::Receipt;

/// When a leg that keeps failing is left alone, and for how long.
///
/// After so many failures in a row the circuit opens: the leg gets no events, each is refused there as
/// [`CircuitOpen`](EmitErrorKind::CircuitOpen), which is a failure to the policy. After `open_for` the next event is let
/// through, and the leg's answer to it closes the circuit or opens it for as long again. Nothing runs meanwhile: the
/// position is worked out from the clock when an event comes.
///
/// A failure is what keeps the destination from taking events: no connection, no answer, 5xx, 429, refused credentials,
/// a panic. That it refuses one event (400, too large) is not: it has answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CircuitBreaker {
    /// Failures in a row that open the circuit; at least 1. Default 5.
    pub failures: u32,
    /// How long it stays open. Default 30 s.
    pub open_for: Duration,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(30) }
    }
}

impl CircuitBreaker {
    /// Opens after so many failures in a row, at least 1, for so long.
    #[must_use]
    pub fn new(failures: u32, open_for: Duration) -> Self {
        Self { failures: failures.max(1), open_for }
    }
}

/// The breaker of one leg, in one process.
#[derive(Debug)]
pub(crate) struct Breaker {
    options: CircuitBreaker,
    position: Mutex<Position>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Position {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One event is on its way. One that never comes back is given up after `until`, and another goes out.
    Probing {
        until: Instant,
        probe: u64,
    },
}

impl Breaker {
    pub(crate) fn new(options: CircuitBreaker) -> Arc<Self> {
        Arc::new(Self { options, position: Mutex::new(Position::Closed { failures: 0 }) })
    }

    /// May an event pass at this moment? Whoever gets the pass says what became of the event.
    pub(crate) fn pass(self: &Arc<Self>, now: Instant) -> Option<Pass> {
        let mut position = self.position();
        let probe = match *position {
            Position::Closed { .. } => None,
            Position::Open { until } if now < until => return None,
            Position::Probing { until, .. } if now < until => return None,
            Position::Open { .. } => Some(0),
            Position::Probing { probe, .. } => Some(probe + 1),
        };
        if let Some(probe) = probe {
            *position = Position::Probing { until: self.next(now), probe };
        }
        Some(Pass { breaker: Some(Arc::clone(self)), probe })
    }

    pub(crate) fn circuit(&self, now: Instant) -> Circuit {
        match *self.position() {
            Position::Closed { .. } => Circuit::Closed,
            Position::Open { until } if now < until => Circuit::Open,
            Position::Open { .. } | Position::Probing { .. } => Circuit::HalfOpen,
        }
    }

    fn tell(&self, probe: Option<u64>, went: Went, now: Instant) {
        let mut position = self.position();
        *position = match (*position, probe, went) {
            (Position::Closed { .. }, _, Went::Well) => Position::Closed { failures: 0 },
            (Position::Closed { failures }, _, Went::Wrong) if failures + 1 < self.options.failures => {
                Position::Closed { failures: failures + 1 }
            }
            (Position::Closed { .. }, _, Went::Wrong) => Position::Open { until: self.next(now) },
            (Position::Probing { probe, .. }, Some(own), went) if probe == own => match went {
                Went::Well => Position::Closed { failures: 0 },
                Went::Wrong => Position::Open { until: self.next(now) },
                Went::Nowhere => Position::Open { until: now },
            },
            // Events from before it opened, and given-up probes, have nothing to say any more.
            (position, ..) => position,
        };
    }

    fn next(&self, now: Instant) -> Instant {
        // A pause beyond the range of the clock is as good as this one.
        now.checked_add(self.options.open_for).unwrap_or_else(|| now + Duration::from_secs(u32::MAX.into()))
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Went {
    Well,
    Wrong,
    /// It never reached the destination.
    Nowhere,
}

/// Lets one event through. Dropped without a word, the event says nothing about the destination.
#[derive(Debug)]
pub(crate) struct Pass {
    breaker: Option<Arc<Breaker>>,
    probe: Option<u64>,
}

impl Pass {
    /// The leg's last word about the event.
    pub(crate) fn settle(mut self, outcome: Result<&Receipt, &EmitError>) {
        let went = match outcome {
            Ok(_) => Went::Well,
            Err(error) => judged(error.kind()),
        };
        self.tell(went);
    }

    fn tell(&mut self, went: Went) {
        if let Some(breaker) = self.breaker.take() {
            breaker.tell(self.probe, went, Instant::now());
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.tell(Went::Nowhere);
    }
}

/// What an error says about the destination.
fn judged(kind: &EmitErrorKind) -> Went {
    use EmitErrorKind::{
        Closed, Displaced, Encode, Quarantined, QueueFull, Rejected, Saturated, TooLarge, WouldDeadlock,
    };
    match kind {
        Rejected { .. } => Went::Well,
        Closed | Displaced | Encode | Quarantined | QueueFull { .. } | Saturated | TooLarge { .. } | WouldDeadlock => {
            Went::Nowhere
        }
        _ => Went::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_FOR: Duration = Duration::from_secs(30);

    fn breaker() -> (Arc<Breaker>, Instant) {
        (Breaker::new(CircuitBreaker::new(2, OPEN_FOR)), Instant::now())
    }

    fn tell(breaker: &Breaker, pass: Option<Pass>, went: Went, now: Instant) {
        let mut pass = pass.unwrap();
        pass.breaker = None;
        breaker.tell(pass.probe, went, now);
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let (breaker, now) = breaker();
        for went in [Went::Wrong, Went::Well, Went::Wrong, Went::Nowhere] {
            tell(&breaker, breaker.pass(now), went, now);
            assert_eq!(breaker.circuit(now), Circuit::Closed, "{went:?}");
        }
        tell(&breaker, breaker.pass(now), Went::Wrong, now);
        assert_eq!(breaker.circuit(now), Circuit::Open);
        assert!(breaker.pass(now + OPEN_FOR / 2).is_none());
    }

    fn opened() -> (Arc<Breaker>, Instant) {
        let (breaker, now) = breaker();
        for _ in 0..2 {
            tell(&breaker, breaker.pass(now), Went::Wrong, now);
        }
        (breaker, now + OPEN_FOR)
    }

    #[test]
    fn one_event_probes_and_its_fate_decides() {
        for (went, circuit) in [(Went::Well, Circuit::Closed), (Went::Wrong, Circuit::Open)] {
            let (breaker, now) = opened();
            assert_eq!(breaker.circuit(now), Circuit::HalfOpen);
            let probe = breaker.pass(now);
            assert!(breaker.pass(now).is_none());
            tell(&breaker, probe, went, now);
            assert_eq!(breaker.circuit(now), circuit);
        }
    }

    #[test]
    fn a_probe_that_went_nowhere_makes_way_for_the_next_event() {
        let (breaker, now) = opened();
        tell(&breaker, breaker.pass(now), Went::Nowhere, now);
        assert!(breaker.pass(now).is_some());
    }

    #[test]
    fn a_probe_that_never_comes_back_is_replaced_and_not_heard_later() {
        let (breaker, now) = opened();
        let lost = breaker.pass(now);
        let second = breaker.pass(now + OPEN_FOR);
        tell(&breaker, lost, Went::Well, now + OPEN_FOR);
        assert_eq!(breaker.circuit(now + OPEN_FOR), Circuit::HalfOpen);
        tell(&breaker, second, Went::Well, now + OPEN_FOR);
        assert_eq!(breaker.circuit(now + OPEN_FOR), Circuit::Closed);
    }

    #[test]
    fn an_event_from_before_says_nothing_about_an_open_circuit() {
        let (breaker, now) = breaker();
        let before = breaker.pass(now);
        for _ in 0..2 {
            tell(&breaker, breaker.pass(now), Went::Wrong, now);
        }
        tell(&breaker, before, Went::Well, now);
        assert_eq!(breaker.circuit(now), Circuit::Open);
    }
}

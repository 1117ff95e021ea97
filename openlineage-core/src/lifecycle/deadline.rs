use std::time::{Duration, Instant};

/// A moment after which waiting stops.
///
/// Absolute on purpose: handing it to three children gives them one limit, not three.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Already passed: do what needs no waiting.
    #[must_use]
    pub fn now() -> Self {
        Self(Some(Instant::now()))
    }

    /// `limit` from now; a limit beyond the clock's range means [`never`](Self::never).
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// Wait as long as it takes.
    #[must_use]
    pub const fn never() -> Self {
        Self(None)
    }

    /// At this moment.
    #[must_use]
    pub const fn at(moment: Instant) -> Self {
        Self(Some(moment))
    }

    /// The moment, `None` if unbounded.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.0
    }

    /// Time left: `None` if unbounded, zero if passed.
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Is there no time left?
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }

    /// The earlier of two; unbounded is later than any moment.
    #[must_use]
    pub fn sooner(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (at, None) | (None, at) => Self(at),
        }
    }

    /// The later of two.
    #[must_use]
    pub(crate) fn later(self, other: Self) -> Self {
        if self.sooner(other) == self { other } else { self }
    }
}

impl From<Instant> for Deadline {
    fn from(moment: Instant) -> Self {
        Self::at(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sooner_of_two_is_the_earlier_and_never_is_last() {
        let early = Deadline::after(Duration::from_secs(1));
        let late = Deadline::after(Duration::from_secs(9));
        assert_eq!(early.sooner(late), early);
        assert_eq!(late.sooner(early), early);
        assert_eq!(Deadline::never().sooner(late), late);
        assert_eq!(late.sooner(Deadline::never()), late);
        assert_eq!(Deadline::never().sooner(Deadline::never()), Deadline::never());
    }

    #[test]
    fn the_later_of_two_is_the_other_one() {
        let early = Deadline::after(Duration::from_secs(1));
        let late = Deadline::after(Duration::from_secs(9));
        for (one, other) in [(early, late), (late, Deadline::never()), (late, late)] {
            assert_eq!((one.later(other), other.later(one)), (other, other));
        }
    }

    #[test]
    fn a_limit_beyond_the_clock_is_never() {
        assert_eq!(Deadline::after(Duration::MAX), Deadline::never());
        assert_eq!(Deadline::never().remaining(), None);
        assert!(!Deadline::never().has_passed());
    }

    #[test]
    fn now_has_passed() {
        assert!(Deadline::now().has_passed());
        assert_eq!(Deadline::now().remaining(), Some(Duration::ZERO));
    }
}

use std::time::Duration;

use super::Next;
use crate::error::{Disposition, EmitErrorKind, Fault, Sent};

/// How often and how soon a failed attempt is repeated.
///
/// The names and defaults are those of the `retry` section of the Python client (which are urllib3's), with two
/// differences on purpose: pauses get up to 10 % of jitter, and there is a switch for time-outs, because repeating them
/// can make copies. Pauses are 0, `2 × backoff_factor`, `4 × backoff_factor`, … capped by `backoff_max`; a pause that
/// the destination asked for takes precedence.
///
/// ```
/// use std::time::Duration;
/// use openlineage_core::retry::RetryPolicy;
///
/// let policy = RetryPolicy::default();
/// assert_eq!(policy.total, Some(5));
/// let pauses: Vec<Duration> = (1..=5).map(|retry| policy.pause(retry)).collect();
/// assert_eq!(pauses, [0, 600, 1200, 2400, 4800].map(Duration::from_millis));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Most repetitions of one event, whatever the cause. Default 5; `None` repeats until the deadline.
    pub total: Option<u32>,
    /// Most repetitions because the destination could not be reached. Default 5; `None` leaves it to `total`.
    pub connect: Option<u32>,
    /// Most repetitions because an answer did not come or broke off. Default 5; `None` leaves it to `total`.
    pub read: Option<u32>,
    /// Unit of the pauses. Default 0.3 s.
    pub backoff_factor: Duration,
    /// Longest pause, jitter aside. Default 120 s.
    pub backoff_max: Duration,
    /// Wait as long as the destination asks. Default true.
    pub respect_retry_after: bool,
    /// Repeat an attempt that got no answer in time. Default true.
    pub on_timeout: bool,
    /// Lengthen each pause by up to 10 %, so that clients that failed together do not return together. Default true.
    pub jitter: bool,
    /// Longest time one attempt may take. Default none: the deadline alone.
    pub attempt_timeout: Option<Duration>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            total: Some(5),
            connect: Some(5),
            read: Some(5),
            backoff_factor: Duration::from_millis(300),
            backoff_max: Duration::from_secs(120),
            respect_retry_after: true,
            on_timeout: true,
            jitter: true,
            attempt_timeout: None,
        }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    #[must_use]
    pub fn never() -> Self {
        Self { total: Some(0), ..Self::default() }
    }

    /// The pause before the `retry`-th repetition, counted from 1, without jitter.
    #[must_use]
    pub fn pause(&self, retry: u32) -> Duration {
        if retry <= 1 {
            return Duration::ZERO;
        }
        let doubled = 2_u32.checked_pow(retry - 1).and_then(|factor| self.backoff_factor.checked_mul(factor));
        doubled.unwrap_or(self.backoff_max).min(self.backoff_max)
    }

    /// Books the fault and says what follows, with `left` until the deadline.
    pub(crate) fn next(&self, spent: &mut Spent, fault: &Fault, left: Option<Duration>) -> Next {
        spent.book(fault);
        let Disposition::Transient { after } = fault.disposition() else {
            return Next::Stop(fault.disposition());
        };
        if *fault.kind() == EmitErrorKind::Timeout && !self.on_timeout {
            return Next::Stop(fault.disposition());
        }
        if self.is_used_up(spent) {
            return Next::Stop(if spent.attempts > 1 { Disposition::Exhausted } else { fault.disposition() });
        }
        let pause = match after.filter(|_| self.respect_retry_after) {
            Some(asked) => asked,
            None => self.jittered_pause(spent.attempts),
        };
        match left {
            Some(left) if pause >= left => Next::Stop(fault.disposition()),
            _ => Next::Retry(pause),
        }
    }

    fn is_used_up(&self, spent: &Spent) -> bool {
        let over = |limit: Option<u32>, used: u32| limit.is_some_and(|limit| used > limit);
        over(self.total, spent.attempts) || over(self.connect, spent.connect) || over(self.read, spent.read)
    }

    /// The pause before the `retry`-th repetition, with jitter if that is wanted.
    pub(crate) fn jittered_pause(&self, retry: u32) -> Duration {
        self.jittered(self.pause(retry))
    }

    fn jittered(&self, pause: Duration) -> Duration {
        if self.jitter { pause.mul_f64(1.0 + fastrand::f64() / 10.0) } else { pause }
    }
}

/// Failed attempts of one event so far, by cause.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    pub(super) attempts: u32,
    connect: u32,
    read: u32,
}

impl Spent {
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    fn book(&mut self, fault: &Fault) {
        self.attempts += 1;
        match (fault.kind(), fault.was_sent()) {
            (EmitErrorKind::Unreachable, Sent::No) => self.connect += 1,
            (EmitErrorKind::Unreachable | EmitErrorKind::Timeout, _) => self.read += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unavailable() -> Fault {
        Fault::new(EmitErrorKind::Unavailable { code: 503 })
    }

    fn plain() -> RetryPolicy {
        RetryPolicy { jitter: false, ..RetryPolicy::default() }
    }

    #[test]
    fn five_repetitions_and_then_exhausted() {
        let (policy, mut spent) = (plain(), Spent::default());
        for _ in 0..5 {
            assert!(matches!(policy.next(&mut spent, &unavailable(), None), Next::Retry(_)));
        }
        assert_eq!(policy.next(&mut spent, &unavailable(), None), Next::Stop(Disposition::Exhausted));
        assert_eq!(spent.attempts, 6);
    }

    #[test]
    fn a_permanent_fault_is_not_repeated() {
        let fault = Fault::new(EmitErrorKind::Rejected { code: 422 });
        assert_eq!(plain().next(&mut Spent::default(), &fault, None), Next::Stop(Disposition::Permanent));
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_but_not_past_the_deadline() {
        let asked = Duration::from_secs(7);
        let fault = || Fault::new(EmitErrorKind::Throttled { retry_after: Some(asked) });
        assert_eq!(plain().next(&mut Spent::default(), &fault(), None), Next::Retry(asked));
        let stop = plain().next(&mut Spent::default(), &fault(), Some(Duration::from_secs(5)));
        assert_eq!(stop, Next::Stop(Disposition::Transient { after: Some(asked) }));
    }

    #[test]
    fn connect_and_read_have_limits_of_their_own() {
        let policy = RetryPolicy { connect: Some(1), read: Some(0), ..plain() };
        let refused = || Fault::new(EmitErrorKind::Unreachable).sent(Sent::No);
        let mut spent = Spent::default();
        assert!(matches!(policy.next(&mut spent, &refused(), None), Next::Retry(_)));
        assert_eq!(policy.next(&mut spent, &refused(), None), Next::Stop(Disposition::Exhausted));
        let broke = Fault::new(EmitErrorKind::Unreachable);
        assert!(matches!(policy.next(&mut Spent::default(), &broke, None), Next::Stop(_)));
    }

    #[test]
    fn timeouts_can_be_left_alone() {
        let policy = RetryPolicy { on_timeout: false, ..plain() };
        let fault = Fault::new(EmitErrorKind::Timeout);
        assert!(matches!(policy.next(&mut Spent::default(), &fault, None), Next::Stop(_)));
    }

    proptest! {
        #[test]
        fn a_jittered_pause_is_at_most_a_tenth_longer_and_never_past_the_deadline(
            failures in 1_u32..40, left_ms in 0_u64..200_000,
        ) {
            let policy = RetryPolicy { total: None, ..RetryPolicy::default() };
            let mut spent = Spent { attempts: failures - 1, ..Spent::default() };
            let left = Duration::from_millis(left_ms);
            let plain = policy.pause(failures);
            match policy.next(&mut spent, &unavailable(), Some(left)) {
                Next::Retry(pause) => prop_assert!(pause >= plain && pause <= plain.mul_f64(1.1001) && pause < left),
                Next::Stop(_) => prop_assert!(plain.mul_f64(1.1001) >= left),
            }
        }
    }
}

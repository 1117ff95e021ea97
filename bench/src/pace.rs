//! Moments to wait for.
//!
//! Where a client is to be silent, or to call at a rate, there is no event to wait for: the time itself is the load. The
//! kernel's clock is asked directly, because it takes a moment and not a distance, so that lateness does not add up.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::io::Errno;
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Moments at one distance from each other. All are fixed with the first, so a late one does not move the next.
#[derive(Debug)]
pub(crate) struct Schedule {
    next: Duration,
    step: Duration,
}

impl Schedule {
    /// Begins now.
    pub(crate) fn every(step: Duration) -> Self {
        Self { next: now() + step, step }
    }

    /// Waits for the next moment; not at all where it has passed.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let due = self.next;
        self.next += self.step;
        sleep_until(due)
    }
}

/// Does nothing for so long.
pub(crate) fn rest(time: Duration) -> Result<()> {
    sleep_until(now() + time)
}

fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

fn sleep_until(moment: Duration) -> Result<()> {
    let request = Timespec { tv_sec: i64::try_from(moment.as_secs())?, tv_nsec: moment.subsec_nanos().into() };
    loop {
        match clock_nanosleep_absolute(ClockId::Monotonic, &request) {
            Err(Errno::INTR) => {}
            outcome => return outcome.context("cannot wait for a moment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(2);

    #[test]
    fn no_moment_comes_early() {
        let begun = now();
        let mut schedule = Schedule::every(STEP);
        for number in 1..=3 {
            schedule.wait().unwrap();
            assert!(now() >= begun + number * STEP, "moment {number}");
        }
    }

    #[test]
    fn a_late_moment_does_not_move_the_next() {
        let mut schedule = Schedule::every(STEP);
        let second = schedule.next + STEP;
        rest(3 * STEP).unwrap();
        schedule.wait().unwrap();
        assert_eq!(schedule.next, second);
    }
}

//! Processor time of this process.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// User and system time of all threads so far, those that have ended included.
pub(crate) fn spent() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::thread;

    use super::*;

    fn burn() {
        while clock_gettime(ClockId::ThreadCPUTime).tv_nsec < 20_000_000 {
            black_box(0);
        }
    }

    #[test]
    fn the_time_of_an_ended_thread_still_counts() {
        let before = spent();
        thread::spawn(burn).join().unwrap();
        assert!(spent() - before >= Duration::from_millis(20));
    }
}

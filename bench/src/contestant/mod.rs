//! Who is measured, and how much each is given to do.

use std::time::Duration;

use anyhow::Result;

use crate::stats;

#[cfg(feature = "kafka")]
pub(crate) mod kafka;
pub(crate) mod legs;
pub(crate) mod modes;
pub(crate) mod ours;
pub(crate) mod packed;
pub(crate) mod python;
pub(crate) mod queued;
pub(crate) mod raw;
pub(crate) mod reqwest;
pub(crate) mod tasks;

/// Delivers events and says what that took.
pub(crate) trait Contestant {
    /// Delivers `load.events` events, half of them START, each acknowledged, and measures that alone.
    fn run(&mut self, load: Load) -> Result<Sample>;
}

/// How many events, and how many of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) in_flight: usize,
    pub(crate) events: usize,
}

/// What delivering took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Events a second.
    pub(crate) rate: f64,
    /// User and system time of the client process an event, in microseconds.
    pub(crate) cpu_us: f64,
    /// The middle time from call to acknowledgement, in microseconds.
    pub(crate) p50_us: f64,
    /// The time that 99 of 100 calls stay within, in microseconds.
    pub(crate) p99_us: f64,
}

impl Sample {
    /// Out of the wall and processor time of all events and the time of each.
    pub(crate) fn of(wall: Duration, cpu: Duration, each: &[Duration]) -> Self {
        let mut micros: Vec<f64> = each.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        micros.sort_by(f64::total_cmp);
        let events = each.len() as f64;
        Self {
            rate: events / wall.as_secs_f64(),
            cpu_us: cpu.as_secs_f64() * 1e6 / events,
            p50_us: stats::quantile(&micros, 0.5),
            p99_us: stats::quantile(&micros, 0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_per_second_and_per_event() {
        let each = [30, 10, 20].map(Duration::from_micros);
        let sample = Sample::of(Duration::from_millis(3), Duration::from_micros(90), &each);
        assert!((sample.rate - 1000.0).abs() < 1e-6);
        assert!((sample.cpu_us - 30.0).abs() < 1e-6);
        assert!((sample.p50_us - 20.0).abs() < 1e-6);
        assert!((sample.p99_us - 29.8).abs() < 1e-6);
    }
}

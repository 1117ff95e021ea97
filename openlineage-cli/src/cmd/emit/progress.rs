use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use openlineage::lifecycle::Stats;

use super::summary::Summary;
use crate::report::note;

/// A bar on stderr where that is a terminal; nothing otherwise. It is drawn when something happens, never by a clock.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(total: Option<u64>) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
        let template = match total {
            Some(_) => "{bar:30} {bytes}/{total_bytes} {eta} {msg}",
            None => "{spinner} {bytes} {msg}",
        };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(super) fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    pub(super) fn show(&self, summary: &Summary, stats: &Stats) {
        if !self.0.is_hidden() {
            self.0.set_message(message(summary, stats));
        }
    }

    /// Prints a line above the bar.
    pub(super) fn note(&self, text: &str) {
        self.0.suspend(|| note(text));
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// What became of the events so far, and how full the queue is.
fn message(summary: &Summary, stats: &Stats) -> String {
    let undelivered = summary.undelivered() + summary.bad;
    let held = stats.queue.map_or(0, |queue| queue.events as u64);
    let (waiting, under_way) = (held.saturating_sub(stats.in_flight), stats.in_flight);
    format!("{} delivered, {undelivered} not; {waiting} waiting, {under_way} under way", summary.delivered)
}

#[cfg(test)]
mod tests {
    use openlineage::queue::QueueStats;

    use super::*;

    #[test]
    fn what_waits_does_not_include_what_is_under_way() {
        let mut queue = QueueStats::default();
        queue.events = 20;
        let stats = Stats::default().with_queue(queue, 16);
        assert_eq!(message(&Summary::new(), &stats), "0 delivered, 0 not; 4 waiting, 16 under way");
    }
}

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

    pub(super) fn show(&self, summary: &Summary) {
        let undelivered = summary.undelivered() + summary.bad;
        self.0.set_message(format!("{} delivered, {undelivered} not", summary.delivered));
    }

    /// Prints a line above the bar.
    pub(super) fn note(&self, text: &str) {
        self.0.suspend(|| note(text));
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

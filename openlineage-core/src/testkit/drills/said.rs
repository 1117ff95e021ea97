use std::io::Write;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::testkit::logs::Line;
use crate::testkit::verdict::{Outcome, broken};

/// Stands before each warning in what the program prints.
pub(super) const MARK: &str = "openlineage-drill-warning ";

/// From now on this process prints its warnings on stderr, as a program with a subscriber does.
pub(super) fn aloud() -> Outcome {
    tracing::subscriber::set_global_default(Aloud).or_else(|_| broken("somebody has set a subscriber"))
}

struct Aloud;

impl Subscriber for Aloud {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        // If the test is gone nobody reads it.
        drop(std::io::stderr().write_all(format!("{MARK}{}\n", line.0.replace('\n', " ")).as_bytes()));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

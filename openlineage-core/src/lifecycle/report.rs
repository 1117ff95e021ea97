use std::time::Duration;

use super::Tally;
use crate::error::EmitError;
use crate::transport::TransportInfo;

/// How a closing ended.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// The deadline passed with events pending; they were abandoned.
    DeadlineReached,
    /// Every accepted event was settled in time.
    Drained,
    /// The worker or the transport died; what was pending was abandoned.
    Faulted,
}

/// What [`Transport::close`](crate::transport::Transport::close) has to say.
#[must_use = "a close report tells whether events were lost"]
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct CloseReport {
    /// Who reports.
    pub info: TransportInfo,
    /// How it ended.
    pub ended: Ended,
    /// The final counts: `accepted` = `delivered` + `failed` + `abandoned`.
    pub tally: Tally,
    /// From the first call of `close` to the end.
    pub took: Duration,
    /// The first error of an accepted event since birth, if any: usually the one worth reading.
    pub first_error: Option<EmitError>,
    /// One per child of a composite or wrapper, in configuration order.
    pub children: Vec<CloseReport>,
}

impl CloseReport {
    /// A report without an error and without children.
    pub fn new(info: TransportInfo, ended: Ended, tally: Tally, took: Duration) -> Self {
        Self { info, ended, tally, took, first_error: None, children: Vec::new() }
    }

    /// Adds the first error.
    pub fn with_first_error(mut self, error: Option<EmitError>) -> Self {
        self.first_error = error;
        self
    }

    /// Adds the reports of the children.
    pub fn with_children(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        self
    }

    /// Was everything accepted also delivered? Stricter than "nothing is pending", which holds as well when all failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.ended == Ended::Drained && self.tally.lost() == 0
    }
}

/// What [`Transport::flush`](crate::transport::Transport::flush) has to say.
#[must_use = "a flush report tells whether the wait succeeded"]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlushReport {
    /// Was everything that had been accepted before the call settled, whatever its fate?
    pub settled: bool,
    /// Events still pending when the wait ended; includes those accepted during the call.
    pub pending: u64,
}

impl FlushReport {
    /// A report.
    pub fn new(settled: bool, pending: u64) -> Self {
        Self { settled, pending }
    }
}

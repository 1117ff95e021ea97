use std::time::Instant;

/// What the queue makes of its destination: how many events may be under way, and whether it is given a pause.
///
/// A failure that concerns the destination itself begins a pause. After the pause one event goes out as a probe; its
/// failure makes another pause, its answer opens the window again, by one for each further answer, so that a server that
/// comes back is met by a few events and not by all of them.
///
/// Attempts carry the epoch in which they began. What began before a pause says nothing about the time after it: a
/// burst of failures is one failure.
#[derive(Debug)]
pub(super) struct Destination {
    most: usize,
    window: usize,
    epoch: u32,
    under_way: usize,
    until: Option<Instant>,
    failures: u32,
}

impl Destination {
    pub(super) fn new(most: usize) -> Self {
        Self { most, window: most, epoch: 0, under_way: 0, until: None, failures: 0 }
    }

    pub(super) fn may_start(&self, now: Instant) -> bool {
        self.under_way < self.window && self.until.is_none_or(|until| until <= now)
    }

    /// An attempt begins, in the epoch that is returned.
    pub(super) fn started(&mut self) -> u32 {
        self.under_way += 1;
        self.epoch
    }

    /// An attempt ended without saying anything about the destination.
    pub(super) fn ended(&mut self, epoch: u32) {
        if epoch == self.epoch {
            self.under_way -= 1;
        }
    }

    /// An attempt ended with an answer.
    pub(super) fn answered(&mut self, epoch: u32) {
        if epoch == self.epoch {
            self.under_way -= 1;
            self.until = None;
            self.failures = 0;
            self.window = (self.window + 1).min(self.most);
        }
    }

    /// An attempt ended because the destination is away or asks for peace until `until`.
    pub(super) fn failed(&mut self, epoch: u32, until: Instant) {
        if epoch == self.epoch {
            self.epoch += 1;
            (self.under_way, self.window) = (0, 1);
            self.failures += 1;
            self.until = Some(until);
        }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// When the pause ends, if one is the reason that nothing starts.
    pub(super) fn resumes(&self) -> Option<Instant> {
        self.until.filter(|_| self.under_way < self.window)
    }

    /// From now on it is not spared: the time for that is over.
    pub(super) fn press(&mut self) {
        (self.until, self.failures, self.window) = (None, 0, self.most);
    }
}

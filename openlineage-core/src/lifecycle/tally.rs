use crate::queue::QueueStats;

/// What became of one event. There is no sixth.
///
/// `accepted` is the sum of the first three; a refused event was never accepted.
#[expect(clippy::exhaustive_enums, reason = "the sum rule holds because there are no others")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Fate {
    /// The destination confirmed it.
    Delivered,
    /// The destination, the retry policy, an age limit or the caller's own deadline ended it. May have arrived.
    Failed,
    /// A close deadline, a fault, a drop or displacement ended it. May have arrived.
    Abandoned,
    /// Never taken on: closed, full, not started, not encodable. Never arrives.
    Refused,
}

/// How many events met which fate.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Taken on.
    pub accepted: u64,
    /// The destination confirmed.
    pub delivered: u64,
    /// The destination, the retry policy or the caller's own deadline said no.
    pub failed: u64,
    /// Given up: close deadline, fault, or drop. May still have reached the destination.
    pub abandoned: u64,
    /// Never taken on. Not part of `accepted`.
    pub refused: u64,
}

impl Tally {
    /// Accepted and not yet settled; zero once closed.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.accepted.saturating_sub(self.delivered + self.failed + self.abandoned)
    }

    /// Accepted and not delivered: failed plus abandoned.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.failed + self.abandoned
    }

    pub(super) fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Delivered => self.delivered += 1,
            Fate::Failed => self.failed += 1,
            Fate::Abandoned => self.abandoned += 1,
            Fate::Refused => self.refused += 1,
        }
    }
}

/// One consistent look at a transport.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    /// The counts; `accepted` equals the three fates plus `pending` at every moment.
    pub tally: Tally,
    /// Acknowledgements that came after their event had already been counted as failed or abandoned.
    pub late: u64,
    /// Events being delivered at this moment.
    pub in_flight: u64,
    /// How full its queue is, where it has one: then an `emit` without time to wait is taken on or refused at once.
    pub queue: Option<QueueStats>,
    /// The circuit breaker before it, if it is a leg that has one.
    pub breaker: Option<Circuit>,
    /// One per child of a composite or wrapper, in configuration order.
    pub children: Vec<Stats>,
}

impl Stats {
    /// Stats of a transport without children.
    #[must_use]
    pub fn new(tally: Tally, late: u64) -> Self {
        Self { tally, late, in_flight: tally.pending(), queue: None, breaker: None, children: Vec::new() }
    }

    /// The same for a transport with a queue, of whose events so many are being delivered.
    #[must_use]
    pub fn with_queue(mut self, queue: QueueStats, in_flight: u64) -> Self {
        (self.queue, self.in_flight) = (Some(queue), in_flight);
        self
    }

    /// The same with a circuit breaker before it.
    #[must_use]
    pub fn with_breaker(mut self, circuit: Circuit) -> Self {
        self.breaker = Some(circuit);
        self
    }

    /// The same with children.
    #[must_use]
    pub fn with_children(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        self
    }
}

/// Where a circuit breaker stands.
#[expect(clippy::exhaustive_enums, reason = "a breaker has no fourth position")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Circuit {
    /// Events pass.
    Closed,
    /// One event has been let through to see how it fares; the others are refused.
    HalfOpen,
    /// Events are refused.
    Open,
}

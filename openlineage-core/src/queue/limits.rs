use std::time::Duration;

/// How much a queue takes on, and for how long.
///
/// ```
/// use openlineage_core::queue::{Limits, WhenFull};
///
/// let limits = Limits { events: 500, when_full: WhenFull::DropOldest, ..Limits::default() };
/// assert_eq!((limits.bytes, limits.concurrent), (64 << 20, 100));
/// ```
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a queue is set up")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Most events accepted and not settled, those under way included. Default 10,000; 0 counts as 1.
    pub events: usize,
    /// Most bytes of them, as they are held: compressed where the transport sends them so. Default 64 MiB.
    ///
    /// An event that is larger by itself is refused as [`TooLarge`](crate::error::EmitErrorKind::TooLarge).
    pub bytes: usize,
    /// Most events under way at once. Default 100; 0 counts as 1.
    pub concurrent: usize,
    /// How old an event may grow before it is given up as [`Expired`](crate::error::EmitErrorKind::Expired). Default:
    /// any age.
    pub max_age: Option<Duration>,
    /// What happens to an event that finds no room. Default: its caller waits.
    pub when_full: WhenFull,
}

/// What happens to an event that finds no room.
#[expect(clippy::exhaustive_enums, reason = "a third answer would be another queue")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WhenFull {
    /// Its caller waits until the deadline, in the order of the calls, and then hears
    /// [`QueueFull`](crate::error::EmitErrorKind::QueueFull). With a deadline that has passed it hears that at once.
    #[default]
    Wait,
    /// The oldest events that are not under way are abandoned as [`Displaced`](crate::error::EmitErrorKind::Displaced)
    /// until it fits. If everything is under way, its caller waits.
    DropOldest,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 10_000, bytes: 64 << 20, concurrent: 100, max_age: None, when_full: WhenFull::Wait }
    }
}

/// How full a queue is.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct QueueStats {
    /// Events that take up room: accepted and not settled, those under way included.
    pub events: usize,
    /// Bytes they are held in.
    pub bytes: usize,
    /// Time since the oldest of them was accepted.
    pub oldest_age: Option<Duration>,
    /// Callers that wait for room.
    pub waiting: usize,
    /// Has the destination failed, and not answered since?
    pub paused: bool,
}

use std::num::NonZeroUsize;
use std::time::Duration;

use openlineage_core::lifecycle::Deadline;
use openlineage_core::runtime::Runtime;

/// What a host may be kept for one event, unless said otherwise: as long as Airflow gives a listener.
pub(crate) const EXECUTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Where emission runs, and what its caller waits for.
#[expect(clippy::exhaustive_enums, reason = "a new mode has to be thought about where modes are chosen")]
#[derive(Clone, Debug)]
pub enum Mode {
    /// On the calling thread.
    Inline(InlineOptions),
    /// On a thread for each call, which is left behind when its time is over.
    Thread(ThreadOptions),
    /// As a task on the worker.
    Task(TaskOptions),
}

/// Options of [`Mode::Inline`].
#[derive(Clone, Debug)]
pub struct InlineOptions {
    /// Most time one call takes, if the transport keeps its deadline. 10 s.
    pub execution_timeout: Duration,
}

/// Options of [`Mode::Thread`].
#[derive(Clone, Debug)]
pub struct ThreadOptions {
    /// Most time one call keeps its caller. 10 s.
    pub execution_timeout: Duration,
    /// Most calls on threads at once, those left behind included. 4.
    ///
    /// A call that finds every one of them left behind is refused at once as
    /// [`Saturated`](openlineage_core::error::EmitErrorKind::Saturated); one that finds them at work waits within its
    /// own time.
    pub max_abandoned: NonZeroUsize,
    /// What an event does whose run has an earlier event under way that does not end. [`FenceExpiry::SendAnyway`].
    pub fence: FenceExpiry,
}

/// Options of [`Mode::Task`].
#[derive(Clone, Debug)]
pub struct TaskOptions {
    /// Most time from the call to the event's fate, waiting for room included. 10 s.
    ///
    /// Where the transport queues, it bounds the wait for room and what [`emit`](crate::Emitter::emit) waits; the
    /// event in the queue is the transport's.
    pub execution_timeout: Duration,
    /// The runtime that carries the tasks. The shared worker.
    pub runtime: Runtime,
    /// Most events that were taken on and are not settled. 10,000.
    pub max_events: NonZeroUsize,
    /// Most bytes of JSON in them. 64 MiB; a larger event is refused as too large.
    pub max_bytes: NonZeroUsize,
    /// Most of them at the transport at once; each run has but one there. 8.
    pub lanes: NonZeroUsize,
    /// What a call does that finds no room. [`Overflow::Block`].
    pub overflow: Overflow,
}

/// What becomes of an event whose run has an earlier event under way that does not end, left behind as a rule.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FenceExpiry {
    /// It waits for half of the time it has left and is then sent: a COMPLETE without its START is worth having. Its
    /// receipt says [`reordered`](openlineage_core::transport::Receipt::reordered).
    #[default]
    SendAnyway,
    /// It waits for all of its time and is then reported as timed out, unsent.
    Report,
}

/// What a call does that finds no room.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Overflow {
    /// Waits for room, within `execution_timeout`.
    #[default]
    Block,
    /// Is refused at once.
    RejectNew,
}

impl Mode {
    /// Inline, with the defaults.
    #[must_use]
    pub fn inline() -> Self {
        Self::Inline(InlineOptions::default())
    }

    /// Threads, with the defaults.
    #[must_use]
    pub fn thread() -> Self {
        Self::Thread(ThreadOptions::default())
    }

    /// Tasks, with the defaults.
    #[must_use]
    pub fn task() -> Self {
        Self::Task(TaskOptions::default())
    }

    /// The same with another time limit. [`Duration::MAX`] is none.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        match &mut self {
            Self::Inline(options) => options.execution_timeout = limit,
            Self::Thread(options) => options.execution_timeout = limit,
            Self::Task(options) => options.execution_timeout = limit,
        }
        self
    }

    /// Most time a call takes.
    #[must_use]
    pub fn execution_timeout(&self) -> Duration {
        match self {
            Self::Inline(options) => options.execution_timeout,
            Self::Thread(options) => options.execution_timeout,
            Self::Task(options) => options.execution_timeout,
        }
    }
}

impl Default for InlineOptions {
    fn default() -> Self {
        Self { execution_timeout: EXECUTION_TIMEOUT }
    }
}

impl Default for ThreadOptions {
    fn default() -> Self {
        Self { execution_timeout: EXECUTION_TIMEOUT, max_abandoned: most(4), fence: FenceExpiry::default() }
    }
}

impl Default for TaskOptions {
    fn default() -> Self {
        Self {
            execution_timeout: EXECUTION_TIMEOUT,
            runtime: Runtime::shared(),
            max_events: most(10_000),
            max_bytes: most(64 * 1024 * 1024),
            lanes: most(8),
            overflow: Overflow::default(),
        }
    }
}

const fn most(number: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(number - 1)
}

/// The two moments that bound one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The caller is back by then.
    pub(crate) caller: Deadline,
    /// What works for it hears this one. A little sooner, so that its verdict, which knows more than that time is over,
    /// reaches the caller.
    pub(crate) work: Deadline,
}

impl Limits {
    /// From now, for so long. Inline nobody can leave sooner than the work ends, so it gets all of the time, and the
    /// caller the margin on top for a transport that is late.
    pub(crate) fn of(mode: &Mode, limit: Duration) -> Self {
        const LONGEST_MARGIN: Duration = Duration::from_millis(100);
        let margin = (limit / 20).min(LONGEST_MARGIN);
        match mode {
            Mode::Inline(_) => {
                Self { caller: Deadline::after(limit.saturating_add(margin)), work: Deadline::after(limit) }
            }
            Mode::Thread(_) | Mode::Task(_) => {
                let caller = Deadline::after(limit);
                let work = caller.instant().and_then(|at| at.checked_sub(margin)).map_or(caller, Deadline::at);
                Self { caller, work }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_a_twentieth_sooner_and_at_most_a_tenth_of_a_second() {
        for (limit, margin) in [(200, 10), (2_000, 100), (10_000, 100), (0, 0)] {
            let limits = Limits::of(&Mode::thread(), Duration::from_millis(limit));
            let (caller, work) = (limits.caller.instant().unwrap(), limits.work.instant().unwrap());
            assert_eq!(caller - work, Duration::from_millis(margin));
        }
        assert_eq!(Limits::of(&Mode::thread(), Duration::MAX).work, Deadline::never());
        assert_eq!(Limits::of(&Mode::inline(), Duration::MAX).caller, Deadline::never());
    }
}

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;

/// A destination whose behaviour a check controls, and which tells what reached it.
///
/// [`ScriptedSink`](super::ScriptedSink) is a ready one. A server of your own is best built round one: hand each body
/// it receives to [`ScriptedSink::receive`](super::ScriptedSink::receive) and send back what that says.
pub trait Sink: fmt::Debug + Send + Sync + 'static {
    /// From now on the next attempts get the answers in `first`, in this order, and all others get `then`.
    ///
    /// Attempts that [`Answer::Stall`] holds back take part: they get the next answer. A new sink accepts.
    fn script(&self, first: &[Answer], then: Answer);

    /// Lets the next start of a transport fail. Asked for only with the capability `can_fail_start`.
    fn fail_start(&self);

    /// What has happened so far.
    fn log(&self) -> Log;

    /// Waits until `enough` says yes or `limit` has passed, and says which. Looks again after every change.
    fn wait(&self, enough: &mut dyn FnMut(&Log) -> bool, limit: Duration) -> bool;
}

/// What a sink answers to one attempt.
#[expect(clippy::exhaustive_enums, reason = "a sink must be able to play all of them")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The event is taken.
    Accept,
    /// Nothing, until the script changes.
    Stall,
    /// Not now: a 503 where the destination speaks HTTP.
    Transient,
    /// Never: a 400 where the destination speaks HTTP.
    Permanent,
    /// Not for so long: a 429 with `Retry-After` where the destination speaks HTTP.
    Throttle(Duration),
    /// Makes the transport's own code panic. Asked for only with the capability `can_panic`.
    Panic,
}

/// One attempt that reached a sink.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The event as it arrived.
    pub body: Bytes,
    /// When it arrived.
    pub at: Instant,
    /// What it was answered; none while it is held back, or if the transport went away meanwhile.
    pub answer: Option<Answer>,
}

/// What a sink has seen since it was made.
#[non_exhaustive]
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// In order of arrival.
    pub attempts: Vec<Attempt>,
    /// How many times a transport has started successfully. Looked at only with the capability `can_fail_start`.
    pub starts: u64,
    /// Connections open now.
    pub open: usize,
}

impl Log {
    /// Attempts that were accepted.
    pub fn arrived(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.answer == Some(Answer::Accept))
    }

    /// Attempts that are held back now, or were when their transport went away.
    pub fn held(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.answer.is_none()).count()
    }
}

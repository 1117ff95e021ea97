use std::collections::VecDeque;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;

use super::sink::{Answer, Attempt, Log, Sink};
use crate::engine::Deliver;
use crate::error::{EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;

/// A sink in this process. Cloning shares it.
///
/// [`deliver`](Self::deliver) makes the [`Deliver`] that sends to it; with [`Direct`](crate::engine::Direct) round it,
/// it is the transport by which the kit itself is tested. A server built round one calls [`receive`](Self::receive).
#[derive(Clone, Debug, Default)]
pub struct ScriptedSink(Arc<Shared>);

/// A body that has arrived at a [`ScriptedSink`] and has no answer yet.
#[derive(Debug)]
pub struct Arrival {
    sink: ScriptedSink,
    number: usize,
}

impl Arrival {
    /// Answers when the script lets it. Never answers [`Answer::Stall`].
    pub async fn answer(self) -> Answer {
        loop {
            let rescripted = self.sink.0.rescripted.notified();
            match self.sink.next_answer(self.number) {
                Answer::Stall => rescripted.await,
                answer => return answer,
            }
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    rescripted: Notify,
}

#[derive(Debug)]
struct State {
    first: VecDeque<Answer>,
    then: Answer,
    failing_starts: u32,
    log: Log,
}

impl Default for State {
    fn default() -> Self {
        Self { first: VecDeque::new(), then: Answer::Accept, failing_starts: 0, log: Log::default() }
    }
}

impl ScriptedSink {
    /// A sink that accepts everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A destination that delivers here, with a secret that it must not show.
    #[must_use]
    pub fn deliver(&self, secret: impl Into<String>) -> ScriptedDeliver {
        ScriptedDeliver { sink: self.clone(), secret: secret.into() }
    }

    /// Notes that this body has arrived, and answers when the script lets it. Never answers [`Answer::Stall`].
    pub async fn receive(&self, body: Bytes) -> Answer {
        self.arrive(body).answer().await
    }

    /// Notes that this body has arrived. A server that has to answer in the order of arrival asks each
    /// [arrival](Arrival::answer) in that order.
    #[must_use]
    pub fn arrive(&self, body: Bytes) -> Arrival {
        let number = self.change(|state| {
            state.log.attempts.push(Attempt { body, at: Instant::now(), answer: None });
            state.log.attempts.len() - 1
        });
        Arrival { sink: self.clone(), number }
    }

    /// Counts one open connection for as long as the result lives.
    #[must_use]
    pub fn connected(&self) -> Connected {
        self.change(|state| state.log.open += 1);
        Connected(self.clone())
    }

    /// A transport wants to start: may it?
    fn start(&self) -> bool {
        self.change(|state| {
            let may = state.failing_starts == 0;
            state.failing_starts = state.failing_starts.saturating_sub(1);
            state.log.starts += u64::from(may);
            may
        })
    }

    fn next_answer(&self, number: usize) -> Answer {
        self.change(|state| {
            // A stall at the head of the script stays there, else each look would use one up.
            let answer = match state.first.front() {
                Some(Answer::Stall) => Answer::Stall,
                Some(_) => state.first.pop_front().unwrap_or(state.then),
                None => state.then,
            };
            if answer != Answer::Stall {
                state.log.attempts[number].answer = Some(answer);
            }
            answer
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.0.changed.notify_all();
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for ScriptedSink {
    fn script(&self, first: &[Answer], then: Answer) {
        self.change(|state| {
            state.first = first.iter().copied().collect();
            state.then = then;
        });
        self.0.rescripted.notify_waiters();
    }

    fn fail_start(&self) {
        self.change(|state| state.failing_starts += 1);
    }

    fn log(&self) -> Log {
        self.state().log.clone()
    }

    fn wait(&self, enough: &mut dyn FnMut(&Log) -> bool, limit: Duration) -> bool {
        let waited = self.0.changed.wait_timeout_while(self.state(), limit, |state| !enough(&state.log));
        let (_state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        !timeout.timed_out()
    }
}

/// One open connection to a [`ScriptedSink`].
#[derive(Debug)]
pub struct Connected(ScriptedSink);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.change(|state| state.log.open -= 1);
    }
}

/// Delivers to a [`ScriptedSink`] of the same process.
pub struct ScriptedDeliver {
    sink: ScriptedSink,
    secret: String,
}

impl fmt::Debug for ScriptedDeliver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.secret.is_empty() { "none" } else { "***" };
        f.debug_struct("ScriptedDeliver").field("secret", &shown).finish_non_exhaustive()
    }
}

#[async_trait]
impl Deliver for ScriptedDeliver {
    type Connection = Connected;

    async fn open(&self, _until: Deadline) -> Result<Connected, Fault> {
        if self.sink.start() {
            return Ok(self.sink.connected());
        }
        Err(Fault::new(EmitErrorKind::Unreachable).sent(Sent::No).because("the script says so"))
    }

    async fn deliver(&self, _connection: &Connected, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        match self.sink.receive(event.bytes().clone()).await {
            Answer::Accept => Ok(()),
            Answer::Transient | Answer::Stall => Err(Fault::new(EmitErrorKind::Unavailable { code: 503 })),
            Answer::Permanent => Err(Fault::new(EmitErrorKind::Rejected { code: 400 })),
            Answer::Throttle(pause) => Err(Fault::new(EmitErrorKind::Throttled { retry_after: Some(pause) })),
            // Without the panic hook, which would print a trace into every test run.
            Answer::Panic => resume_unwind(Box::new("the script says so")),
        }
    }

    async fn shut(&self, _connection: &Connected, _until: Deadline) {}
}

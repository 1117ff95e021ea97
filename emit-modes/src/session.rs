use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use openlineage_core::client::{Client, Prepared};
use openlineage_core::error::{EmitError, EmitErrorKind, Fault, Sent};
use openlineage_core::lifecycle::{Deadline, Gate, State};
use openlineage_core::transport::Transport;

use crate::account::Account;
use crate::lanes::Turn;
use crate::mode::Mode;
use crate::payload::Payload;
use crate::stats::EmitterStats;
use crate::task::Tasks;
use crate::thread::Threads;

/// One process's life of an emitter.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) gate: Gate,
    pub(crate) means: Means,
    pub(crate) timed_out: AtomicU64,
    pub(crate) saturated: AtomicU64,
    pub(crate) pid: u32,
    late: Arc<AtomicU64>,
}

/// What a mode works with.
pub(crate) enum Means {
    Inline,
    Thread(Threads),
    Task(Tasks),
}

impl Session {
    pub(crate) fn new(client: Client, mode: &Mode) -> Arc<Self> {
        let means = match mode {
            Mode::Inline(_) => Means::Inline,
            Mode::Thread(options) => Means::Thread(Threads::new(options)),
            Mode::Task(options) => Means::Task(Tasks::new(options)),
        };
        let gate = Gate::new(client.transport().info().clone());
        let (timed_out, saturated, late) = Default::default();
        Arc::new(Self { client, gate, means, timed_out, saturated, pid: process::id(), late })
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.client.transport()
    }

    /// What the client makes of an event.
    pub(crate) async fn prepare(&self, payload: Payload, until: Deadline) -> Result<Prepared, EmitError> {
        match payload {
            Payload::Typed(event) => self.client.prepare(event, until).await,
            Payload::Text(event) => self.client.prepare_text(event),
        }
    }

    /// Takes an event on.
    pub(crate) fn admit(&self) -> Result<Arc<Account>, EmitError> {
        self.gate.admit().map(|permit| Account::new(permit, &self.late))
    }

    /// The event's place behind those of its run, in a mode that keeps their order.
    pub(crate) fn turn(&self, lane: impl FnOnce() -> u128) -> Option<Turn> {
        match &self.means {
            Means::Thread(threads) => Some(threads.lanes.enter(lane())),
            Means::Inline | Means::Task(_) => None,
        }
    }

    /// An error for work that is not begun because the emitter is closed; no event is counted.
    pub(crate) fn refuse_work(&self) -> Result<(), EmitError> {
        match self.gate.state() >= State::Closing {
            true => Err(EmitError::refused(EmitErrorKind::Closed).at(self.transport().info())),
            false => Ok(()),
        }
    }

    /// Threads at work, and how many of them are left behind.
    pub(crate) fn threads(&self) -> (usize, usize) {
        match &self.means {
            Means::Thread(threads) => threads.count(),
            Means::Inline | Means::Task(_) => (0, 0),
        }
    }

    pub(crate) fn stats(&self) -> EmitterStats {
        let mut events = self.gate.stats().with_children(vec![self.client.stats()]);
        events.late += self.late.load(Ordering::Relaxed);
        let (threads, left_behind) = self.threads();
        EmitterStats {
            events,
            threads,
            left_behind,
            timed_out: self.timed_out.load(Ordering::Relaxed),
            saturated: self.saturated.load(Ordering::Relaxed),
        }
    }
}

/// The time of an event was over before it was sent.
pub(crate) fn unsent(why: &'static str) -> Fault {
    Fault::new(EmitErrorKind::Timeout).sent(Sent::No).because(why)
}

/// The time of an event was over while it was under way.
pub(crate) fn unanswered(why: &'static str) -> Fault {
    Fault::new(EmitErrorKind::Timeout).because(why)
}

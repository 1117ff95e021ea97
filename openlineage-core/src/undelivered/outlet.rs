use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Lost, Undelivered};
use crate::engine::panic_message;
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::Fate;
use crate::runtime::{Lease, Runtime};

/// Events that wait for a hook which does not keep up, before further ones are left out.
const ROOM: usize = 10_000;

/// Most events of one call of the hook.
const BATCH: usize = 256;

/// Where an engine puts the events it has lost: a list, and one blocking job at a time that hands it to the hook.
///
/// Engines keep it in the state of their process, so that a forked child never touches its parent's. Without a hook all
/// of it does nothing. Cloning shares it.
///
/// The list is bounded: by [`ROOM`] while the transport goes on, and beyond that by what the engine had pending at its
/// end. Events are shared with whoever else has them, not copied.
#[derive(Clone)]
pub(crate) struct Outlet(Option<Arc<Shared>>);

struct Shared {
    hook: Arc<dyn Undelivered>,
    list: Mutex<List>,
    idle: Notify,
}

#[derive(Default)]
struct List {
    waiting: VecDeque<Lost>,
    /// Is there a job that will look into the list again?
    running: bool,
    left_out: u64,
}

impl Outlet {
    pub(crate) fn new(hook: Option<Arc<dyn Undelivered>>) -> Self {
        Self(hook.map(|hook| Arc::new(Shared { hook, list: Mutex::default(), idle: Notify::new() })))
    }

    /// Is there a hook, so that it is worth keeping what it needs?
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Puts a lost event on the list. Call [`run`](Self::run) after the last of several. From any thread; never blocks.
    ///
    /// Everything that a close shall wait for has to be here before it asks for [`drained`](Self::drained).
    pub(crate) fn push(&self, event: &EncodedEvent, error: &EmitError) {
        let Some(shared) = &self.0 else { return };
        let is_last_word = error.fate() == Fate::Abandoned && error.is_terminal();
        let mut list = shared.list();
        if list.waiting.len() < ROOM || is_last_word {
            return list.waiting.push_back(Lost::new(event.clone(), error.clone()));
        }
        list.left_out += 1;
        let is_first = list.left_out == 1;
        drop(list);
        if is_first {
            tracing::warn!(%error, hook = ?shared.hook, "the hook for undelivered events is too slow, some are left out");
        }
    }

    /// Makes sure that the list is handed to the hook: on the blocking pool of the lease, which is held until then.
    pub(crate) fn run(&self, lease: &Lease) {
        if let Some(shared) = &self.0
            && shared.may_begin()
        {
            Job { shared: Arc::clone(shared), is_over: false, is_second: false }.start(lease.clone());
        }
    }

    /// Waits until the hook has got everything. Unbounded: put a deadline round it.
    pub(crate) async fn drained(&self) {
        let Some(shared) = &self.0 else { return };
        loop {
            let idle = shared.idle.notified();
            if shared.is_idle() {
                return;
            }
            idle.await;
        }
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outlet").field(&self.0.as_ref().map(|shared| &shared.hook)).finish()
    }
}

impl Shared {
    /// `true` for the one who has to start the job.
    fn may_begin(&self) -> bool {
        let mut list = self.list();
        !list.waiting.is_empty() && !std::mem::replace(&mut list.running, true)
    }

    /// What to pass next; none ends the job.
    fn next(&self) -> Option<Vec<Lost>> {
        let mut list = self.list();
        let left_out = std::mem::take(&mut list.left_out);
        let count = list.waiting.len().min(BATCH);
        let batch: Vec<_> = list.waiting.drain(..count).collect();
        list.running = !batch.is_empty();
        if batch.is_empty() {
            list.waiting = VecDeque::new();
        }
        drop(list);
        if left_out > 0 {
            tracing::warn!(left_out, hook = ?self.hook, "undelivered events were left out, the hook was too slow");
        }
        if batch.is_empty() {
            self.idle.notify_waiters();
        }
        (!batch.is_empty()).then_some(batch)
    }

    fn pass(&self, batch: &[Lost]) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.hook.undelivered(batch))) {
            let (events, panic) = (batch.len(), panic_message(&*panic));
            tracing::error!(events, panic, hook = ?self.hook, "the hook for undelivered events panicked");
        }
    }

    /// There is no thread to run the hook on.
    fn give_up(&self) {
        let mut list = self.list();
        let events = list.waiting.len();
        *list = List::default();
        drop(list);
        self.idle.notify_waiters();
        tracing::warn!(events, hook = ?self.hook, "no worker is left to pass undelivered events on");
    }

    fn is_idle(&self) -> bool {
        let list = self.list();
        !list.running && list.waiting.is_empty()
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands the list to the hook until it is empty. Dropped before, its runtime has ended, and another takes over.
struct Job {
    shared: Arc<Shared>,
    is_over: bool,
    is_second: bool,
}

impl Job {
    fn start(self, lease: Lease) {
        lease.block(move || self.run());
    }

    fn run(mut self) {
        while let Some(batch) = self.shared.next() {
            self.shared.pass(&batch);
        }
        self.is_over = true;
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let other = if self.is_second { None } else { Runtime::shared().lease().ok() };
        match other {
            Some(lease) => Self { shared: Arc::clone(&self.shared), is_over: false, is_second: true }.start(lease),
            None => self.shared.give_up(),
        }
    }
}

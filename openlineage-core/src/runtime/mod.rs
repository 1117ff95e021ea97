//! Where transports do their work: one worker thread for the process, ended with its last lease.
//!
//! The thread is called `openlineage` (Linux shows it so) and runs a current-thread tokio runtime that it owns. It is
//! started by the first [`Lease`] and waits on channels, sockets and timers only: idle, it is a parked thread. Work that
//! blocks goes to a pool of at most four threads that end 50 ms after their last task. A host that has its own runtime
//! can lend it with [`Runtime::on`]; a test can have one to itself with [`Runtime::dedicated`].
//!
//! After a `fork` nothing inherited is touched: a [`ForkCell`] gives the child a value of its own.

mod attended;
mod fork_cell;
mod parked;
mod waited;
mod worker;

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

pub use fork_cell::ForkCell;
pub(crate) use parked::{ParkScope, park_until};
use worker::Worker;

/// Name of the shared worker's thread and of its blocking threads.
pub const THREAD_NAME: &str = "openlineage";

static SHARED: Owned = Owned { number: 0, name: None, worker: ForkCell::new() };

/// Which runtime a transport works on. Having one starts nothing.
#[derive(Clone, Default)]
pub struct Runtime(Choice);

#[derive(Clone, Default)]
enum Choice {
    #[default]
    Shared,
    Dedicated(Arc<Owned>),
    Lent {
        handle: Handle,
        pid: u32,
    },
}

struct Owned {
    /// No two are alike, not even one after the other in the same place.
    number: u64,
    name: Option<String>,
    worker: ForkCell<Mutex<Weak<Worker>>>,
}

impl Runtime {
    /// The one worker of the process; what everything uses unless told otherwise.
    #[must_use]
    pub fn shared() -> Self {
        Self(Choice::Shared)
    }

    /// A runtime the host owns, with I/O and time enabled. If it ends first, what is pending is abandoned.
    ///
    /// A forked child does not have it and uses the shared worker instead.
    #[must_use]
    pub fn on(handle: Handle) -> Self {
        Self(Choice::Lent { handle, pid: std::process::id() })
    }

    /// A worker thread of this name for whoever holds this value or a clone of it, started and ended by its leases.
    #[must_use]
    pub fn dedicated(name: impl Into<String>) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Self(Choice::Dedicated(Arc::new(Owned { number, name: Some(name.into()), worker: ForkCell::new() })))
    }

    /// A claim on the worker; starts its thread if this is the first.
    ///
    /// # Errors
    ///
    /// The thread or its runtime could not be made.
    pub fn lease(&self) -> io::Result<Lease> {
        match &self.0 {
            Choice::Shared => SHARED.lease(),
            Choice::Dedicated(owned) => owned.lease(),
            Choice::Lent { handle, pid } if *pid == std::process::id() => {
                Ok(Lease { handle: handle.clone(), worker: None })
            }
            Choice::Lent { .. } => SHARED.lease(),
        }
    }
}

impl PartialEq for Runtime {
    /// Are they the same runtime?
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Choice::Shared, Choice::Shared) => true,
            (Choice::Dedicated(own), Choice::Dedicated(other)) => own.number == other.number,
            (Choice::Lent { handle, pid }, Choice::Lent { handle: other, pid: others }) => {
                handle.id() == other.id() && pid == others
            }
            _ => false,
        }
    }
}

impl Eq for Runtime {}

impl Hash for Runtime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Choice::Shared => state.write_u8(0),
            Choice::Dedicated(owned) => (1_u8, owned.number).hash(state),
            Choice::Lent { handle, pid } => (2_u8, handle.id(), pid).hash(state),
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::Shared => f.write_str("Runtime::Shared"),
            Choice::Dedicated(owned) => write!(f, "Runtime::Dedicated({:?})", owned.name()),
            Choice::Lent { .. } => f.write_str("Runtime::Lent"),
        }
    }
}

impl Owned {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(THREAD_NAME)
    }

    /// Start and record happen under one lock, so that two first events make one thread.
    fn lease(&self) -> io::Result<Lease> {
        let cell = self.worker.get_or_init(Mutex::default);
        let mut known = cell.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = match known.upgrade() {
            Some(worker) => worker,
            None => {
                let worker = Arc::new(Worker::start(self.name())?);
                *known = Arc::downgrade(&worker);
                worker
            }
        };
        Ok(Lease { handle: worker.handle().clone(), worker: Some(worker) })
    }
}

/// Is the calling thread a worker of this process, so that whoever parks it stops the transports that work on it?
#[must_use]
pub fn is_worker_here() -> bool {
    worker::is_worker_here()
}

/// A claim on a worker. The last one to be dropped ends the thread; dropping never waits for it.
#[derive(Clone)]
pub struct Lease {
    handle: Handle,
    worker: Option<Arc<Worker>>,
}

impl Lease {
    /// Runs `work` on the worker. If the worker is gone the work is dropped and the handle says cancelled.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.handle.spawn(work)
    }

    /// The same for work that nobody waits for by its handle, at less cost to the caller: `make` is called on the worker,
    /// and only what it holds is moved there.
    pub fn take_on<F: Future<Output = ()> + Send + 'static>(&self, make: impl FnOnce() -> F + Send + 'static) {
        match &self.worker {
            Some(worker) => worker.take_on(make),
            None => drop(self.handle.spawn(make())),
        }
    }

    /// Runs what blocks on the pool, and holds the lease until it is over. If the worker is gone the work is dropped.
    pub(crate) fn block(self, work: impl FnOnce() + Send + 'static) {
        let handle = self.handle.clone();
        // In a task, because a pool that gets no thread from the system panics.
        drop(handle.spawn(async move {
            drop(tokio::task::spawn_blocking(move || {
                work();
                drop(self);
            }));
        }));
    }

    /// Would waiting here for what runs on this lease never end, because this thread drives it and would be parked?
    ///
    /// That is so inside a call of [`blocking`](crate::blocking) on that thread. What implements a transport asks before
    /// it waits, and answers [`WouldDeadlock`](crate::error::EmitErrorKind::WouldDeadlock); the blocking call then does so.
    #[must_use]
    pub fn refuses_wait(&self) -> bool {
        ParkScope::refuses(self)
    }

    /// Does the calling thread drive the runtime of this lease, so that parking it would stop the work?
    ///
    /// On a lent runtime any thread of it counts, its blocking threads included: which of them is free cannot be told.
    #[must_use]
    pub fn is_driven_here(&self) -> bool {
        match &self.worker {
            Some(worker) => worker.is_this_thread(),
            None => Handle::try_current().is_ok_and(|current| current.id() == self.handle.id()),
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("lent", &self.worker.is_none()).finish_non_exhaustive()
    }
}

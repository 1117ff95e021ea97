use std::cell::Cell;
use std::future::Future;
use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const BLOCKING_THREADS: usize = 4;
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_millis(50);
/// Work taken in at one go, before the worker looks at its sockets again.
const INTAKE: usize = 64;

/// Begins a piece of work, on the worker.
type Work = Box<dyn FnOnce() + Send>;

thread_local! {
    /// Process and thread of the worker that this thread is. The process too: a fork made on the worker takes the mark
    /// into a child where no such worker exists.
    static THIS_WORKER: Cell<Option<(u32, thread::ThreadId)>> = const { Cell::new(None) };
}

/// The outside of a worker thread. The thread owns its runtime; dropping this asks it to end and does not wait.
pub(super) struct Worker {
    handle: Handle,
    thread: thread::ThreadId,
    pid: u32,
    intake: Option<UnboundedSender<Work>>,
}

impl Worker {
    /// Waits for nothing: a new thread may be slow to run, and in a forked child it may never come to it, where another
    /// thread of the parent held a lock of the standard library that threads take when they start.
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let (intake, work) = unbounded_channel();
        let runtime = build(name)?;
        let handle = runtime.handle().clone();
        let owned = Owned(Some(runtime));
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(&owned, work))?;
        Ok(Self { handle, thread: thread.thread().id(), pid: process::id(), intake: Some(intake) })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Cheaper than spawning through the handle: that wakes the thread for each piece of work, this only if it sleeps.
    pub(super) fn take_on<F: Future<Output = ()> + Send + 'static>(&self, make: impl FnOnce() -> F + Send + 'static) {
        if let Some(intake) = &self.intake {
            // If the thread is gone the work is dropped, and whoever waits for it hears that.
            drop(intake.send(Box::new(move || drop(tokio::spawn(make())))));
        }
    }

    pub(super) fn is_this_thread(&self) -> bool {
        THIS_WORKER.get() == Some((process::id(), self.thread))
    }
}

pub(super) fn is_worker_here() -> bool {
    THIS_WORKER.get().is_some_and(|(pid, _)| pid == process::id())
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.pid != process::id() {
            std::mem::forget((self.intake.take(), self.handle.clone()));
        }
    }
}

/// The runtime of a worker, whose end never waits for a blocking call that hangs, a name look-up for instance. It ends
/// where it is dropped: on its thread, or where there was no thread to be had.
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn run(owned: &Owned, work: UnboundedReceiver<Work>) {
    THIS_WORKER.set(Some((process::id(), thread::current().id())));
    yield_to_host();
    if let Some(runtime) = &owned.0 {
        runtime.block_on(take_in(work));
    }
}

/// Ends when the last lease is gone: with it goes the sender.
async fn take_in(mut work: UnboundedReceiver<Work>) {
    let mut batch = Vec::with_capacity(INTAKE);
    while work.recv_many(&mut batch, INTAKE).await > 0 {
        batch.drain(..).for_each(|begin| begin());
    }
}

fn build(name: &str) -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(BLOCKING_KEEP_ALIVE)
        .thread_name(name)
        .build()
}

/// Asks the scheduler not to let a wake-up of this thread pre-empt the host's: on one core that is what makes handing
/// over an event cost microseconds. The niceness stays. Where it may not, the worker goes on as an ordinary thread.
#[cfg(target_os = "linux")]
fn yield_to_host() {
    use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy};
    use thread_priority::{ThreadPriority, ThreadPriorityValue, thread_native_id};

    let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
    let niceness = rustix::process::getpriority_process(None).unwrap_or_default();
    // The crate sets both at once and counts from 0, niceness 19, to 99, niceness -20. More than two of its values come
    // to each niceness; this is well within them, because it works the niceness out in floating point and cuts it off.
    let same = u8::try_from((198 * (19 - niceness) - 39) / 78)
        .ok()
        .and_then(|value| ThreadPriorityValue::try_from(value).ok());
    if let Some(same) = same {
        // A refusal is no news: it changes latencies on a crowded core and nothing else.
        drop(set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(same), batch));
    }
}

#[cfg(not(target_os = "linux"))]
fn yield_to_host() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{getpriority_process, setpriority_process};
    use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};

    use super::*;

    #[test]
    fn the_policy_changes_and_the_niceness_stays() {
        let nicest = getpriority_process(None).unwrap();
        for niceness in nicest..=19 {
            let thread = thread::spawn(move || {
                // On Linux it is the thread's own.
                setpriority_process(None, niceness).unwrap();
                yield_to_host();
                (getpriority_process(None).unwrap(), thread_schedule_policy().unwrap())
            });
            let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
            assert_eq!(thread.join().unwrap(), (niceness, batch));
        }
    }
}

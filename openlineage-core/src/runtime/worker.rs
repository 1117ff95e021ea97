use std::cell::Cell;
use std::io;
use std::process;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

const BLOCKING_THREADS: usize = 4;
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_millis(50);

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
    stop: Option<oneshot::Sender<()>>,
}

impl Worker {
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::channel();
        let thread_name = name.to_owned();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(&thread_name, stopped, &report))?;
        let handle = started.recv().map_err(|_| io::Error::other("worker thread ended while starting"))??;
        Ok(Self { handle, thread: thread.thread().id(), pid: process::id(), stop: Some(stop) })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(super) fn is_this_thread(&self) -> bool {
        THIS_WORKER.get() == Some((process::id(), self.thread))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let Some(stop) = self.stop.take() else { return };
        if self.pid == process::id() {
            // The thread may be gone already; then there is nothing to stop.
            let _gone = stop.send(());
        } else {
            std::mem::forget((stop, self.handle.clone()));
        }
    }
}

fn run(name: &str, stopped: oneshot::Receiver<()>, report: &mpsc::Sender<io::Result<Handle>>) {
    let runtime = match build(name) {
        Ok(runtime) => runtime,
        Err(error) => return drop(report.send(Err(error))),
    };
    THIS_WORKER.set(Some((process::id(), thread::current().id())));
    yield_to_host();
    if report.send(Ok(runtime.handle().clone())).is_ok() {
        // Ends when the last lease says so, or is dropped without saying anything.
        drop(runtime.block_on(stopped));
    }
    // Never waits for a blocking call that hangs, a name look-up for instance.
    runtime.shutdown_background();
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
    // The crate sets both at once and counts from 0, niceness 19, to 99, niceness -20; this is the inverse of its map.
    let same = u8::try_from(99 * (20 - niceness) / 40).ok().and_then(|value| ThreadPriorityValue::try_from(value).ok());
    if let Some(same) = same {
        // A refusal is no news: it changes latencies on a crowded core and nothing else.
        drop(set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(same), batch));
    }
}

#[cfg(not(target_os = "linux"))]
fn yield_to_host() {}

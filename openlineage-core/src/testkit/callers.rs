use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::stage::LONG;
use super::verdict::{Outcome, Stop, broken};
use crate::engine::first;
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport};
use crate::runtime::park_until;
use crate::transport::{Ack, Receipt, Transport};

pub(super) type Fate = Result<Option<Receipt>, EmitError>;

/// A call, or many, going on in a thread that parks between polls and enters no runtime.
pub(super) struct Going<T> {
    what: &'static str,
    thread: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    polled: Receiver<()>,
    result: Receiver<T>,
}

impl<T: Send + 'static> Going<T> {
    /// Starts polling; returns when the first poll is over.
    pub(super) fn start(what: &'static str, call: impl Future<Output = T> + Send + 'static) -> Outcome<Self> {
        let (stop, stopped) = oneshot::channel();
        let (first, polled) = mpsc::channel();
        let (send, result) = mpsc::channel();
        let thread = thread::spawn(move || {
            if let Some(Some(value)) = park_until(until_stopped(call, first, stopped), Deadline::never()) {
                // Nobody listens once the check has ended.
                drop(send.send(value));
            }
        });
        let going = Self { what, thread, stop, polled, result };
        match going.polled.recv_timeout(LONG) {
            Ok(()) => Ok(going),
            Err(_) => broken(format!("one poll of {what} took longer than {LONG:?}, or panicked")),
        }
    }

    /// The result, once it is there.
    pub(super) fn join(self, limit: Duration) -> Outcome<T> {
        match self.result.recv_timeout(limit) {
            Ok(value) => {
                drop(self.thread.join());
                Ok(value)
            }
            Err(_) if self.thread.is_finished() => broken(format!("{} panicked", self.what)),
            Err(_) => broken(format!("{} did not return within {limit:?}", self.what)),
        }
    }

    /// The result, if it comes within `limit`.
    pub(super) fn came_within(&self, limit: Duration) -> bool {
        self.result.recv_timeout(limit).is_ok()
    }

    /// Drops the call where it stands.
    pub(super) fn give_up(self) -> Outcome {
        drop(self.stop);
        self.thread.join().or_else(|_| broken(format!("dropping {} panicked", self.what)))
    }
}

/// `call`, unless the other end of `stopped` goes away first. Tells `told` when it has been polled once.
async fn until_stopped<T>(
    call: impl Future<Output = T>,
    told: Sender<()>,
    stopped: oneshot::Receiver<()>,
) -> Option<T> {
    let (mut call, mut told) = (pin!(call), Some(told));
    let telling = poll_fn(|cx| {
        let polled = call.as_mut().poll(cx);
        if let Some(told) = told.take() {
            let _ = told.send(());
        }
        polled
    });
    first(telling, async { drop(stopped.await) }).await
}

pub(super) fn flushing(transport: &Arc<dyn Transport>, until: Deadline) -> Outcome<Going<(FlushReport, Instant)>> {
    let transport = Arc::clone(transport);
    Going::start("flush", async move { (transport.flush(until).await, Instant::now()) })
}

pub(super) fn closing(transport: &Arc<dyn Transport>, until: Deadline) -> Outcome<Going<(CloseReport, Instant)>> {
    let transport = Arc::clone(transport);
    Going::start("close", async move { (transport.close(until).await, Instant::now()) })
}

/// Many emits at once, each waiting for its event's fate.
pub(super) struct Callers {
    going: Going<Vec<Fate>>,
    queued: Receiver<()>,
}

impl Callers {
    pub(super) fn start(transport: &Arc<dyn Transport>, events: Vec<EncodedEvent>, until: Deadline) -> Outcome<Self> {
        let (accepted, queued) = mpsc::channel();
        let calls = events.into_iter().map(|event| call(transport, event, until, accepted.clone()));
        let going = Going::start("emit", all(calls.collect()))?;
        Ok(Self { going, queued })
    }

    /// Waits until so many events have been queued.
    pub(super) fn all_queued(&self, count: usize, limit: Duration) -> Outcome {
        let until = Deadline::after(limit);
        let next = || self.queued.recv_timeout(until.remaining().unwrap_or_default());
        (0..count).try_for_each(|_| next().or_else(|_| broken("the transport did not queue in time")))
    }

    /// The fates, in the order of the events.
    pub(super) fn join(self) -> Outcome<Vec<Fate>> {
        self.going.join(LONG)
    }

    /// Drops every emit where it stands.
    pub(super) fn give_up(self) -> Outcome {
        self.going.give_up()
    }
}

/// One event, from its emit to its fate; tells `accepted` if it is queued.
pub(super) type Call = Pin<Box<dyn Future<Output = Fate> + Send>>;

pub(super) fn call(transport: &Arc<dyn Transport>, event: EncodedEvent, until: Deadline, accepted: Sender<()>) -> Call {
    let transport = Arc::clone(transport);
    Box::pin(async move {
        match transport.emit(event, until).await? {
            Ack::Delivered(receipt) => Ok(Some(receipt)),
            Ack::Queued(ticket) => {
                // Whoever started the call may not want to know.
                let _ = accepted.send(());
                ticket.await.map(Some)
            }
            Ack::Skipped(_) => Ok(None),
        }
    })
}

/// The outcomes of all `calls`, which are polled together.
pub(super) async fn all<T>(calls: Vec<Pin<Box<impl Future<Output = T> + ?Sized>>>) -> Vec<T> {
    let mut calls: Vec<_> = calls.into_iter().map(|call| (Some(call), None)).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for (call, done) in &mut calls {
            pending |= !poll_once(call, done, cx);
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    calls.into_iter().filter_map(|(_, done)| done).collect()
}

/// Polls a call that has not ended, and drops it when it has.
fn poll_once<F: Future + ?Sized>(
    call: &mut Option<Pin<Box<F>>>,
    done: &mut Option<F::Output>,
    cx: &mut Context<'_>,
) -> bool {
    let Some(running) = call else { return true };
    match running.as_mut().poll(cx) {
        Poll::Pending => false,
        Poll::Ready(value) => {
            *done = Some(value);
            *call = None;
            true
        }
    }
}

/// Runs `work` in a thread of its own for at most `limit`; a panic in it breaks the check.
pub(super) fn apart<T: Send + 'static>(
    what: &str,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Outcome<T> {
    let (send, result) = mpsc::channel();
    thread::spawn(move || drop(send.send(work())));
    match result.recv_timeout(limit) {
        Ok(value) => Ok(value),
        Err(mpsc::RecvTimeoutError::Timeout) => broken(format!("{what} did not end within {limit:?}")),
        Err(mpsc::RecvTimeoutError::Disconnected) => broken(format!("{what} panicked")),
    }
}

/// As [`apart`], for work that can itself break the check.
pub(super) fn checked_apart<T: Send + 'static>(
    what: &str,
    limit: Duration,
    work: impl FnOnce() -> Result<T, Stop> + Send + 'static,
) -> Outcome<T> {
    apart(what, limit, work)?
}

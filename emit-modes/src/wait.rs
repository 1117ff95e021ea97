use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use openlineage_core::blocking::park;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::runtime::{Lease, Runtime, is_worker_here};
use openlineage_core::transport::Transport;

/// How a call waits for what happens elsewhere.
#[derive(Clone, Copy)]
pub(crate) enum Waiter<'a> {
    /// Parks its thread.
    Parked,
    /// As a future, whose time this runtime keeps.
    Polled(&'a Runtime),
}

impl Waiter<'_> {
    /// Demands that the calling thread may wait in this way.
    pub(crate) fn may_wait(self) -> Result<(), EmitError> {
        match self {
            Self::Parked => refuse_parking(),
            Self::Polled(_) => Ok(()),
        }
    }

    /// The outcome of `event`, or `None` if that does not come by `until`.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on a worker that would park; `Start` if there is no worker to keep the time.
    pub(crate) async fn until<T: Send + 'static>(
        self,
        transport: &dyn Transport,
        event: impl Future<Output = T> + Send + 'static,
        until: Deadline,
    ) -> Result<Option<T>, EmitError> {
        match self {
            Self::Parked => {
                refuse_parking()?;
                park(transport, event, until)
            }
            Self::Polled(runtime) => {
                // Held while it waits: the worker may have no other.
                let lease = lease(runtime)?;
                let waited = lease.spawn(bounded(until, event)).await;
                waited.map_err(|_| EmitError::refused(EmitErrorKind::WorkerLost))
            }
        }
    }

    /// The same for what keeps a deadline of its own, and needs no other one as a future.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on the thread that drives the transport's runtime, if it would park.
    pub(crate) async fn here<T>(
        self,
        transport: &dyn Transport,
        event: impl Future<Output = T>,
        until: Deadline,
    ) -> Result<Option<T>, EmitError> {
        match self {
            Self::Parked => park(transport, event, until),
            Self::Polled(_) => Ok(Some(event.await)),
        }
    }
}

/// Polls on this thread what bounds itself.
pub(crate) fn parked<T>(
    transport: &dyn Transport,
    call: impl Future<Output = Result<T, EmitError>>,
) -> Result<T, EmitError> {
    let lost = || Err(EmitError::refused(EmitErrorKind::WorkerLost).at(transport.info()));
    park(transport, call, Deadline::never())?.unwrap_or_else(lost)
}

/// Demands that the calling thread is not one that transports work on.
pub(crate) fn refuse_parking() -> Result<(), EmitError> {
    match is_worker_here() {
        true => Err(EmitError::refused(EmitErrorKind::WouldDeadlock)),
        false => Ok(()),
    }
}

/// A claim on the worker, which the first one starts.
pub(crate) fn lease(runtime: &Runtime) -> Result<Lease, EmitError> {
    runtime.lease().map_err(|error| EmitError::refused_by(Fault::new(EmitErrorKind::Start).because(error)))
}

/// Parking the thread that drives the runtime would stop what is waited for.
pub(crate) fn refuse_on(lease: &Lease) -> Result<(), EmitError> {
    match lease.is_driven_here() {
        true => Err(EmitError::refused(EmitErrorKind::WouldDeadlock)),
        false => Ok(()),
    }
}

/// `work` until `until`. For tasks on the worker, which has a timer.
pub(crate) async fn bounded<T>(until: Deadline, work: impl Future<Output = T>) -> Option<T> {
    match until.instant() {
        None => Some(work.await),
        Some(at) => tokio::time::timeout_at(at.into(), work).await.ok(),
    }
}

/// `work`, or what it panicked with.
pub(crate) async fn fenced<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(message(&*panic))),
    })
    .await
}

/// What a panic had to say.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panicked with a value that is not text").to_owned()
}

/// Work of the host has panicked.
pub(crate) fn panicked(transport: &dyn Transport, message: String) -> EmitError {
    EmitError::refused_by(Fault::new(EmitErrorKind::Faulted).because(message)).at(transport.info())
}

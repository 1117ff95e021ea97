use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::Lease;
use crate::lifecycle::Deadline;

thread_local! {
    static PARKING: Cell<Parking> = const { Cell::new(Parking::No) };
}

/// Whether the calling thread will park until the future it polls is ready.
#[derive(Clone, Copy, PartialEq)]
enum Parking {
    No,
    Yes,
    /// It would, but an engine has seen that this thread drives the runtime it would wait for.
    Refused,
}

/// Marks the thread as one that parks for what it polls, so that engines below can refuse to wait for themselves.
pub(crate) struct ParkScope(Parking);

impl ParkScope {
    pub(crate) fn enter() -> Self {
        Self(PARKING.replace(Parking::Yes))
    }

    /// Has an engine refused because the wait could never end?
    pub(crate) fn was_refused(&self) -> bool {
        PARKING.get() == Parking::Refused
    }

    /// Called by engines before they wait for `lease`'s worker: must this wait be refused?
    pub(crate) fn refuses(lease: &Lease) -> bool {
        let refuse = PARKING.get() != Parking::No && lease.is_driven_here();
        if refuse {
            PARKING.set(Parking::Refused);
        }
        refuse
    }
}

impl Drop for ParkScope {
    fn drop(&mut self) {
        PARKING.set(self.0);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `future` on this thread and parks it in between, until it is ready or `until` has passed.
///
/// Needs no runtime and enters none, so it is legal inside a task too: it blocks that thread, nothing else.
pub(crate) fn park_until<T>(future: impl Future<Output = T>, until: Deadline) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        match until.remaining() {
            None => thread::park(),
            Some(left) if left.is_zero() => return None,
            Some(left) => thread::park_timeout(left),
        }
    }
}

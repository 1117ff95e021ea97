use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openlineage_core::lifecycle::Deadline;
use tokio::sync::Notify;

/// The threads of one emitter: so many at most, those left behind included.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Shared>);

struct Shared {
    most: usize,
    busy: Mutex<Busy>,
    changed: Notify,
}

#[derive(Default)]
struct Busy {
    next: u64,
    /// When the caller of each is gone.
    calls: BTreeMap<u64, Deadline>,
}

/// The right to one thread, for as long as it works.
pub(crate) struct Slot {
    slots: Slots,
    number: u64,
    pid: u32,
}

/// Every thread is left behind, so that waiting for one makes no sense.
#[derive(Debug, PartialEq)]
pub(crate) struct Saturated;

impl Slots {
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Self(Arc::new(Shared { most: most.get(), busy: Mutex::default(), changed: Notify::new() }))
    }

    /// A slot for a call whose host leaves at `until`. `None` if all are at work.
    pub(crate) fn take_now(&self, until: Deadline) -> Option<Result<Slot, Saturated>> {
        let mut busy = self.busy();
        if busy.calls.len() < self.0.most {
            let number = busy.next;
            busy.next += 1;
            busy.calls.insert(number, until);
            return Some(Ok(Slot { slots: self.clone(), number, pid: process::id() }));
        }
        (busy.left_behind() >= self.0.most).then_some(Err(Saturated))
    }

    /// The same, waiting while all are at work. Any executor can poll it.
    pub(crate) fn take(&self, until: Deadline) -> impl Future<Output = Result<Slot, Saturated>> + Send + use<> {
        let slots = self.clone();
        async move {
            loop {
                let changed = slots.0.changed.notified();
                if let Some(taken) = slots.take_now(until) {
                    return taken;
                }
                changed.await;
            }
        }
    }

    /// A host has left: whoever waits may find that nobody is at work any more.
    pub(crate) fn look_again(&self) {
        self.0.changed.notify_waiters();
    }

    /// Threads at work, and how many of them are left behind.
    pub(crate) fn count(&self) -> (usize, usize) {
        let busy = self.busy();
        (busy.calls.len(), busy.left_behind())
    }

    fn busy(&self) -> MutexGuard<'_, Busy> {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Busy {
    fn left_behind(&self) -> usize {
        self.calls.values().filter(|until| until.has_passed()).count()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.pid == process::id() {
            self.slots.busy().calls.remove(&self.number);
            self.slots.look_again();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slots_whose_hosts_have_gone_make_it_saturated() {
        let slots = Slots::new(NonZeroUsize::MIN.saturating_add(1));
        let behind = slots.take_now(Deadline::now()).unwrap().unwrap();
        let at_work = slots.take_now(Deadline::never()).unwrap().unwrap();
        assert!(slots.take_now(Deadline::never()).is_none());
        assert_eq!(slots.count(), (2, 1));

        drop(at_work);
        let second = slots.take_now(Deadline::now()).unwrap().unwrap();
        assert_eq!(slots.take_now(Deadline::never()).unwrap().err(), Some(Saturated));
        drop((behind, second));
        assert_eq!(slots.count(), (0, 0));
    }
}

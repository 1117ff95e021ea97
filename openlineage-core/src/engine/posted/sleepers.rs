use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;

use crate::engine::fence::guarded;

/// How many others one that has been woken wakes: more of them would wait for their answers sooner, and it longer.
const OTHERS: usize = 4;

/// Callers whose events were reported together, until each is woken: by the worker, or by one that is awake already.
///
/// To wake a task from another thread takes a system call, and where both have one core, a switch to that thread and back.
/// From the task's own thread it takes neither: where callers share one, the first of them are woken from outside, and
/// wake the others. Nobody depends on that: the worker meanwhile wakes one after the other (ADR 0034).
#[derive(Default)]
pub(super) struct Sleepers {
    are_there: AtomicBool,
    line: Mutex<VecDeque<Waker>>,
}

impl Sleepers {
    pub(super) fn add(&self, callers: Vec<Waker>) {
        let mut line = self.line();
        line.extend(callers);
        self.are_there.store(!line.is_empty(), Ordering::Release);
    }

    /// Is anybody still to be woken? Costs next to nothing.
    pub(super) fn are_there(&self) -> bool {
        self.are_there.load(Ordering::Acquire)
    }

    /// Wakes everybody, after the first of whom comes whoever can run on this core: mostly that first one.
    pub(super) fn wake_all(&self) {
        if self.wake_next() && self.are_there() {
            thread::yield_now();
        }
        while self.wake_next() {}
    }

    /// Wakes a few: for one that has just been woken.
    pub(super) fn wake_others(&self) {
        let _last = (0..OTHERS).all(|_| self.wake_next());
    }

    /// Wakes the next in line. `false` if there is none.
    fn wake_next(&self) -> bool {
        let mut line = self.line();
        let next = line.pop_front();
        self.are_there.store(!line.is_empty(), Ordering::Release);
        drop(line);
        let Some(caller) = next else { return false };
        let woken = guarded(|| {
            caller.wake();
            Ok(())
        });
        if let Err(fault) = woken {
            tracing::error!(%fault, "whoever waits for an event cannot be woken");
        }
        true
    }

    fn line(&self) -> MutexGuard<'_, VecDeque<Waker>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::task::Wake;

    use super::*;

    struct Caller(usize, Sender<usize>);

    impl Wake for Caller {
        fn wake(self: Arc<Self>) {
            self.1.send(self.0).unwrap();
        }
    }

    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            resume_unwind(Box::new("a waker of a host"));
        }
    }

    fn asleep(count: usize) -> (Sleepers, Receiver<usize>) {
        let (sleepers, (say, heard)) = (Sleepers::default(), channel());
        sleepers.add((0..count).map(|name| Waker::from(Arc::new(Caller(name, say.clone())))).collect());
        (sleepers, heard)
    }

    fn woken(heard: &Receiver<usize>) -> Vec<usize> {
        heard.try_iter().collect()
    }

    #[test]
    fn each_is_woken_once_in_the_order_in_which_they_came() {
        let (sleepers, heard) = asleep(3 * OTHERS);
        sleepers.wake_others();
        assert_eq!(woken(&heard), Vec::from_iter(0..OTHERS));
        assert!(sleepers.are_there());
        sleepers.wake_all();
        assert_eq!(woken(&heard), Vec::from_iter(OTHERS..3 * OTHERS));
        assert!(!sleepers.are_there());
        sleepers.wake_others();
        assert!(woken(&heard).is_empty());
    }

    #[test]
    fn one_that_cannot_be_woken_keeps_nobody_asleep() {
        let (sleepers, heard) = asleep(1);
        let (others, heard_too) = asleep(2);
        sleepers.add(vec![Waker::from(Arc::new(Panics))]);
        sleepers.add(others.line().drain(..).collect());
        sleepers.wake_all();
        assert_eq!((woken(&heard), woken(&heard_too)), (vec![0], vec![0, 1]));
    }
}

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Order within a run: who is under way, run by run, in the order of their calls.
#[derive(Clone, Default)]
pub(crate) struct Lanes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    lanes: HashMap<u128, VecDeque<Entry>>,
}

struct Entry {
    number: u64,
    waker: Option<Waker>,
}

/// One event's place in its lane. Dropping it lets the next one go.
pub(crate) struct Turn {
    place: Place,
    pid: u32,
}

#[derive(Clone)]
struct Place {
    lanes: Lanes,
    lane: u128,
    number: u64,
}

impl Lanes {
    /// Puts an event behind those of its run that came before.
    pub(crate) fn enter(&self, lane: u128) -> Turn {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.lanes.entry(lane).or_default().push_back(Entry { number, waker: None });
        drop(state);
        Turn { place: Place { lanes: self.clone(), lane, number }, pid: process::id() }
    }

    /// Is nothing under way?
    pub(crate) fn are_empty(&self) -> bool {
        self.state().lanes.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Is nothing of the same run before it?
    pub(crate) fn has_come(&self) -> bool {
        self.place.is_first(None)
    }

    /// Waits until nothing of the same run is before it. Any executor can poll it.
    pub(crate) fn comes(&self) -> impl Future<Output = ()> + Send + use<> {
        let place = self.place.clone();
        poll_fn(move |cx| if place.is_first(Some(cx.waker())) { Poll::Ready(()) } else { Poll::Pending })
    }
}

impl Place {
    /// If it is not, `waker` is told when that may have changed.
    fn is_first(&self, waker: Option<&Waker>) -> bool {
        let mut state = self.lanes.state();
        let Some(entries) = state.lanes.get_mut(&self.lane) else { return true };
        if entries.front().is_none_or(|first| first.number >= self.number) {
            return true;
        }
        if let (Some(waker), Ok(at)) = (waker, entries.binary_search_by_key(&self.number, |entry| entry.number)) {
            entries[at].waker = Some(waker.clone());
        }
        false
    }

    fn leave(&self) {
        let mut state = self.lanes.state();
        let Some(entries) = state.lanes.get_mut(&self.lane) else { return };
        if let Ok(at) = entries.binary_search_by_key(&self.number, |entry| entry.number) {
            entries.remove(at);
        }
        let next = entries.front_mut().and_then(|first| first.waker.take());
        if entries.is_empty() {
            state.lanes.remove(&self.lane);
        }
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // In a forked child the lanes are the parent's, and their lock may be held by a thread that is not there.
        if self.pid == process::id() {
            self.place.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    use openlineage_core::event::EncodedEvent;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn event(run: &str) -> u128 {
        let json =
            format!(r#"{{"run":{{"runId":"0198b9a1-0000-7000-8000-{run}"}},"job":{{"namespace":"n","name":"j"}}}}"#);
        EncodedEvent::from_json(json).unwrap().lane()
    }

    #[test]
    fn events_of_one_run_come_in_the_order_of_their_calls_and_others_at_once() {
        let lanes = Lanes::default();
        let first = lanes.enter(event("00000000000a"));
        let second = lanes.enter(event("00000000000A"));
        let third = lanes.enter(event("00000000000a"));
        assert!(first.has_come() && !second.has_come() && !third.has_come());
        assert!(lanes.enter(event("00000000000b")).has_come());

        // The second goes without waiting; the third still has the first before it.
        drop(second);
        assert!(!third.has_come());
        drop(first);
        assert!(third.has_come());
        drop(third);
        assert!(lanes.state().lanes.is_empty());
    }

    #[test]
    fn exactly_the_next_one_is_woken() {
        let (lanes, count) = (Lanes::default(), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&count));
        let mut cx = Context::from_waker(&waker);
        let first = lanes.enter(event("00000000000a"));
        let behind = [lanes.enter(event("00000000000a")), lanes.enter(event("00000000000a"))];
        let (mut second, mut third) = (pin!(behind[0].comes()), pin!(behind[1].comes()));
        assert!(second.as_mut().poll(&mut cx).is_pending() && third.as_mut().poll(&mut cx).is_pending());
        drop(first);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert!(second.as_mut().poll(&mut cx).is_ready() && third.as_mut().poll(&mut cx).is_pending());
    }
}

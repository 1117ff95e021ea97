use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use openlineage_core::event::{EncodedEvent, EventKind};
use openlineage_core::model::Event;

use crate::payload::Payload;

/// Order within a run: who is under way, run by run, in the order of their calls.
#[derive(Clone, Default)]
pub(crate) struct Lanes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    lanes: HashMap<String, VecDeque<Entry>>,
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
    lane: String,
    number: u64,
}

impl Lanes {
    /// Puts an event behind those of its run that came before.
    pub(crate) fn enter(&self, lane: String) -> Turn {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.lanes.entry(lane.clone()).or_default().push_back(Entry { number, waker: None });
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

/// The lane of an event. Run events share one by run id, the others by the name of their job or dataset.
pub(crate) fn lane(payload: &Payload) -> String {
    match payload {
        Payload::Text(event) => lane_of(event),
        Payload::Typed(Event::Run(event)) => event.run.run_id.to_string().to_lowercase(),
        Payload::Typed(Event::Job(event)) => pair(&event.job.namespace, &event.job.name),
        Payload::Typed(Event::Dataset(event)) => pair(&event.dataset.namespace, &event.dataset.name),
    }
}

/// The same of text.
pub(crate) fn lane_of(event: &EncodedEvent) -> String {
    let text = |text: Option<Cow<'_, str>>| text.unwrap_or_default().into_owned();
    match event.kind() {
        EventKind::Run => text(event.run_id()).to_lowercase(),
        EventKind::Job => pair(&text(event.job_namespace()), &text(event.job_name())),
        EventKind::Dataset => pair(&text(event.dataset_namespace()), &text(event.dataset_name())),
    }
}

fn pair(namespace: &str, name: &str) -> String {
    format!("{namespace}\0{name}")
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn event(run: &str) -> String {
        let json =
            format!(r#"{{"run":{{"runId":"0198b9a1-0000-7000-8000-{run}"}},"job":{{"namespace":"n","name":"j"}}}}"#);
        lane_of(&EncodedEvent::from_json(json).unwrap())
    }

    #[test]
    fn a_value_and_its_text_are_in_the_same_lane() {
        let run = r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","run":{"runId":"0198B9A1-0000-7000-8000-00000000000a"},"job":{"namespace":"n","name":"j"}}"#;
        let job =
            r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","job":{"namespace":"n","name":"j"}}"#;
        let dataset = r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","dataset":{"namespace":"n","name":"d"}}"#;
        for json in [run, job, dataset] {
            let value = Event::from_json(json.as_bytes()).unwrap();
            assert_eq!(lane_of(&EncodedEvent::from_json(json).unwrap()), lane(&value.into()));
        }
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

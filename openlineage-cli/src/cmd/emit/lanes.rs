//! Order within a run: one event of a run is under way at a time, the others wait in its lane.

use std::collections::{HashMap, VecDeque};

use openlineage::event::{EncodedEvent, EventKind};

use super::feed::Place;

/// Most bytes held back behind other events.
const BYTES: usize = 64 * 1024 * 1024;

/// An event that has not been sent yet.
pub(super) struct Waiting {
    pub(super) event: EncodedEvent,
    pub(super) place: Place,
    pub(super) lane: String,
}

/// What waits, bounded in events and bytes.
pub(super) struct Lanes {
    busy: HashMap<String, VecDeque<Waiting>>,
    ready: VecDeque<Waiting>,
    events: usize,
    bytes: usize,
    most: usize,
}

impl Lanes {
    pub(super) fn new(most: usize) -> Self {
        Self { busy: HashMap::new(), ready: VecDeque::new(), events: 0, bytes: 0, most }
    }

    /// Is there room for one more? Always, while nothing waits, however large it is.
    pub(super) fn has_room(&self) -> bool {
        self.events == 0 || (self.events < self.most && self.bytes < BYTES)
    }

    pub(super) fn push(&mut self, event: EncodedEvent, place: Place) {
        self.events += 1;
        self.bytes += event.len();
        let waiting = Waiting { lane: lane(&event), event, place };
        match self.busy.get_mut(&waiting.lane) {
            Some(lane) => lane.push_back(waiting),
            None => {
                self.busy.insert(waiting.lane.clone(), VecDeque::new());
                self.ready.push_back(waiting);
            }
        }
    }

    /// The next event that may go out.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let next = self.ready.pop_front()?;
        self.events -= 1;
        self.bytes -= next.event.len();
        Some(next)
    }

    /// The event under way in this lane is settled, whatever its fate.
    pub(super) fn settled(&mut self, lane: &str) {
        match self.busy.get_mut(lane).and_then(VecDeque::pop_front) {
            Some(next) => self.ready.push_back(next),
            None => drop(self.busy.remove(lane)),
        }
    }

    /// Everything that was not sent.
    pub(super) fn rest(self) -> impl Iterator<Item = Waiting> {
        self.ready.into_iter().chain(self.busy.into_values().flatten())
    }
}

/// Run events share a lane by run id, the others by the name of their job or dataset.
fn lane(event: &EncodedEvent) -> String {
    let pair = |namespace: Option<_>, name: Option<_>| {
        let (namespace, name): (Option<std::borrow::Cow<'_, str>>, Option<std::borrow::Cow<'_, str>>) =
            (namespace, name);
        format!("{}\0{}", namespace.unwrap_or_default(), name.unwrap_or_default())
    };
    match event.kind() {
        EventKind::Run => event.run_id().unwrap_or_default().to_lowercase(),
        EventKind::Job => pair(event.job_namespace(), event.job_name()),
        EventKind::Dataset => pair(event.dataset_namespace(), event.dataset_name()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Event `number` of a run, or of a job where `run` is `None`.
    fn event(run: Option<u8>, number: usize) -> EncodedEvent {
        let run = run.map(|run| format!(r#""run":{{"runId":"0198b9a1-0000-7000-8000-0000000000{run:02x}"}},"#));
        let json = format!(r#"{{{}"job":{{"namespace":"n","name":"j"}},"n":{number}}}"#, run.unwrap_or_default());
        EncodedEvent::from_json(json).unwrap()
    }

    fn number(event: &EncodedEvent) -> u64 {
        let value: serde_json::Value = serde_json::from_slice(event.bytes()).unwrap();
        value["n"].as_u64().unwrap()
    }

    #[test]
    fn runs_that_differ_in_case_only_are_one() {
        let id = "0198B9A1-0000-7000-8000-00000000000a";
        let json = |id: &str| format!(r#"{{"run":{{"runId":"{id}"}},"job":{{"namespace":"n","name":"j"}}}}"#);
        let [one, other] = [id.to_owned(), id.to_lowercase()].map(|id| EncodedEvent::from_json(json(&id)).unwrap());
        assert_eq!(lane(&one), lane(&other));
    }

    #[test]
    fn there_is_room_for_one_however_large_it_is() {
        let mut lanes = Lanes::new(1);
        assert!(lanes.has_room());
        lanes.push(event(None, 0), Place::default());
        assert!(!lanes.has_room());
        assert!(lanes.pop().is_some());
        assert!(lanes.has_room());
    }

    proptest! {
        #[test]
        fn one_event_of_a_lane_is_under_way_at_a_time_and_in_order(
            runs in prop::collection::vec(prop::option::of(0_u8..4), 0..60),
            steps in prop::collection::vec(any::<prop::sample::Index>(), 200),
        ) {
            let (mut lanes, mut under_way, mut last) = (Lanes::new(8), Vec::<Waiting>::new(), HashMap::new());
            let (mut events, mut settled) = (runs.iter().enumerate(), 0);
            for step in steps {
                match step.index(3) {
                    0 if lanes.has_room() => {
                        if let Some((number, run)) = events.next() {
                            lanes.push(event(*run, number), Place::default());
                        }
                    }
                    1 => under_way.extend(lanes.pop()),
                    _ if !under_way.is_empty() => {
                        let done = under_way.swap_remove(step.index(under_way.len()));
                        let before = last.insert(done.lane.clone(), number(&done.event));
                        prop_assert!(before < Some(number(&done.event)));
                        lanes.settled(&done.lane);
                        settled += 1;
                    }
                    _ => {}
                }
                let mut busy: Vec<_> = under_way.iter().map(|waiting| &waiting.lane).collect();
                busy.sort_unstable();
                prop_assert!(busy.windows(2).all(|pair| pair[0] != pair[1]));
                prop_assert!(lanes.events <= 8);
            }
            let (read, under_way) = (runs.len() - events.len(), under_way.len());
            prop_assert_eq!(lanes.rest().count(), read - settled - under_way);
        }
    }
}

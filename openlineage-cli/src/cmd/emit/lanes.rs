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

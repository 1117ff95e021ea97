use std::collections::HashMap;

use super::slots::{Entry, KEPT, NONE, Slots};

/// The lanes that hold events, and the line of those whose first event may start.
#[derive(Debug)]
pub(super) struct Lanes {
    by_key: HashMap<[u64; 2], u32>,
    lanes: Vec<Lane>,
    free: u32,
    ready: Ends,
}

/// First and last of a linked list.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u32,
    last: u32,
}

#[derive(Debug)]
struct Lane {
    key: [u64; 2],
    /// Events in their order, linked in the slots.
    events: Ends,
    /// Neighbours in the line of ready lanes; `next` is the next free lane where this one is.
    previous: u32,
    next: u32,
    phase: Phase,
}

/// Where a lane stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// In the line: its first event may start.
    Ready,
    /// Its first event is under way.
    Busy,
    /// Its first event waits before the next attempt.
    Resting,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self { by_key: HashMap::new(), lanes: Vec::new(), free: NONE, ready: Ends { first: NONE, last: NONE } }
    }

    /// Puts an event behind the others of its lane; a new lane joins the line.
    pub(super) fn push<T>(&mut self, key: u128, slot: u32, slots: &mut Slots<T>) -> u32 {
        let key = [(key >> 64) as u64, key as u64];
        if let Some(&lane) = self.by_key.get(&key) {
            let last = std::mem::replace(&mut self.lanes[lane as usize].events.last, slot);
            (slots[last].behind, slots[slot].ahead) = (slot, last);
            return lane;
        }
        let lane = self.open(key, slot);
        self.by_key.insert(key, lane);
        self.join(lane);
        lane
    }

    /// The lane that has been ready for longest; it is busy from now on.
    pub(super) fn start(&mut self) -> Option<u32> {
        let lane = self.ready.first;
        (lane != NONE).then(|| {
            self.leave(lane);
            self.lanes[lane as usize].phase = Phase::Busy;
            self.head(lane)
        })
    }

    pub(super) fn has_ready(&self) -> bool {
        self.ready.first != NONE
    }

    /// A lane that is busy or rests goes back into the line.
    pub(super) fn ready(&mut self, lane: u32) {
        if self.phase(lane) != Phase::Ready {
            self.join(lane);
        }
    }

    pub(super) fn rest(&mut self, lane: u32) {
        self.lanes[lane as usize].phase = Phase::Resting;
    }

    pub(super) fn phase(&self, lane: u32) -> Phase {
        self.lanes[lane as usize].phase
    }

    pub(super) fn head(&self, lane: u32) -> u32 {
        self.lanes[lane as usize].events.first
    }

    /// Is this event under way?
    pub(super) fn is_busy_with(&self, lane: u32, slot: u32) -> bool {
        self.phase(lane) == Phase::Busy && self.head(lane) == slot
    }

    /// Takes an event out of its lane, wherever it stands. If it was the first, the next one may start at once.
    pub(super) fn remove<T>(&mut self, lane: u32, slot: u32, slots: &mut Slots<T>) {
        let Entry { ahead, behind, .. } = slots[slot];
        if behind != NONE {
            slots[behind].ahead = ahead;
        }
        match (ahead, behind) {
            (NONE, NONE) => self.close(lane),
            (NONE, _) => {
                self.lanes[lane as usize].events.first = behind;
                self.ready(lane);
            }
            (_, _) => {
                slots[ahead].behind = behind;
                if behind == NONE {
                    self.lanes[lane as usize].events.last = ahead;
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.lanes.capacity()
    }

    fn open(&mut self, key: [u64; 2], slot: u32) -> u32 {
        let events = Ends { first: slot, last: slot };
        // Busy until it joins the line, which its maker does next.
        let lane = Lane { key, events, previous: NONE, next: NONE, phase: Phase::Busy };
        if self.free == NONE {
            self.lanes.push(lane);
            return self.lanes.len() as u32 - 1;
        }
        let place = self.free;
        self.free = std::mem::replace(&mut self.lanes[place as usize], lane).next;
        place
    }

    fn close(&mut self, lane: u32) {
        if self.phase(lane) == Phase::Ready {
            self.leave(lane);
        }
        self.by_key.remove(&self.lanes[lane as usize].key);
        if self.by_key.is_empty() && self.lanes.capacity() > KEPT {
            *self = Self::new();
            return;
        }
        self.lanes[lane as usize].next = std::mem::replace(&mut self.free, lane);
    }

    fn join(&mut self, lane: u32) {
        let last = std::mem::replace(&mut self.ready.last, lane);
        match last {
            NONE => self.ready.first = lane,
            last => self.lanes[last as usize].next = lane,
        }
        let joining = &mut self.lanes[lane as usize];
        (joining.previous, joining.next, joining.phase) = (last, NONE, Phase::Ready);
    }

    fn leave(&mut self, lane: u32) {
        let Lane { previous, next, .. } = self.lanes[lane as usize];
        match previous {
            NONE => self.ready.first = next,
            previous => self.lanes[previous as usize].next = next,
        }
        match next {
            NONE => self.ready.last = previous,
            next => self.lanes[next as usize].previous = previous,
        }
    }
}

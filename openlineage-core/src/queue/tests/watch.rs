use std::collections::HashSet;

use super::super::{Limits, Slot};
use super::model::{Said, Time};

/// What must hold of the answers alone, whatever the model makes of them.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Limits,
    held: Vec<Seen>,
    accepted: usize,
    gone: usize,
    slots: HashSet<Slot>,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Seen {
    id: u32,
    lane: u128,
    bytes: usize,
    under_way: bool,
}

/// Since a failure was counted.
#[derive(Debug)]
struct Pause {
    until: Time,
    under_way: Vec<u32>,
    answers: usize,
}

impl Watch {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, held: Vec::new(), accepted: 0, gone: 0, slots: HashSet::new(), pause: None }
    }

    /// Room is not exceeded, and places are used again.
    pub(super) fn accepted(&mut self, id: u32, lane: u128, bytes: usize, slot: Slot) {
        self.held.push(Seen { id, lane, bytes, under_way: false });
        self.accepted += 1;
        self.slots.insert(slot);
        assert!(self.held.len() <= self.limits.events, "more events than there is room for");
        assert!(self.held.iter().map(|seen| seen.bytes).sum::<usize>() <= self.limits.bytes, "more bytes than room");
        assert!(self.slots.len() <= self.limits.events, "places are not used again");
    }

    /// Only the oldest of a lane starts, within the limit, and not into a pause.
    pub(super) fn started(&mut self, id: u32, now: Time) {
        let lane = self.seen(id).lane;
        let first = self.held.iter_mut().find(|seen| seen.lane == lane).unwrap();
        assert_eq!(first.id, id, "not the oldest of its lane");
        assert!(!first.under_way, "started twice");
        first.under_way = true;
        assert!(self.held.iter().filter(|seen| seen.under_way).count() <= self.limits.concurrent, "over the limit");
        if let Some(pause) = &mut self.pause {
            assert!(pause.answers > 0 || pause.until <= now, "started in a pause");
            pause.under_way.push(id);
            assert!(pause.under_way.len() <= 1 + pause.answers, "more than a probe and one for each answer");
        }
    }

    /// An attempt has ended; `failures` are those in a row before and after it.
    pub(super) fn ended(&mut self, id: u32, said: Said, closing: bool, failures: (u32, u32)) {
        let seen = self.held.iter_mut().find(|seen| seen.id == id).unwrap();
        assert!(std::mem::replace(&mut seen.under_way, false));
        let counts = match &mut self.pause {
            None => true,
            Some(pause) => {
                let before = pause.under_way.len();
                pause.under_way.retain(|other| *other != id);
                before > pause.under_way.len()
            }
        };
        match said {
            Said::Away(until) if counts && !closing => {
                assert_eq!(failures.1, failures.0 + 1, "a failure is not counted");
                self.pause = Some(Pause { until, under_way: Vec::new(), answers: 0 });
            }
            Said::Answered if counts => {
                assert_eq!(failures.1, 0, "an answer ends the failures");
                self.pause.iter_mut().for_each(|pause| pause.answers += 1);
            }
            _ => assert_eq!(failures.0, failures.1, "this says nothing about the destination"),
        }
    }

    pub(super) fn pressed(&mut self) {
        self.pause = None;
    }

    /// An event has left the queue.
    pub(super) fn gone(&mut self, id: u32) {
        assert!(!self.seen(id).under_way, "under way and gone");
        self.held.retain(|seen| seen.id != id);
        self.gone += 1;
    }

    /// Nothing is lost.
    pub(super) fn count(&self, held: usize) {
        assert_eq!(self.accepted, self.gone + held);
    }

    fn seen(&self, id: u32) -> &Seen {
        self.held.iter().find(|seen| seen.id == id).unwrap()
    }
}

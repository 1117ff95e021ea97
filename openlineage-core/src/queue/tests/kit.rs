use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::{Expired, Limits, Machine, Offer, Place, Slot, Word};

/// No event.
pub(super) const NOTHING: Vec<u32> = Vec::new();

/// A queue of numbers, asked in milliseconds since it was made.
pub(super) struct Kit {
    pub(super) queue: Machine<u32, u32>,
    base: Instant,
    slots: HashMap<u32, Slot>,
}

impl Kit {
    pub(super) fn new(events: usize, concurrent: usize) -> Self {
        let limits = Limits { events, bytes: 100, concurrent, ..Limits::default() };
        Self { queue: Machine::new(limits), base: Instant::now(), slots: HashMap::new() }
    }

    pub(super) fn at(&self, moment: u64) -> Instant {
        self.base + Duration::from_millis(moment)
    }

    pub(super) fn away(&self, until: u64) -> Word {
        Word::Away(self.at(until))
    }

    /// An event of one byte and any age.
    pub(super) fn offer(lane: u128, item: u32) -> Offer<u32> {
        Offer { lane, bytes: 1, deadline: None, item }
    }

    pub(super) fn accept(&mut self, lane: u128, item: u32) {
        self.accept_offer(Self::offer(lane, item));
    }

    pub(super) fn accept_until(&mut self, lane: u128, item: u32, deadline: u64) {
        self.accept_offer(Offer { deadline: Some(self.at(deadline)), ..Self::offer(lane, item) });
    }

    pub(super) fn accept_offer(&mut self, offer: Offer<u32>) {
        let item = offer.item;
        let slot = self.queue.accept(offer, self.base);
        self.slots.insert(item, slot);
    }

    pub(super) fn wait(&mut self, item: u32, bytes: usize, until: Option<u64>) -> Place {
        let until = until.map(|until| self.at(until));
        self.queue.wait(Offer { bytes, ..Self::offer(u128::from(item), item) }, until)
    }

    pub(super) fn admit(&mut self) -> Option<u32> {
        self.queue.admit().map(|offer| offer.item)
    }

    /// Everything that may start at that moment.
    pub(super) fn start(&mut self, moment: u64) -> Vec<u32> {
        let now = self.at(moment);
        std::iter::from_fn(|| self.queue.start(now).map(|slot| *self.queue.item(slot))).collect()
    }

    pub(super) fn finish(&mut self, item: u32, word: Word) {
        assert_eq!(self.queue.finish(self.slots[&item], word), item);
    }

    pub(super) fn retry(&mut self, item: u32, word: Word, rest: Option<u64>) {
        let rest = rest.map(|rest| self.at(rest));
        self.queue.retry(self.slots[&item], word, rest);
    }

    /// Everything that has ended by that moment: events and offers.
    pub(super) fn expire(&mut self, moment: u64) -> (Vec<u32>, Vec<u32>) {
        let (mut events, mut offers) = (Vec::new(), Vec::new());
        while let Some(gone) = self.queue.expire(self.at(moment)) {
            match gone {
                Expired::Event(_, item) => events.push(item),
                Expired::Offer(item) => offers.push(item),
            }
        }
        (events, offers)
    }

    pub(super) fn next_wake(&self) -> Option<u64> {
        self.queue.next_wake().map(|wake| wake.duration_since(self.base).as_millis() as u64)
    }
}

use std::collections::VecDeque;
use std::time::Instant;

use super::destination::Destination;
use super::lanes::{Lanes, Phase};
use super::slots::{Entry, Slots};
use super::timers::Timers;
use super::{Limits, QueueStats};

/// The queue as a plain state machine: no lock, no waiting, no clock of its own, no opinion of what it holds.
///
/// Events stand in lanes. The first event of a lane may start when fewer than the limit are under way and the
/// destination is not given a pause; the others wait behind it. An event takes up room from its acceptance until it is
/// [finished](Self::finish), so nothing in here ever waits for room of its own.
#[derive(Debug)]
pub(crate) struct Machine<T, W> {
    limits: Limits,
    slots: Slots<T>,
    lanes: Lanes,
    bytes: usize,
    under_way: usize,
    bytes_under_way: usize,
    destination: Destination,
    timers: Timers<Timer>,
    line: VecDeque<(u64, Offer<W>)>,
    next_in_line: u64,
    closing: bool,
}

/// An event that asks for room.
#[derive(Debug)]
pub(crate) struct Offer<T> {
    pub(crate) lane: u128,
    pub(crate) bytes: usize,
    /// When the event is given up if it has not been delivered.
    pub(crate) deadline: Option<Instant>,
    pub(crate) item: T,
}

/// An accepted event. Used again for another one after that is gone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Slot(pub(crate) u32);

/// A place in the line for room.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place(u64);

/// What an attempt that has ended says about the destination.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Word {
    /// It answered, whatever it said.
    Answered,
    /// Nothing.
    Silent,
    /// It is away, or asks for peace, until then.
    Away(Instant),
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Timer {
    Lane(u32),
    Event(u32),
    Line(u64),
}

/// What time has ended.
#[derive(Debug)]
pub(crate) enum Expired<T, W> {
    /// An event that was not under way, and when it was accepted; it is gone from the queue.
    Event(Instant, T),
    /// An event that waited for room.
    Offer(W),
}

impl<T, W> Machine<T, W> {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits { events: limits.events.max(1), concurrent: limits.concurrent.max(1), ..limits };
        Self {
            limits,
            slots: Slots::new(),
            lanes: Lanes::new(),
            bytes: 0,
            under_way: 0,
            bytes_under_way: 0,
            destination: Destination::new(limits.concurrent),
            timers: Timers::new(),
            line: VecDeque::new(),
            next_in_line: 0,
            closing: false,
        }
    }

    /// Is there room for an event of this size, and nobody in line before it?
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.line.is_empty() && self.fits(bytes)
    }

    /// Would there be room if nothing but what is under way stayed, and nobody in line before it?
    pub(crate) fn could_have_room(&self, bytes: usize) -> bool {
        self.line.is_empty() && self.would_fit(bytes)
    }

    /// Would there be room for the first of the line if nothing but what is under way stayed?
    pub(crate) fn could_admit(&self) -> bool {
        self.line.front().is_some_and(|(_, offer)| self.would_fit(offer.bytes))
    }

    /// Takes out this event, if it is still there, `wanted`, and not under way.
    pub(crate) fn take_if(&mut self, slot: Slot, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let entry = self.slots.get(slot.0)?;
        (wanted(&entry.item) && !self.is_under_way(slot.0)).then(|| self.take(slot.0))
    }

    /// Takes out the oldest event that is not under way.
    pub(crate) fn take_oldest(&mut self) -> Option<T> {
        let slot = self.slots.by_age().find(|slot| !self.is_under_way(*slot))?;
        Some(self.take(slot))
    }

    /// Accepts an event; the caller has made sure of the room.
    pub(crate) fn accept(&mut self, offer: Offer<T>, now: Instant) -> Slot {
        let slot = self.slots.insert(offer.item, offer.bytes, now, offer.deadline);
        self.slots[slot].lane = self.lanes.push(offer.lane, slot, &mut self.slots);
        self.bytes += offer.bytes;
        self.await_deadline(slot);
        Slot(slot)
    }

    /// Puts an event into the line for room, until its moment `until`.
    pub(crate) fn wait(&mut self, offer: Offer<W>, until: Option<Instant>) -> Place {
        let number = self.next_in_line;
        self.next_in_line += 1;
        self.line.push_back((number, offer));
        if let Some(until) = until {
            self.timers.set(Timer::Line(number), until);
        }
        Place(number)
    }

    /// The first of the line, if there is room for it now.
    pub(crate) fn admit(&mut self) -> Option<Offer<W>> {
        let (number, offer) = self.line.front()?;
        if !self.fits(offer.bytes) {
            return None;
        }
        self.timers.clear(Timer::Line(*number));
        self.line.pop_front().map(|(_, offer)| offer)
    }

    /// Leaves the line. `None` if it has been admitted or its time has passed.
    pub(crate) fn withdraw(&mut self, place: Place) -> Option<W> {
        let at = self.line.binary_search_by_key(&place.0, |(number, _)| *number).ok()?;
        self.timers.clear(Timer::Line(place.0));
        self.line.remove(at).map(|(_, offer)| offer.item)
    }

    /// The next event that may start; it is under way from now on.
    pub(crate) fn start(&mut self, now: Instant) -> Option<Slot> {
        if self.under_way >= self.limits.concurrent || !self.destination.may_start(now) {
            return None;
        }
        let slot = self.lanes.start()?;
        self.timers.clear(Timer::Event(slot));
        self.slots[slot].epoch = self.destination.started();
        self.under_way += 1;
        self.bytes_under_way += self.slots[slot].bytes;
        Some(Slot(slot))
    }

    /// An event that was under way leaves the queue.
    pub(crate) fn finish(&mut self, slot: Slot, word: Word) -> T {
        self.end_attempt(slot.0, word);
        self.take(slot.0)
    }

    /// An event that was under way waits for another attempt: until `rest` if it is to blame, else in the line of lanes
    /// for the end of the destination's pause.
    pub(crate) fn retry(&mut self, slot: Slot, word: Word, rest: Option<Instant>) {
        let lane = self.slots[slot.0].lane;
        self.end_attempt(slot.0, word);
        let rest = match word {
            // A destination that is given no pause leaves it to each lane.
            Word::Away(until) if self.closing => rest.or(Some(until)),
            _ => rest,
        };
        match rest {
            None => self.lanes.ready(lane),
            Some(until) => {
                self.lanes.rest(lane);
                self.timers.set(Timer::Lane(lane), until);
            }
        }
        self.await_deadline(slot.0);
    }

    /// What time has ended by `now`, one by one. Lanes that have rested come back into the line by themselves.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Expired<T, W>> {
        loop {
            match self.timers.pop_due(now)? {
                Timer::Lane(lane) => self.lanes.ready(lane),
                Timer::Event(slot) => {
                    let accepted = self.slots[slot].accepted;
                    return Some(Expired::Event(accepted, self.take(slot)));
                }
                Timer::Line(number) => {
                    let at = self.line.binary_search_by_key(&number, |(number, _)| *number).ok();
                    if let Some((_, offer)) = at.and_then(|at| self.line.remove(at)) {
                        return Some(Expired::Offer(offer.item));
                    }
                }
            }
        }
    }

    /// The moment at which there is something to do though nothing happens: call [`expire`](Self::expire) and
    /// [`start`](Self::start) then.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let resumes = self.destination.resumes().filter(|_| self.lanes.has_ready());
        resumes.into_iter().chain(self.timers.next()).min()
    }

    /// The queue is closing: every event that waits for another attempt may start at once, and from now on a failing
    /// destination is given no pause.
    pub(crate) fn press(&mut self) {
        self.closing = true;
        self.destination.press();
        let lanes = self.slots.by_age().map(|slot| self.slots[slot].lane);
        let resting: Vec<u32> = lanes.filter(|lane| self.lanes.phase(*lane) == Phase::Resting).collect();
        for lane in resting {
            self.timers.clear(Timer::Lane(lane));
            self.lanes.ready(lane);
        }
    }

    /// Takes out the first of the line.
    pub(crate) fn turn_away(&mut self) -> Option<W> {
        let (number, offer) = self.line.pop_front()?;
        self.timers.clear(Timer::Line(number));
        Some(offer.item)
    }

    pub(crate) fn item(&mut self, slot: Slot) -> &mut T {
        &mut self.slots[slot.0].item
    }

    pub(crate) fn accepted(&self, slot: Slot) -> Instant {
        self.slots[slot.0].accepted
    }

    pub(crate) fn deadline(&self, slot: Slot) -> Option<Instant> {
        self.slots[slot.0].deadline
    }

    /// Failures of the destination in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.destination.failures()
    }

    pub(crate) fn under_way(&self) -> usize {
        self.under_way
    }

    pub(crate) fn stats(&self, now: Instant) -> QueueStats {
        let oldest = self.slots.by_age().next().map(|slot| self.slots[slot].accepted);
        QueueStats {
            events: self.slots.len(),
            bytes: self.bytes,
            oldest_age: oldest.map(|accepted| now.saturating_duration_since(accepted)),
            waiting: self.line.len(),
            paused: self.destination.failures() > 0,
        }
    }

    /// What slots, lanes and timers have memory for.
    #[cfg(test)]
    pub(super) fn places(&self) -> [usize; 3] {
        [self.slots.places(), self.lanes.places(), self.timers.places()]
    }

    fn fits(&self, bytes: usize) -> bool {
        self.slots.len() < self.limits.events && bytes <= self.limits.bytes.saturating_sub(self.bytes)
    }

    fn would_fit(&self, bytes: usize) -> bool {
        let left = self.limits.bytes.saturating_sub(self.bytes_under_way);
        self.under_way < self.limits.events && bytes <= left
    }

    fn is_under_way(&self, slot: u32) -> bool {
        self.lanes.is_busy_with(self.slots[slot].lane, slot)
    }

    /// While it waits an event is given up at its deadline; under way its attempt ends it.
    fn await_deadline(&mut self, slot: u32) {
        if let Some(deadline) = self.slots[slot].deadline {
            self.timers.set(Timer::Event(slot), deadline);
        }
    }

    fn end_attempt(&mut self, slot: u32, word: Word) {
        let Entry { epoch, bytes, .. } = self.slots[slot];
        self.under_way -= 1;
        self.bytes_under_way -= bytes;
        match word {
            Word::Answered => self.destination.answered(epoch),
            Word::Away(until) if !self.closing => self.destination.failed(epoch, until),
            Word::Away(_) | Word::Silent => self.destination.ended(epoch),
        }
    }

    fn take(&mut self, slot: u32) -> T {
        let lane = self.slots[slot].lane;
        if self.lanes.head(lane) == slot && self.lanes.phase(lane) == Phase::Resting {
            self.timers.clear(Timer::Lane(lane));
        }
        self.timers.clear(Timer::Event(slot));
        self.lanes.remove(lane, slot, &mut self.slots);
        self.bytes -= self.slots[slot].bytes;
        self.slots.remove(slot)
    }
}

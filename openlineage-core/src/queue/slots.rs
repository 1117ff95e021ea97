use std::ops::{Index, IndexMut};
use std::time::Instant;

/// No slot, no lane.
pub(super) const NONE: u32 = u32::MAX;

/// An empty queue gives back what a burst has made grow beyond this.
pub(super) const KEPT: usize = 64;

/// The events of a queue in one allocation, linked in the order in which they were accepted.
#[derive(Debug)]
pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    oldest: u32,
    newest: u32,
    count: usize,
}

#[derive(Debug)]
enum Slot<T> {
    Free { next: u32 },
    Held(Entry<T>),
}

/// One accepted event.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) item: T,
    pub(super) accepted: Instant,
    /// When it is given up.
    pub(super) deadline: Option<Instant>,
    pub(super) bytes: usize,
    pub(super) lane: u32,
    /// Its neighbours in its lane.
    pub(super) ahead: u32,
    pub(super) behind: u32,
    /// Of the attempt under way.
    pub(super) epoch: u32,
    older: u32,
    newer: u32,
}

impl<T> Slots<T> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE, oldest: NONE, newest: NONE, count: 0 }
    }

    /// Holds an event that belongs to no lane yet.
    pub(super) fn insert(&mut self, item: T, bytes: usize, accepted: Instant, deadline: Option<Instant>) -> u32 {
        let (lane, ahead, behind, epoch, older, newer) = (NONE, NONE, NONE, 0, self.newest, NONE);
        let entry = Entry { item, accepted, deadline, bytes, lane, ahead, behind, epoch, older, newer };
        let slot = self.place(entry);
        match self.newest {
            NONE => self.oldest = slot,
            newest => self[newest].newer = slot,
        }
        self.newest = slot;
        self.count += 1;
        slot
    }

    pub(super) fn remove(&mut self, slot: u32) -> T {
        let next = self.free;
        let Slot::Held(entry) = std::mem::replace(&mut self.slots[slot as usize], Slot::Free { next }) else {
            unreachable!("slot {slot} is free");
        };
        self.free = slot;
        match entry.older {
            NONE => self.oldest = entry.newer,
            older => self[older].newer = entry.newer,
        }
        match entry.newer {
            NONE => self.newest = entry.older,
            newer => self[newer].older = entry.older,
        }
        self.count -= 1;
        if self.count == 0 && self.slots.capacity() > KEPT {
            *self = Self::new();
        }
        entry.item
    }

    /// What is held there, if anything is.
    pub(super) fn get(&self, slot: u32) -> Option<&Entry<T>> {
        match self.slots.get(slot as usize)? {
            Slot::Held(entry) => Some(entry),
            Slot::Free { .. } => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// From the oldest on.
    pub(super) fn by_age(&self) -> impl Iterator<Item = u32> {
        let next = |&slot: &u32| Some(self[slot].newer).filter(|newer| *newer != NONE);
        std::iter::successors(Some(self.oldest).filter(|oldest| *oldest != NONE), next)
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.slots.capacity()
    }

    fn place(&mut self, entry: Entry<T>) -> u32 {
        if self.free == NONE {
            self.slots.push(Slot::Held(entry));
            return self.slots.len() as u32 - 1;
        }
        let slot = self.free;
        if let Slot::Free { next } = std::mem::replace(&mut self.slots[slot as usize], Slot::Held(entry)) {
            self.free = next;
        }
        slot
    }
}

impl<T> Index<u32> for Slots<T> {
    type Output = Entry<T>;

    fn index(&self, slot: u32) -> &Entry<T> {
        match &self.slots[slot as usize] {
            Slot::Held(entry) => entry,
            Slot::Free { .. } => unreachable!("slot {slot} is free"),
        }
    }
}

impl<T> IndexMut<u32> for Slots<T> {
    fn index_mut(&mut self, slot: u32) -> &mut Entry<T> {
        match &mut self.slots[slot as usize] {
            Slot::Held(entry) => entry,
            Slot::Free { .. } => unreachable!("slot {slot} is free"),
        }
    }
}

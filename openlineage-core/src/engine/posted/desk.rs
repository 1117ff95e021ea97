use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Instant;

/// Half of a number is a place, the other half tells the events apart that have had it.
const HALF: u32 = usize::BITS / 2;
const PLACE: usize = (1 << HALF) - 1;

/// Stale deadlines that are kept before the list is cleaned, beside as many as there are live ones.
const STALE: usize = 64;

/// Which events a destination has, who waits for room, and when something is due: no lock, no clock, no runtime.
///
/// `H` is what is held of an accepted event until it is settled, `W` a caller in the line for room.
pub(super) struct Desk<H, W> {
    room: Room,
    places: Vec<Place<H>>,
    free: Vec<usize>,
    line: BTreeMap<u64, Waiting<W>>,
    next_in_line: u64,
    /// Somebody is posting for the line, which nobody may overtake.
    seating: bool,
    due: BinaryHeap<Reverse<(Instant, Due)>>,
    deadlines: usize,
    /// When somebody will look at what is due. It stands when there is nothing any more: then it rings once in vain, which
    /// is cheaper than to be woken for each event to set it anew.
    alarm: Option<Instant>,
    /// The connection that events are posted to; none before the first and between two.
    connection: Option<u32>,
}

struct Room {
    events: usize,
    bytes: usize,
    used_events: usize,
    used_bytes: usize,
}

struct Place<H> {
    mark: usize,
    taken: Option<Taken<H>>,
}

struct Taken<H> {
    connection: u32,
    bytes: usize,
    since: Instant,
    has_deadline: bool,
    /// None once the event has met its fate, while the destination still has it.
    held: Option<H>,
}

struct Waiting<W> {
    who: W,
    bytes: usize,
    has_deadline: bool,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Due {
    Event(usize),
    Caller(u64),
}

/// What a deadline has ended.
pub(super) enum Overdue<H, W> {
    Event(H),
    Caller(W),
}

/// What a report is about.
#[derive(Debug, PartialEq)]
pub(super) enum Heard<H> {
    /// An event that waits for it, and when it was taken on.
    Settled(H, Instant),
    /// An event that was given up before.
    Late,
    /// None that is known.
    Unknown,
}

impl<H, W> Desk<H, W> {
    pub(super) fn new(events: usize, bytes: usize) -> Self {
        Self {
            room: Room { events: events.clamp(1, PLACE), bytes: bytes.max(1), used_events: 0, used_bytes: 0 },
            places: Vec::new(),
            free: Vec::new(),
            line: BTreeMap::new(),
            next_in_line: 0,
            seating: false,
            due: BinaryHeap::new(),
            deadlines: 0,
            alarm: None,
            connection: None,
        }
    }

    /// Most events.
    pub(super) fn capacity(&self) -> usize {
        self.room.events
    }

    /// Events and bytes that take up room.
    pub(super) fn used(&self) -> (usize, usize) {
        (self.room.used_events, self.room.used_bytes)
    }

    pub(super) fn waiting(&self) -> usize {
        self.line.len()
    }

    /// When the oldest event was accepted of which nothing has been reported.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.places.iter().filter_map(|place| place.taken.as_ref()).map(|taken| taken.since).min()
    }

    pub(super) fn connect(&mut self, connection: u32) {
        self.connection = Some(connection);
    }

    pub(super) fn is_connected_to(&self, connection: u32) -> bool {
        self.connection == Some(connection)
    }

    /// May an event of this size be posted now, without overtaking anybody?
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.line.is_empty() && !self.seating && self.room.fits(bytes)
    }

    /// Takes an event on. Returns its number.
    pub(super) fn take(&mut self, held: H, bytes: usize, since: Instant, until: Option<Instant>) -> usize {
        let connection = self.connection.unwrap_or_default();
        let taken = Taken { connection, bytes, since, has_deadline: until.is_some(), held: Some(held) };
        self.room.used_events += 1;
        self.room.used_bytes += bytes;
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { mark: 0, taken: None });
            self.places.len() - 1
        });
        self.places[place].taken = Some(taken);
        let number = self.places[place].mark << HALF | place;
        self.set_due(until, Due::Event(number));
        number
    }

    /// Puts a caller at the end of the line. Returns its place there.
    pub(super) fn stand(&mut self, who: W, bytes: usize, until: Option<Instant>) -> u64 {
        let place = self.next_in_line;
        self.next_in_line += 1;
        self.line.insert(place, Waiting { who, bytes, has_deadline: until.is_some() });
        self.set_due(until, Due::Caller(place));
        place
    }

    /// Takes a caller out of the line.
    pub(super) fn leave(&mut self, place: u64) -> Option<W> {
        let waiting = self.line.remove(&place)?;
        self.deadlines -= usize::from(waiting.has_deadline);
        Some(waiting.who)
    }

    /// The first in line, if there is room for it and nobody else is being seated. Until [`seated`](Self::seated) nobody else is served.
    pub(super) fn seat(&mut self) -> Option<(W, usize)> {
        let (place, waiting) = self.line.first_key_value()?;
        let (place, bytes) = (*place, waiting.bytes);
        if self.seating || self.connection.is_none() || !self.room.fits(bytes) {
            return None;
        }
        self.seating = true;
        self.leave(place).map(|who| (who, bytes))
    }

    pub(super) fn seated(&mut self) {
        self.seating = false;
    }

    /// Something was reported of this number: its room is free again.
    pub(super) fn hear(&mut self, number: usize) -> Heard<H> {
        let index = number & PLACE;
        let Some(place) = self.places.get_mut(index).filter(|place| place.mark == number >> HALF) else {
            return Heard::Unknown;
        };
        let Some(taken) = place.taken.take() else { return Heard::Unknown };
        self.vacate(index, &taken);
        match taken.held {
            Some(held) => {
                self.deadlines -= usize::from(taken.has_deadline);
                Heard::Settled(held, taken.since)
            }
            None => Heard::Late,
        }
    }

    fn vacate(&mut self, index: usize, taken: &Taken<H>) {
        self.room.used_events -= 1;
        self.room.used_bytes -= taken.bytes;
        let place = &mut self.places[index];
        place.mark = (place.mark + 1) & PLACE;
        self.free.push(index);
    }

    /// What is due by now. An event of which nothing has been reported keeps its room.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<Overdue<H, W>> {
        let mut overdue = Vec::new();
        while let Some(Reverse((_, due))) = self.due.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.due.pop();
            overdue.extend(self.end(due));
        }
        overdue
    }

    fn end(&mut self, due: Due) -> Option<Overdue<H, W>> {
        match due {
            Due::Caller(place) => self.leave(place).map(Overdue::Caller),
            Due::Event(number) => {
                let held = self.waits(number)?.held.take()?;
                self.deadlines -= 1;
                Some(Overdue::Event(held))
            }
        }
    }

    /// Has somebody to be told that something is due at `at`, because they would look later or not at all?
    pub(super) fn rings_sooner(&mut self, at: Instant) -> bool {
        let sooner = self.alarm.is_none_or(|alarm| at < alarm);
        if sooner {
            self.alarm = Some(at);
        }
        sooner
    }

    /// When whoever asks has to look again.
    pub(super) fn set_alarm(&mut self) -> Option<Instant> {
        self.alarm = self.next_due();
        self.alarm
    }

    fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, due))) = self.due.peek().copied() {
            if self.is_live(due) {
                return Some(at);
            }
            self.due.pop();
        }
        None
    }

    fn waits(&mut self, number: usize) -> Option<&mut Taken<H>> {
        let place = self.places.get_mut(number & PLACE)?;
        place.taken.as_mut().filter(|_| place.mark == number >> HALF)
    }

    fn set_due(&mut self, until: Option<Instant>, due: Due) {
        let Some(at) = until else { return };
        self.deadlines += 1;
        self.due.push(Reverse((at, due)));
        if self.due.len() > 2 * self.deadlines + STALE {
            let all = std::mem::take(&mut self.due);
            self.due = all.into_iter().filter(|Reverse((_, due))| self.is_live(*due)).collect();
        }
    }

    fn is_live(&mut self, due: Due) -> bool {
        match due {
            Due::Caller(place) => self.line.contains_key(&place),
            Due::Event(number) => self.waits(number).is_some_and(|taken| taken.held.is_some()),
        }
    }

    /// Ends every event that waits for a report. Each keeps its room.
    pub(super) fn give_up(&mut self) -> Vec<H> {
        let held = self.places.iter_mut().filter_map(|place| place.taken.as_mut()?.held.take()).collect();
        self.deadlines = self.line.values().filter(|waiting| waiting.has_deadline).count();
        held
    }

    /// Empties the line.
    pub(super) fn dismiss(&mut self) -> Vec<W> {
        let line = std::mem::take(&mut self.line);
        self.deadlines -= line.values().filter(|waiting| waiting.has_deadline).count();
        line.into_values().map(|waiting| waiting.who).collect()
    }

    /// Forgets the connection and everything that was posted to it.
    pub(super) fn forget(&mut self, connection: u32) -> Vec<H> {
        if self.connection == Some(connection) {
            self.connection = None;
        }
        let mut lost = Vec::new();
        for index in 0..self.places.len() {
            let place = &mut self.places[index];
            let Some(taken) = place.taken.take_if(|taken| taken.connection == connection) else { continue };
            self.vacate(index, &taken);
            self.deadlines -= usize::from(taken.has_deadline && taken.held.is_some());
            lost.extend(taken.held);
        }
        lost
    }
}

impl Room {
    fn fits(&self, bytes: usize) -> bool {
        self.used_events < self.events && self.used_bytes + bytes <= self.bytes
    }
}

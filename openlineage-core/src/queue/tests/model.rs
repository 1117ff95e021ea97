use std::time::Duration;

use super::super::{Limits, QueueStats};

/// Milliseconds since a script began.
pub(super) type Time = u64;

/// The rules of the queue, as plain as they can be: lists that are searched from end to end, nothing remembered that can
/// be counted.
#[derive(Clone, Debug)]
pub(super) struct Model {
    limits: Limits,
    /// In the order in which they were accepted.
    held: Vec<Held>,
    line: Vec<Waiting>,
    /// Lanes whose first event may start.
    turns: Vec<Turn>,
    /// Everything that the destination was heard to say, and the press.
    heard: Vec<Heard>,
    closing: bool,
    calls: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: u32,
    pub(super) lane: u128,
    pub(super) bytes: usize,
    pub(super) accepted: Time,
    pub(super) deadline: Option<Time>,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Waits,
    /// Since the destination had been heard so many times.
    UnderWay(usize),
    Rests(Time),
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) id: u32,
    pub(super) lane: u128,
    pub(super) bytes: usize,
    pub(super) deadline: Option<Time>,
    pub(super) until: Option<Time>,
}

/// Lanes that joined in the same call and at the same moment have no order among each other.
#[derive(Clone, Debug)]
struct Turn {
    lane: u128,
    since: (usize, Time),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Heard {
    Answer,
    Failure(Time),
    Press,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    Answered,
    Silent,
    Away(Time),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    Event(u32),
    Offer(u32),
}

impl Model {
    pub(super) fn new(limits: Limits) -> Self {
        let (held, line, turns, heard) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { limits, held, line, turns, heard, closing: false, calls: 0 }
    }

    pub(super) fn held(&self) -> &[Held] {
        &self.held
    }

    pub(super) fn under_way(&self) -> Vec<u32> {
        self.held.iter().filter(|event| event.is_under_way()).map(|event| event.id).collect()
    }

    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.line.is_empty() && self.fits(bytes, |_| true)
    }

    pub(super) fn could_have_room(&self, bytes: usize) -> bool {
        self.line.is_empty() && self.fits(bytes, Held::is_under_way)
    }

    pub(super) fn accept(&mut self, offer: Waiting, now: Time) {
        let Waiting { id, lane, bytes, deadline, .. } = offer;
        self.held.push(Held { id, lane, bytes, accepted: now, deadline, state: State::Waits });
        self.called();
    }

    pub(super) fn take_oldest(&mut self) -> Option<u32> {
        let id = self.held.iter().find(|event| !event.is_under_way())?.id;
        self.remove(id);
        self.called();
        Some(id)
    }

    pub(super) fn wait(&mut self, offer: Waiting) {
        self.line.push(offer);
    }

    pub(super) fn admit(&mut self) -> Option<Waiting> {
        let fits = self.line.first().is_some_and(|first| self.fits(first.bytes, |_| true));
        fits.then(|| self.line.remove(0))
    }

    pub(super) fn withdraw(&mut self, id: u32) -> Option<u32> {
        let at = self.line.iter().position(|waiting| waiting.id == id)?;
        Some(self.line.remove(at).id)
    }

    pub(super) fn turn_away(&mut self) -> Option<u32> {
        (!self.line.is_empty()).then(|| self.line.remove(0).id)
    }

    /// Those of which one may start now: more than one where no rule says which.
    pub(super) fn startable(&self, now: Time) -> Vec<u32> {
        if !self.has_window() || self.pause().is_some_and(|until| until > now) {
            return Vec::new();
        }
        let Some(first) = self.turns.iter().map(|turn| turn.since).min() else { return Vec::new() };
        let lanes = self.turns.iter().filter(|turn| turn.since == first);
        lanes.filter_map(|turn| self.first_of(turn.lane)).map(|event| event.id).collect()
    }

    pub(super) fn start(&mut self, id: u32) {
        let began = self.heard.len();
        self.set(id, State::UnderWay(began));
        self.called();
    }

    pub(super) fn finish(&mut self, id: u32, said: Said) {
        self.hear(id, said);
        self.remove(id);
        self.called();
    }

    pub(super) fn retry(&mut self, id: u32, said: Said, rest: Option<Time>) {
        self.hear(id, said);
        let state = match (rest, said) {
            (Some(until), _) => State::Rests(until),
            (None, Said::Away(until)) if self.closing => State::Rests(until),
            (None, _) => State::Waits,
        };
        self.set(id, state);
        self.called();
    }

    /// What ends next by `now`: more than one where several end at the same moment.
    pub(super) fn due(&mut self, now: Time) -> Vec<Due> {
        while let Some(moment) = self.moments().min().filter(|moment| *moment <= now) {
            for event in self.held.iter_mut().filter(|event| event.state == State::Rests(moment)) {
                event.state = State::Waits;
            }
            self.take_turns(moment);
            let events = self.held.iter().filter(|event| event.gives_up() == Some(moment));
            let offers = self.line.iter().filter(|waiting| waiting.until == Some(moment));
            let events = events.map(|event| Due::Event(event.id));
            let due: Vec<Due> = events.chain(offers.map(|waiting| Due::Offer(waiting.id))).collect();
            if !due.is_empty() {
                return due;
            }
        }
        Vec::new()
    }

    /// One of those that are [due](Self::due) at this moment is gone.
    pub(super) fn expire(&mut self, gone: Due) {
        match gone {
            Due::Offer(id) => self.line.retain(|waiting| waiting.id != id),
            Due::Event(id) => {
                let moment = self.held.iter().find(|event| event.id == id).and_then(|event| event.deadline);
                self.remove(id);
                self.take_turns(moment.unwrap_or_default());
            }
        }
    }

    pub(super) fn press(&mut self) {
        self.closing = true;
        self.heard.push(Heard::Press);
        for event in self.held.iter_mut().filter(|event| matches!(event.state, State::Rests(_))) {
            event.state = State::Waits;
        }
        self.called();
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        let waits_for_pause = self.has_window() && !self.turns.is_empty();
        self.moments().chain(self.pause().filter(|_| waits_for_pause)).min()
    }

    /// The first moment after `now` at which time alone lets an event end or start, tried one moment after the other.
    pub(super) fn first_change(&self, now: Time) -> Option<Time> {
        let mut moments: Vec<Time> = self.moments().chain(self.pause()).filter(|moment| *moment > now).collect();
        moments.sort_unstable();
        moments.into_iter().find(|moment| !self.is_quiet(*moment))
    }

    /// Is there nothing that could end or start at that moment?
    pub(super) fn is_quiet(&self, now: Time) -> bool {
        let mut then = self.clone();
        then.due(now).is_empty() && then.startable(now).is_empty()
    }

    pub(super) fn failures(&self) -> u32 {
        self.heard.iter().rev().take_while(|heard| matches!(heard, Heard::Failure(_))).count() as u32
    }

    pub(super) fn stats(&self, now: Time) -> QueueStats {
        let oldest = self.held.first().map(|event| Duration::from_millis(now - event.accepted));
        QueueStats {
            events: self.held.len(),
            bytes: self.held.iter().map(|event| event.bytes).sum(),
            oldest_age: oldest,
            waiting: self.line.len(),
            paused: self.failures() > 0,
        }
    }

    fn fits(&self, bytes: usize, stays: impl Fn(&Held) -> bool) -> bool {
        let staying = || self.held.iter().filter(|event| stays(event));
        let sum: usize = staying().map(|event| event.bytes).sum();
        staying().count() < self.limits.events && sum + bytes <= self.limits.bytes
    }

    /// May one more be under way, as far as numbers go?
    fn has_window(&self) -> bool {
        let eras = || self.held.iter().filter_map(|event| event.began());
        let counted = eras().filter(|began| self.counts(*began)).count();
        eras().count() < self.limits.concurrent && counted < self.window()
    }

    /// One probe after a failure, and one more with every answer since.
    fn window(&self) -> usize {
        match self.heard.iter().rposition(|heard| *heard != Heard::Answer) {
            Some(last) if matches!(self.heard[last], Heard::Failure(_)) => self.heard.len() - last,
            _ => self.limits.concurrent,
        }
    }

    fn pause(&self) -> Option<Time> {
        match self.heard.last() {
            Some(Heard::Failure(until)) => Some(*until),
            _ => None,
        }
    }

    /// What began before a failure says nothing about the time after it.
    fn counts(&self, began: usize) -> bool {
        !self.heard[began..].iter().any(|heard| matches!(heard, Heard::Failure(_)))
    }

    fn hear(&mut self, id: u32, said: Said) {
        let began = self.held.iter().find(|event| event.id == id).and_then(Held::began);
        if !began.is_some_and(|began| self.counts(began)) {
            return;
        }
        match said {
            Said::Answered => self.heard.push(Heard::Answer),
            Said::Away(until) if !self.closing => self.heard.push(Heard::Failure(until)),
            Said::Away(_) | Said::Silent => {}
        }
    }

    /// Every moment that something waits for, except for the end of the pause.
    fn moments(&self) -> impl Iterator<Item = Time> {
        let rests = self.held.iter().filter_map(|event| match event.state {
            State::Rests(until) => Some(until),
            State::Waits | State::UnderWay(_) => None,
        });
        let untils = self.line.iter().filter_map(|waiting| waiting.until);
        rests.chain(self.held.iter().filter_map(Held::gives_up)).chain(untils)
    }

    fn first_of(&self, lane: u128) -> Option<&Held> {
        self.held.iter().find(|event| event.lane == lane)
    }

    fn set(&mut self, id: u32, state: State) {
        for event in self.held.iter_mut().filter(|event| event.id == id) {
            event.state = state;
        }
    }

    fn remove(&mut self, id: u32) {
        self.held.retain(|event| event.id != id);
    }

    fn called(&mut self) {
        self.calls += 1;
        self.take_turns(0);
    }

    /// A lane stands in line for as long as its first event may start.
    fn take_turns(&mut self, moment: Time) {
        let mut waits: Vec<u128> = Vec::new();
        for event in self.held.iter().filter(|event| event.state == State::Waits) {
            if self.first_of(event.lane).is_some_and(|first| first.id == event.id) {
                waits.push(event.lane);
            }
        }
        self.turns.retain(|turn| waits.contains(&turn.lane));
        for lane in waits {
            if !self.turns.iter().any(|turn| turn.lane == lane) {
                self.turns.push(Turn { lane, since: (self.calls, moment) });
            }
        }
    }
}

impl Held {
    fn is_under_way(&self) -> bool {
        self.began().is_some()
    }

    fn began(&self) -> Option<usize> {
        match self.state {
            State::UnderWay(began) => Some(began),
            State::Waits | State::Rests(_) => None,
        }
    }

    /// Under way it is left to its attempt.
    fn gives_up(&self) -> Option<Time> {
        self.deadline.filter(|_| !self.is_under_way())
    }
}

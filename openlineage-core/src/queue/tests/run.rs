use std::time::{Duration, Instant};

use super::super::{Expired, Machine, Offer, Place, QueueStats, Slot, Word};
use super::model::{Due, Held, Model, Said, Time, Waiting};
use super::op::{Op, Says, Script, Shape};
use super::watch::Watch;

/// Lanes differ in either half of their keys.
const LANES: [u128; 6] = [0, 1, 1 << 64, (1 << 64) | 1, u128::MAX, 1 << 127];

/// A queue and its model, asked the same.
pub(super) struct Run {
    machine: Machine<u32, u32>,
    model: Model,
    watch: Watch,
    base: Instant,
    now: Time,
    /// By the number of the event.
    slots: Vec<Option<Slot>>,
    /// Those still in line and some that are not.
    places: Vec<(u32, Place)>,
    closing: bool,
    lanes: u8,
    asked: usize,
}

/// How many operations it was asked; the answers were compared after each.
pub(super) fn run(script: &Script) -> usize {
    let mut run = Run {
        machine: Machine::new(script.limits),
        model: Model::new(script.limits),
        watch: Watch::new(script.limits),
        base: Instant::now(),
        // Moments may lie before it.
        now: 10,
        slots: Vec::new(),
        places: Vec::new(),
        closing: false,
        lanes: script.lanes,
        asked: 0,
    };
    for op in &script.ops {
        run.ask(*op);
        run.compare();
    }
    let asked = run.asked;
    run.empty(script.pressed);
    asked
}

impl Run {
    fn ask(&mut self, op: Op) {
        self.asked += 1;
        match op {
            Op::Start => _ = self.start(),
            Op::Accept(shape) => self.offer(shape, false),
            Op::Displace(shape) => self.offer(shape, true),
            Op::Finish { which, says } => self.end(which, says, None),
            Op::Retry { which, says, rest } => self.end(which, says, Some(rest)),
            Op::Pass(steps) => self.now += Time::from(steps),
            Op::ExpireOne => _ = self.expire(),
            Op::ExpireAll => while self.expire() {},
            Op::Admit => _ = self.admit(),
            Op::Withdraw(which) => self.withdraw(which),
            Op::TakeOldest => _ = self.take_oldest(),
            Op::TurnAway => assert_eq!(self.machine.turn_away(), self.model.turn_away()),
            Op::Press => self.press(),
        }
    }

    fn offer(&mut self, shape: Shape, displace: bool) {
        let id = self.slots.len() as u32;
        let (lane, bytes) = (LANES[usize::from(shape.lane % self.lanes)], usize::from(shape.bytes));
        let (deadline, until) = (self.moment(shape.lives), self.moment(shape.waits));
        self.slots.push(None);
        assert_eq!(self.machine.has_room(bytes), self.model.has_room(bytes));
        assert_eq!(self.machine.could_have_room(bytes), self.model.could_have_room(bytes));
        while displace && self.machine.could_have_room(bytes) && !self.machine.has_room(bytes) {
            assert!(self.take_oldest(), "there could be room, but there is nothing to take");
        }
        if self.machine.has_room(bytes) {
            return self.accept(Waiting { id, lane, bytes, deadline, until });
        }
        let offer = Offer { lane, bytes, deadline: self.instant(deadline), item: id };
        let place = self.machine.wait(offer, self.instant(until));
        self.model.wait(Waiting { id, lane, bytes, deadline, until });
        self.places.push((id, place));
    }

    fn accept(&mut self, offer: Waiting) {
        let Waiting { id, lane, bytes, deadline, .. } = offer;
        let asked = Offer { lane, bytes, deadline: self.instant(deadline), item: id };
        let slot = self.machine.accept(asked, self.base + Duration::from_millis(self.now));
        self.watch.accepted(id, lane, bytes, slot);
        self.slots[id as usize] = Some(slot);
        self.model.accept(offer, self.now);
    }

    fn admit(&mut self) -> bool {
        let (answer, expected) = (self.machine.admit(), self.model.admit());
        assert_eq!(answer.as_ref().map(|offer| offer.item), expected.as_ref().map(|waiting| waiting.id));
        let (Some(answer), Some(expected)) = (answer, expected) else { return false };
        assert_eq!((answer.lane, answer.bytes), (expected.lane, expected.bytes));
        assert_eq!(answer.deadline, self.instant(expected.deadline));
        self.accept(expected);
        true
    }

    fn withdraw(&mut self, which: u8) {
        if self.places.is_empty() {
            return;
        }
        let (id, place) = self.places[usize::from(which) % self.places.len()];
        assert_eq!(self.machine.withdraw(place), self.model.withdraw(id));
        assert_eq!(self.machine.withdraw(place), None);
    }

    fn take_oldest(&mut self) -> bool {
        let taken = self.machine.take_oldest();
        assert_eq!(taken, self.model.take_oldest());
        taken.inspect(|id| self.watch.gone(*id)).is_some()
    }

    fn start(&mut self) -> bool {
        let expected = self.model.startable(self.now);
        let Some(slot) = self.machine.start(self.base + Duration::from_millis(self.now)) else {
            assert!(expected.is_empty(), "nothing starts, though {expected:?} may");
            return false;
        };
        let id = *self.machine.item(slot);
        assert!(expected.contains(&id), "{id} starts instead of {expected:?}");
        assert_eq!(self.slots[id as usize], Some(slot));
        self.model.start(id);
        self.watch.started(id, self.now);
        true
    }

    fn end(&mut self, which: u8, says: Says, rest: Option<Option<i8>>) {
        let under_way = self.model.under_way();
        if under_way.is_empty() {
            _ = self.start();
            return;
        }
        let id = under_way[usize::from(which) % under_way.len()];
        let slot = self.slots[id as usize].unwrap();
        let (said, word) = self.word(says);
        let before = self.machine.failures();
        match rest {
            None => {
                assert_eq!(self.machine.finish(slot, word), id);
                self.model.finish(id, said);
            }
            Some(rest) => {
                let rest = self.moment(rest);
                self.machine.retry(slot, word, self.instant(rest));
                self.model.retry(id, said, rest);
            }
        }
        self.watch.ended(id, said, self.closing, (before, self.machine.failures()));
        if rest.is_none() {
            self.watch.gone(id);
        }
    }

    fn expire(&mut self) -> bool {
        let expected = self.model.due(self.now);
        let gone = match self.machine.expire(self.base + Duration::from_millis(self.now)) {
            None => {
                assert!(expected.is_empty(), "nothing has ended, though {expected:?} should");
                return false;
            }
            Some(Expired::Event(accepted, id)) => {
                let known = self.model.held().iter().find(|event| event.id == id).unwrap();
                assert_eq!(accepted, self.base + Duration::from_millis(known.accepted));
                Due::Event(id)
            }
            Some(Expired::Offer(id)) => Due::Offer(id),
        };
        assert!(expected.contains(&gone), "{gone:?} ends instead of {expected:?}");
        self.model.expire(gone);
        if let Due::Event(id) = gone {
            self.watch.gone(id);
        }
        true
    }

    fn press(&mut self) {
        self.machine.press();
        self.model.press();
        self.watch.pressed();
        self.closing = true;
    }

    fn compare(&mut self) {
        let stats = self.stats();
        assert_eq!(stats, self.model.stats(self.now));
        assert_eq!(self.machine.failures(), self.model.failures());
        assert_eq!(self.machine.under_way(), self.model.under_way().len());
        self.watch.count(stats.events);
        for Held { id, accepted, deadline, .. } in self.model.held() {
            let slot = self.slots[*id as usize].unwrap();
            assert_eq!(self.machine.item(slot), id);
            assert_eq!(self.machine.accepted(slot), self.base + Duration::from_millis(*accepted));
            assert_eq!(self.machine.deadline(slot), self.instant(*deadline));
        }
        let wake = self.machine.next_wake();
        assert_eq!(wake, self.instant(self.model.next_wake()));
        if self.model.is_quiet(self.now) {
            let change = self.instant(self.model.first_change(self.now));
            assert!(change.is_none_or(|change| wake.is_some_and(|wake| wake <= change)), "it would sleep too long");
        }
    }

    /// The queue becomes empty, if the destination answers and the queue is called when it wants to be.
    fn empty(&mut self, pressed: bool) {
        if pressed {
            self.press();
        }
        while self.stats() != QueueStats::default() {
            let mut acted = false;
            while self.expire() || self.admit() || self.start() {
                acted = true;
                self.compare();
            }
            while !self.model.under_way().is_empty() {
                acted = true;
                self.end(0, Says::Answered, None);
                self.compare();
            }
            if acted {
                continue;
            }
            let wake = self.machine.next_wake().expect("events are held, and nothing will ever happen");
            let wake = wake.duration_since(self.base).as_millis() as Time;
            assert!(wake > self.now, "woken for nothing");
            self.now = wake;
        }
        assert_eq!(self.machine.next_wake(), None);
    }

    fn stats(&self) -> QueueStats {
        self.machine.stats(self.base + Duration::from_millis(self.now))
    }

    fn word(&self, says: Says) -> (Said, Word) {
        match says {
            Says::Answered => (Said::Answered, Word::Answered),
            Says::Silent => (Said::Silent, Word::Silent),
            Says::Away(steps) => {
                let until = self.now.saturating_add_signed(steps.into());
                (Said::Away(until), Word::Away(self.base + Duration::from_millis(until)))
            }
        }
    }

    fn moment(&self, steps: Option<i8>) -> Option<Time> {
        steps.map(|steps| self.now.saturating_add_signed(steps.into()))
    }

    fn instant(&self, moment: Option<Time>) -> Option<Instant> {
        moment.map(|moment| self.base + Duration::from_millis(moment))
    }
}

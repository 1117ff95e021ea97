//! The desk beside a list that is searched from end to end.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::desk::{Desk, Heard, Overdue};

const EVENTS: usize = 4;
const BYTES: usize = 10;

#[derive(Clone, Debug)]
enum Step {
    /// An event of so many bytes comes, with or without a deadline at this moment.
    Come(usize, Option<u64>),
    /// The event that came as this one, if there was one, is reported.
    Hear(usize),
    /// The caller that came as this one gives up.
    Leave(usize),
    /// Whoever may be seated is.
    Seat,
    /// It is this moment now.
    Look(u64),
    GiveUp,
    Dismiss,
    /// The connection ends and another one comes.
    Renew,
}

fn step() -> impl Strategy<Value = Step> {
    let until = proptest::option::weighted(0.7, 0..40_u64);
    prop_oneof![
        8 => (1..7_usize, until).prop_map(|(bytes, until)| Step::Come(bytes, until)),
        6 => (0..60_usize).prop_map(Step::Hear),
        2 => (0..60_usize).prop_map(Step::Leave),
        4 => Just(Step::Seat),
        3 => (0..40_u64).prop_map(Step::Look),
        1 => Just(Step::GiveUp),
        1 => Just(Step::Dismiss),
        1 => Just(Step::Renew),
    ]
}

/// One that came. Its name is its place in the order of coming.
#[derive(Debug)]
struct One {
    bytes: usize,
    until: Option<Instant>,
    /// What it is known by: its number at the desk, or its place in line.
    number: Option<usize>,
    place: Option<u64>,
    connection: u32,
    is_held: bool,
}

struct Beside {
    desk: Desk<usize, usize>,
    all: Vec<One>,
    began: Instant,
    connection: u32,
}

impl Beside {
    fn new() -> Self {
        let mut desk = Desk::new(EVENTS, BYTES);
        desk.connect(1);
        Self { desk, all: Vec::new(), began: Instant::now(), connection: 1 }
    }

    fn at(&self, moment: u64) -> Instant {
        self.began + Duration::from_millis(moment)
    }

    fn used(&self) -> (usize, usize) {
        let taken = self.all.iter().filter(|one| one.number.is_some());
        taken.fold((0, 0), |(events, bytes), one| (events + 1, bytes + one.bytes))
    }

    fn fits(&self, bytes: usize) -> bool {
        let (events, used) = self.used();
        events < EVENTS && used + bytes <= BYTES
    }

    fn line(&self) -> Vec<usize> {
        (0..self.all.len()).filter(|name| self.all[*name].place.is_some()).collect()
    }

    fn take(&mut self, name: usize) {
        let one = &mut self.all[name];
        one.number = Some(self.desk.take(name, one.bytes, self.began, one.until));
        (one.place, one.is_held, one.connection) = (None, true, self.connection);
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Come(bytes, until) => {
                let has_room = self.line().is_empty() && self.fits(bytes);
                assert_eq!(self.desk.has_room(bytes), has_room);
                let until = until.map(|moment| self.at(moment));
                let one = One { bytes, until, number: None, place: None, connection: 0, is_held: false };
                self.all.push(one);
                let name = self.all.len() - 1;
                match has_room {
                    true => self.take(name),
                    false => self.all[name].place = Some(self.desk.stand(name, bytes, until)),
                }
            }
            Step::Hear(name) => self.hear(name),
            Step::Leave(name) => {
                let Some(place) = self.all.get_mut(name).and_then(|one| one.place.take()) else { return };
                assert_eq!(self.desk.leave(place), Some(name));
                assert_eq!(self.desk.leave(place), None);
            }
            Step::Seat => self.seat(),
            Step::Look(moment) => self.look(self.at(moment)),
            Step::GiveUp => {
                let mut expected: Vec<_> = (0..self.all.len()).filter(|name| self.all[*name].is_held).collect();
                let mut lost = self.desk.give_up();
                lost.sort_unstable();
                expected.sort_unstable();
                assert_eq!(lost, expected);
                self.all.iter_mut().for_each(|one| one.is_held = false);
            }
            Step::Dismiss => {
                assert_eq!(self.desk.dismiss(), self.line());
                self.all.iter_mut().for_each(|one| one.place = None);
            }
            Step::Renew => self.renew(),
        }
    }

    fn hear(&mut self, name: usize) {
        let Some(one) = self.all.get_mut(name) else { return };
        let Some(number) = one.number.take() else { return };
        let expected = if std::mem::take(&mut one.is_held) { Heard::Settled(name, self.began) } else { Heard::Late };
        assert_eq!(self.desk.hear(number), expected);
        assert_eq!(self.desk.hear(number), Heard::Unknown, "a number is heard once");
    }

    fn seat(&mut self) {
        let first = self.line().first().copied().filter(|name| self.fits(self.all[*name].bytes));
        assert_eq!(self.desk.seat().map(|(name, _)| name), first);
        if let Some(name) = first {
            assert!(!self.desk.has_room(0), "nobody overtakes whoever is being seated");
            assert!(self.desk.seat().is_none());
            self.take(name);
            self.desk.seated();
        }
    }

    fn look(&mut self, now: Instant) {
        let is_due = |one: &One| one.until.is_some_and(|at| at <= now) && (one.is_held || one.place.is_some());
        let mut expected: Vec<_> = (0..self.all.len()).filter(|name| is_due(&self.all[*name])).collect();
        let ended = self.desk.overdue(now).into_iter();
        let mut ended: Vec<_> = ended
            .map(|ended| match ended {
                Overdue::Event(name) | Overdue::Caller(name) => name,
            })
            .collect();
        ended.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ended, expected);
        for name in ended {
            (self.all[name].is_held, self.all[name].place) = (false, None);
        }
    }

    fn renew(&mut self) {
        let of_it = |one: &One| one.number.is_some() && one.connection == self.connection;
        let mut expected: Vec<_> =
            (0..self.all.len()).filter(|name| of_it(&self.all[*name]) && self.all[*name].is_held).collect();
        let mut lost = self.desk.forget(self.connection);
        lost.sort_unstable();
        expected.sort_unstable();
        assert_eq!(lost, expected);
        for one in self.all.iter_mut().filter(|one| one.number.is_some()) {
            (one.number, one.is_held) = (None, false);
        }
        assert!(self.desk.seat().is_none(), "without a connection nobody is seated");
        self.connection += 1;
        self.desk.connect(self.connection);
    }

    fn agrees(&mut self) {
        assert_eq!(self.desk.used(), self.used());
        assert_eq!(self.desk.waiting(), self.line().len());
        let live = self.all.iter().filter(|one| one.is_held || one.place.is_some());
        assert_eq!(self.desk.set_alarm(), live.filter_map(|one| one.until).min());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn the_desk_does_what_a_list_does(steps in proptest::collection::vec(step(), 0..60)) {
        let mut beside = Beside::new();
        for step in &steps {
            beside.step(step);
            beside.agrees();
        }
    }
}

//! Interleaved rounds: everything is measured in each round, in an order that rotates.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use crate::contestant::{Contestant, Load, Sample};

/// One event of warm-up for so many measured ones.
const WARM_UP_SHARE: usize = 10;

/// A contestant and the loads it is measured under.
pub(crate) struct Entrant {
    pub(crate) name: &'static str,
    pub(crate) loads: Vec<Load>,
    pub(crate) contestant: Box<dyn Contestant>,
}

/// What one contestant did under one load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) contestant: &'static str,
    pub(crate) in_flight: usize,
    pub(crate) sample: Sample,
}

/// One round's samples.
#[derive(Debug, Clone)]
pub(crate) struct Round(pub(crate) Vec<Taken>);

impl Round {
    /// What `contestant` did with so many in flight.
    pub(crate) fn sample(&self, contestant: &str, in_flight: usize) -> Option<&Sample> {
        let found = self.0.iter().find(|taken| taken.contestant == contestant && taken.in_flight == in_flight);
        found.map(|taken| &taken.sample)
    }
}

/// Rounds, and how many events all contestants had acknowledged in them, warm-up included.
#[derive(Debug)]
pub(crate) struct Rounds {
    pub(crate) rounds: Vec<Round>,
    pub(crate) acknowledged: usize,
}

/// Takes `count` rounds. Loads of the same number in flight follow each other, so that a ratio spans little time.
pub(crate) fn interleave(entrants: &mut [Entrant], count: usize) -> Result<Rounds> {
    let depths: BTreeSet<usize> = entrants.iter().flat_map(|e| &e.loads).map(|load| load.in_flight).collect();
    let mut taken = Rounds { rounds: Vec::with_capacity(count), acknowledged: 0 };
    for number in 0..count {
        let mut round = Vec::new();
        for &in_flight in &depths {
            for place in rotated(entrants.len(), number) {
                let entrant = &mut entrants[place];
                let Some(&load) = entrant.loads.iter().find(|load| load.in_flight == in_flight) else { continue };
                let sample = measure(entrant, load, &mut taken.acknowledged)?;
                round.push(Taken { contestant: entrant.name, in_flight, sample });
            }
        }
        taken.rounds.push(Round(round));
    }
    Ok(taken)
}

fn measure(entrant: &mut Entrant, load: Load, acknowledged: &mut usize) -> Result<Sample> {
    let warm_up = Load { events: (load.events / WARM_UP_SHARE).max(load.in_flight), ..load };
    let mut run = |load: Load| {
        let sample = entrant.contestant.run(load);
        *acknowledged += load.events;
        sample.with_context(|| format!("`{}` stopped with {} in flight", entrant.name, load.in_flight))
    };
    run(warm_up)?;
    run(load)
}

/// 0 to `count`, beginning one further each round.
fn rotated(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |place| (place + round) % count)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    type Log = Rc<RefCell<Vec<(&'static str, usize, usize)>>>;

    struct Recorder(&'static str, Log);

    impl Contestant for Recorder {
        fn run(&mut self, load: Load) -> Result<Sample> {
            self.1.borrow_mut().push((self.0, load.in_flight, load.events));
            Ok(Sample { rate: 1.0, cpu_us: 1.0, p50_us: 1.0, p99_us: 1.0 })
        }
    }

    fn entrant(name: &'static str, loads: &[(usize, usize)], log: &Log) -> Entrant {
        let loads = loads.iter().map(|&(in_flight, events)| Load { in_flight, events }).collect();
        Entrant { name, loads, contestant: Box::new(Recorder(name, Rc::clone(log))) }
    }

    #[test]
    fn the_order_rotates_from_round_to_round() {
        assert_eq!(rotated(3, 0).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(rotated(3, 2).collect::<Vec<_>>(), [2, 0, 1]);
        assert_eq!(rotated(3, 4).collect::<Vec<_>>(), [1, 2, 0]);
    }

    #[test]
    fn every_load_is_warmed_up_and_measured_beside_its_rivals() {
        let log = Log::default();
        let mut entrants = [entrant("a", &[(1, 50), (16, 40)], &log), entrant("b", &[(1, 20)], &log)];
        let taken = interleave(&mut entrants, 2).unwrap();

        let first = [("a", 1, 5), ("a", 1, 50), ("b", 1, 2), ("b", 1, 20), ("a", 16, 16), ("a", 16, 40)];
        let second = [("b", 1, 2), ("b", 1, 20), ("a", 1, 5), ("a", 1, 50), ("a", 16, 16), ("a", 16, 40)];
        assert_eq!(*log.borrow(), [first, second].concat());
        assert_eq!(taken.acknowledged, 2 * (55 + 22 + 56));
        assert!(taken.rounds[0].sample("b", 1).is_some());
        assert!(taken.rounds[0].sample("b", 16).is_none());
    }
}

//! Two legs through the composite, beside the same two driven by hand.

use anyhow::Result;

use super::Stage;
use crate::contestant::{Load, legs};
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Row};
use crate::readings;
use crate::rounds::{self, Entrant};
use crate::sink::Manner;

const COMPOSITE: &str = "composite";
const BY_HAND: &str = "by hand";
const LOADS: [(usize, usize); 2] = [(1, 2_000), (16, 4_000)];

pub(super) const FIGURES: [Row; 3] = [
    Row::cpu("composite_cpu_vs_legs", COMPOSITE, BY_HAND, 16, Some(AtMost(1.15))),
    Row::cpu("composite_cpu_vs_legs_c1", COMPOSITE, BY_HAND, 1, None),
    Row::rate("composite_rate_vs_legs", COMPOSITE, BY_HAND, 16, None),
];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::AtOnce)?;
    let loads = LOADS.map(|(in_flight, full)| Load { in_flight, events: stage.setup.events(full) });
    let mut entrants = [
        Entrant { name: COMPOSITE, loads: loads.into(), contestant: Box::new(legs::composite(sink.address())?) },
        Entrant { name: BY_HAND, loads: loads.into(), contestant: Box::new(legs::by_hand(sink.address())?) },
    ];
    let taken = rounds::interleave(&mut entrants, stage.rounds())?;
    drop(entrants);
    // Each event goes there twice.
    sink.finish(2 * taken.acknowledged)?;
    println!("{}", readings::table(&taken.rounds));
    Ok(FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", stage.judges())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_load_that_is_measured() {
        for row in FIGURES {
            assert!(LOADS.iter().any(|(in_flight, _)| *in_flight == row.in_flight), "{}", row.figure);
        }
    }
}

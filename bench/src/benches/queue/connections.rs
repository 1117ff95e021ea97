//! How many connections a burst makes.

use anyhow::{Result, ensure};
use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;

use super::{PATIENCE, Stage};
use crate::events::typed;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::sink::{Manner, Tally};

const BURST: usize = 3_000;

pub(super) const FIGURES: [Reading<Tally>; 1] =
    [Reading { figure: "connections_over_in_flight", of: over_in_flight, goal: Some(AtMost(1.0)) }];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let rounds: Vec<Tally> = (0..stage.rounds()).map(|_| burst(stage)).collect::<Result<_>>()?;
    Ok(stage.figures(&FIGURES, &rounds))
}

/// A new transport and a new sink, which answers a little late: so as many are under way as may be.
fn burst(stage: &Stage<'_>) -> Result<Tally> {
    let sink = stage.sink(Manner::Late)?;
    let transport = super::transport(sink.address())?;
    let events = typed::waves(stage.setup.events(BURST) / 2)?;
    for event in &events {
        drop(blocking::emit(&transport, event.encode()?, Deadline::after(PATIENCE))?);
    }
    let report = blocking::close(&transport, Deadline::after(PATIENCE))?;
    ensure!(report.is_clean(), "not every event was delivered: {report:?}");
    sink.finish(events.len())
}

fn over_in_flight(tally: &Tally) -> f64 {
    tally.connections as f64 / tally.most_held as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_for_each_request_at_once_is_one() {
        let tally = Tally { answered: 9, connections: 3, most_held: 3 };
        assert_eq!(over_in_flight(&tally), 1.0);
        assert_eq!(over_in_flight(&Tally { connections: 6, ..tally }), 2.0);
    }
}

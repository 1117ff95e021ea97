//! Events a second and processor time an event, from the first event to the end of the flush.

use std::net::SocketAddr;

use anyhow::Result;

use super::Stage;
use crate::contestant::python::{Kind, Python};
use crate::contestant::queued::Queued;
use crate::contestant::{Load, reqwest};
use crate::figures::Goal::{AtLeast, AtMost};
use crate::figures::{Figure, Row};
use crate::readings;
use crate::rounds::{self, Entrant};
use crate::sink::Manner;

const OURS: &str = "ours";
const REQWEST: &str = "reqwest";
const PYTHON: &str = "python async";

/// In flight, and events of one measurement.
const LOADS: [(usize, usize); 2] = [(16, 12_000), (100, 12_000)];
const RUNS: usize = 200;
/// That client has 100 under way unless told otherwise.
const PYTHON_LOAD: (usize, usize) = (100, 400);

pub(super) const FIGURES: [Row; 5] = [
    Row::rate("rate_vs_reqwest_c16", OURS, REQWEST, 16, Some(AtLeast(0.8))),
    Row::rate("rate_vs_reqwest_c100", OURS, REQWEST, 100, Some(AtLeast(0.8))),
    Row::cpu("cpu_vs_reqwest_c16", OURS, REQWEST, 16, Some(AtMost(1.25))),
    Row::cpu("cpu_vs_reqwest_c100", OURS, REQWEST, 100, None),
    Row::rate("rate_vs_python_async", OURS, PYTHON, 100, Some(AtLeast(40.0))),
];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::AtOnce)?;
    let mut entrants = entrants(stage, sink.address())?;
    let taken = rounds::interleave(&mut entrants, stage.rounds())?;
    drop(entrants);
    sink.finish(taken.acknowledged)?;
    println!("{}", readings::table(&taken.rounds));
    Ok(FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", stage.judges())).collect())
}

fn entrants(stage: &Stage<'_>, address: SocketAddr) -> Result<Vec<Entrant>> {
    let load = |(in_flight, full)| Load { in_flight, events: stage.setup.events(full) };
    let loads: Vec<Load> = LOADS.into_iter().map(load).collect();
    let mut entrants = vec![
        Entrant { name: OURS, loads: loads.clone(), contestant: Box::new(Queued::new(address, RUNS)?) },
        Entrant { name: REQWEST, loads, contestant: Box::new(reqwest::contestant(address)?) },
    ];
    if let Some(interpreter) = stage.setup.python.first() {
        let python = Python::start(interpreter, address, Kind::AsyncHttp)?;
        println!("{PYTHON} is openlineage-python {}", python.version());
        entrants.push(Entrant { name: PYTHON, loads: vec![load(PYTHON_LOAD)], contestant: Box::new(python) });
    }
    Ok(entrants)
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

//! `http`: from a typed event to its acknowledgement.

use std::net::SocketAddr;

use anyhow::Result;

use crate::contestant::python::{Python, Shape};
use crate::contestant::{Load, Sample, ours, raw, reqwest};
use crate::figures::Goal::{AtLeast, AtMost};
use crate::figures::{Goal, Row};
use crate::pin::Placement;
use crate::readings;
use crate::report::Report;
use crate::rounds::{self, Entrant};
use crate::setup::Setup;
use crate::sink::Sink;

const OURS: &str = "ours";
const REQWEST: &str = "reqwest";
const RAW: &str = "raw";
const PYTHON: &str = "python";

/// In flight, and events of one measurement: each takes some tenths of a second.
const LOADS: [(usize, usize); 3] = [(1, 3_000), (16, 12_000), (100, 12_000)];
const PYTHON_EVENTS: usize = 400;

const FIGURES: [Row; 10] = [
    rate("rate_vs_reqwest_c1", OURS, REQWEST, 1, Some(AtLeast(0.8))),
    rate("rate_vs_reqwest_c16", OURS, REQWEST, 16, Some(AtLeast(0.8))),
    rate("rate_vs_reqwest_c100", OURS, REQWEST, 100, Some(AtLeast(0.8))),
    cpu("cpu_vs_reqwest_c1", OURS, REQWEST, 1, Some(AtMost(1.4))),
    cpu("cpu_vs_reqwest_c16", OURS, REQWEST, 16, Some(AtMost(1.25))),
    cpu("cpu_vs_reqwest_c100", OURS, REQWEST, 100, Some(AtMost(1.25))),
    cpu("cpu_vs_raw_c16", OURS, RAW, 16, Some(AtMost(1.9))),
    latency("emit_p50_us", OURS, |sample| sample.p50_us),
    latency("emit_p99_us", OURS, |sample| sample.p99_us),
    rate("rate_vs_python_c1", OURS, PYTHON, 1, Some(AtLeast(8.0))),
];

/// The bare clients beside each other: what the machine does to ratios shows here, without our code.
const YARDSTICK: [Row; 8] = [
    rate("yardstick_reqwest_rate_vs_raw_c1", REQWEST, RAW, 1, None),
    rate("yardstick_reqwest_rate_vs_raw_c16", REQWEST, RAW, 16, None),
    rate("yardstick_reqwest_rate_vs_raw_c100", REQWEST, RAW, 100, None),
    cpu("yardstick_reqwest_cpu_vs_raw_c1", REQWEST, RAW, 1, None),
    cpu("yardstick_reqwest_cpu_vs_raw_c16", REQWEST, RAW, 16, None),
    cpu("yardstick_reqwest_cpu_vs_raw_c100", REQWEST, RAW, 100, None),
    latency("yardstick_reqwest_p50_us", REQWEST, |sample| sample.p50_us),
    rate("yardstick_reqwest_rate_vs_python_c1", REQWEST, PYTHON, 1, None),
];

/// Runs the bench pinned, then unpinned.
pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    Placement::BOTH.into_iter().try_for_each(|placement| run_placed(setup, placement, report))
}

fn run_placed(setup: &Setup, placement: Placement, report: &mut Report) -> Result<()> {
    let sink = Sink::start(setup.cores.place(placement)?)?;
    let mut entrants = entrants(setup, sink.address())?;
    let taken = rounds::interleave(&mut entrants, setup.rounds(placement))?;
    drop(entrants);
    sink.finish(taken.acknowledged)?;

    let title = format!("{}, {} rounds", setup.cores.describe(placement), taken.rounds.len());
    println!("readings: {title}\n{}", readings::table(&taken.rounds));
    for (what, rows) in [("figures", FIGURES.as_slice()), ("yardstick", YARDSTICK.as_slice())] {
        let figure = |row: &Row| row.figure(&taken.rounds, placement.suffix(), setup.judges(placement));
        report.add(&format!("{what}: {title}"), rows.iter().filter_map(figure).collect());
    }
    Ok(())
}

fn entrants(setup: &Setup, address: SocketAddr) -> Result<Vec<Entrant>> {
    let loads: Vec<Load> =
        LOADS.iter().map(|&(in_flight, full)| Load { in_flight, events: setup.events(full) }).collect();
    let mut entrants = vec![
        Entrant { name: OURS, loads: loads.clone(), contestant: Box::new(ours::contestant(address)?) },
        Entrant { name: REQWEST, loads: loads.clone(), contestant: Box::new(reqwest::contestant(address)?) },
        Entrant { name: RAW, loads, contestant: Box::new(raw::contestant(address)?) },
    ];
    if let Some(interpreter) = &setup.python {
        let python = Python::start(interpreter, address, Shape::Call)?;
        println!("{PYTHON} is openlineage-python {}", python.version());
        let loads = vec![Load { in_flight: 1, events: setup.events(PYTHON_EVENTS) }];
        entrants.push(Entrant { name: PYTHON, loads, contestant: Box::new(python) });
    }
    Ok(entrants)
}

const fn rate(figure: &'static str, of: &'static str, over: &'static str, in_flight: usize, goal: Option<Goal>) -> Row {
    Row { figure, of, over: Some(over), in_flight, reading: |sample| sample.rate, goal }
}

const fn cpu(figure: &'static str, of: &'static str, over: &'static str, in_flight: usize, goal: Option<Goal>) -> Row {
    Row { figure, of, over: Some(over), in_flight, reading: |sample| sample.cpu_us, goal }
}

const fn latency(figure: &'static str, of: &'static str, reading: fn(&Sample) -> f64) -> Row {
    Row { figure, of, over: None, in_flight: 1, reading, goal: None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_a_name_of_its_own_and_a_load_that_is_measured() {
        let rows: Vec<&Row> = FIGURES.iter().chain(&YARDSTICK).collect();
        let names: BTreeSet<&str> = rows.iter().map(|row| row.figure).collect();
        assert_eq!(names.len(), rows.len());
        for row in rows {
            assert!(LOADS.iter().any(|(in_flight, _)| *in_flight == row.in_flight), "{}", row.figure);
        }
    }
}

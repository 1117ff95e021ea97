//! Acknowledged events a second: one by one, and by many callers who share batches.

use anyhow::Result;

use super::{BARE, OURS, PYTHON, address};
use crate::benches::stage::Stage;
use crate::contestant::Load;
use crate::contestant::kafka::Callers;
use crate::contestant::kafka::bare::Bare;
use crate::contestant::kafka::ours::Ours;
use crate::contestant::python::{Kind, Python};
use crate::figures::Goal::AtLeast;
use crate::figures::{Figure, Row};
use crate::readings;
use crate::rounds::{self, Entrant};

/// In flight, and events of one measurement: each takes some tenths of a second.
const LOADS: [(usize, usize); 2] = [(1, 1_000), (100, 20_000)];
const PYTHON_LOAD: (usize, usize) = (1, 400);

pub(super) const FIGURES: [Row; 7] = [
    Row::rate("rate_vs_rdkafka_one", OURS, BARE, 1, Some(AtLeast(0.9))),
    Row::rate("rate_vs_rdkafka_c100", OURS, BARE, 100, Some(AtLeast(0.9))),
    Row::cpu("cpu_vs_rdkafka_one", OURS, BARE, 1, None),
    Row::cpu("cpu_vs_rdkafka_c100", OURS, BARE, 100, None),
    Row::latency("emit_p50_us", OURS, |sample| sample.p50_us),
    Row::latency("emit_p99_us", OURS, |sample| sample.p99_us),
    Row::rate("rate_vs_python_flush", OURS, PYTHON, 1, None),
];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let address = address()?;
    let load = |(in_flight, full)| Load { in_flight, events: stage.setup.events(full) };
    let loads: Vec<Load> = LOADS.into_iter().map(load).collect();
    let ours = Callers::new(Ours::new(&address, "bench.ours", true)?)?;
    let bare = Callers::new(Bare::new(&address, "bench.bare")?)?;
    let mut entrants = vec![
        Entrant { name: OURS, loads: loads.clone(), contestant: Box::new(ours) },
        Entrant { name: BARE, loads, contestant: Box::new(bare) },
    ];
    if let Some(interpreter) = stage.setup.python.first() {
        let python = Python::start(interpreter, &address, Kind::Kafka)?;
        println!("{PYTHON} is openlineage-python {}", python.version());
        entrants.push(Entrant { name: PYTHON, loads: vec![load(PYTHON_LOAD)], contestant: Box::new(python) });
    }
    let taken = rounds::interleave(&mut entrants, stage.rounds())?;
    println!("{}", readings::table(&taken.rounds));
    Ok(FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", stage.judges())).collect())
}

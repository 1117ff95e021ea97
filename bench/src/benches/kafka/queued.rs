//! Events that one producer hands over without waiting, from the first to the acknowledgement of the last.

use anyhow::Result;

use super::{BARE, OURS, PYTHON, address};
use crate::benches::stage::Stage;
use crate::contestant::Load;
use crate::contestant::kafka::bare;
use crate::contestant::kafka::ours::{Ours, Queued};
use crate::contestant::python::{Kind, Python};
use crate::figures::Goal::{AtLeast, AtMost};
use crate::figures::{Figure, Row};
use crate::readings;
use crate::rounds::{self, Entrant};

/// One hands over; how many are in flight is up to librdkafka.
const PRODUCERS: usize = 1;
const EVENTS: usize = 40_000;
const PYTHON_EVENTS: usize = 1_000;

pub(super) const FIGURES: [Row; 4] = [
    Row::rate("rate_vs_rdkafka_queued", OURS, BARE, PRODUCERS, Some(AtLeast(0.9))),
    Row::cpu("cpu_vs_rdkafka_queued", OURS, BARE, PRODUCERS, Some(AtMost(1.15))),
    Row::latency("queued_emit_p99_us", OURS, |sample| sample.p99_us),
    Row::rate("rate_vs_python_queued", OURS, PYTHON, PRODUCERS, None),
];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let address = address()?;
    let load = |full| vec![Load { in_flight: PRODUCERS, events: stage.setup.events(full) }];
    let ours = Queued::new(Ours::new(&address, "bench.queued.ours", false)?)?;
    let bare = bare::Queued::new(&address, "bench.queued.bare")?;
    let mut entrants = vec![
        Entrant { name: OURS, loads: load(EVENTS), contestant: Box::new(ours) },
        Entrant { name: BARE, loads: load(EVENTS), contestant: Box::new(bare) },
    ];
    if let Some(interpreter) = stage.setup.python.first() {
        let python = Python::start(interpreter, &address, Kind::KafkaQueued)?;
        entrants.push(Entrant { name: PYTHON, loads: load(PYTHON_EVENTS), contestant: Box::new(python) });
    }
    let taken = rounds::interleave(&mut entrants, stage.rounds())?;
    println!("{}", readings::table(&taken.rounds));
    Ok(FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", stage.judges())).collect())
}

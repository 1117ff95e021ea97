//! A healthy leg beside one whose destination never answers.

use anyhow::{Result, ensure};

use super::Stage;
use crate::contestant::{Load, legs};
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Row};
use crate::readings;
use crate::rounds::{self, Entrant};
use crate::sink::Manner;

const ALONE: &str = "alone";
const BESIDE: &str = "beside a hung leg";
const EVENTS: usize = 2_000;

pub(super) const FIGURES: [Row; 3] = [
    Row {
        figure: "healthy_leg_p50_ratio",
        of: BESIDE,
        over: Some(ALONE),
        in_flight: 1,
        reading: |sample| sample.p50_us,
        goal: Some(AtMost(1.2)),
    },
    Row::latency("healthy_leg_p50_us", BESIDE, |sample| sample.p50_us),
    Row::latency("healthy_leg_alone_p50_us", ALONE, |sample| sample.p50_us),
];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let (healthy, hung) = (stage.sink(Manner::AtOnce)?, stage.sink(Manner::Never)?);
    let loads = vec![Load { in_flight: 1, events: stage.setup.events(EVENTS) }];
    let alone = legs::healthy(healthy.address(), None)?;
    let beside = legs::healthy(healthy.address(), Some(hung.address()))?;
    let mut entrants = [
        Entrant { name: ALONE, loads: loads.clone(), contestant: Box::new(alone) },
        Entrant { name: BESIDE, loads, contestant: Box::new(beside) },
    ];
    let taken = rounds::interleave(&mut entrants, stage.rounds())?;
    drop(entrants);
    healthy.finish(taken.acknowledged)?;
    let held = hung.finish(0)?.most_held;
    ensure!(held > 1, "the hung leg had {held} requests under way");
    println!("{}the hung leg had {held} requests under way\n", readings::table(&taken.rounds));
    Ok(FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", stage.judges())).collect())
}

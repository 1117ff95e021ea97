//! What closing takes when nothing is left to deliver.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;

use super::{PATIENCE, Stage};
use crate::events::typed;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::pace;
use crate::sink::Manner;
use crate::stats;

const CLOSES: usize = 50;
/// For the worker to have gone back to sleep after the event.
const REST: Duration = Duration::from_millis(5);

pub(super) const FIGURES: [Reading<f64>; 1] =
    [Reading { figure: "close_idle_p50_us", of: |p50| *p50, goal: Some(AtMost(500.0)) }];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::AtOnce)?;
    let rounds: Vec<f64> = (0..stage.rounds()).map(|_| round(sink.address())).collect::<Result<_>>()?;
    sink.finish(CLOSES * rounds.len())?;
    Ok(stage.figures(&FIGURES, &rounds))
}

/// The p50, in microseconds.
fn round(address: SocketAddr) -> Result<f64> {
    let mut times: Vec<f64> = (0..CLOSES).map(|number| close(address, number)).collect::<Result<_>>()?;
    times.sort_by(f64::total_cmp);
    Ok(stats::quantile(&times, 0.5))
}

fn close(address: SocketAddr, number: usize) -> Result<f64> {
    let transport = super::transport(address)?;
    let [start, _] = typed::pair(number)?;
    let delivered = blocking::deliver(&transport, start.encode()?, Deadline::after(PATIENCE))?;
    ensure!(delivered.is_some(), "an event was skipped");
    pace::rest(REST)?;
    let began = Instant::now();
    let report = blocking::close(&transport, Deadline::after(PATIENCE))?;
    let took = began.elapsed();
    ensure!(report.is_clean(), "the closing was not clean: {report:?}");
    Ok(took.as_secs_f64() * 1e6)
}

//! How long past its deadline a caller waits who finds no room.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use openlineage_core::blocking;
use openlineage_core::error::EmitErrorKind;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_transport_http::AsyncHttpTransport;

use super::Stage;
use crate::events::typed;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::sink::Manner;
use crate::stats;

const AWAY: Duration = Duration::from_millis(20);
const CALLS: usize = 200;
/// As many as may be under way, so that the queue is full of them.
const ROOM: usize = 100;
/// Longer than all rounds: no attempt ends.
const HUNG: Duration = Duration::from_secs(3_600);

pub(super) const FIGURES: [Reading<f64>; 1] =
    [Reading { figure: "submit_over_deadline_p99_ms", of: |p99| *p99, goal: Some(AtMost(2.0)) }];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::Never)?;
    let limits = Limits { events: ROOM, concurrent: ROOM, ..Limits::default() };
    let transport = super::builder(sink.address()).timeout(HUNG).build_async(limits)?;
    for event in typed::waves(ROOM)?.iter().take(ROOM) {
        drop(blocking::emit(&transport, event.encode()?, Deadline::now())?);
    }
    let [one_more, _] = typed::pair(ROOM)?;
    let one_more = one_more.encode()?;
    let rounds = (0..stage.rounds()).map(|_| round(&transport, &one_more, stage.setup.events(CALLS)));
    let rounds: Vec<f64> = rounds.collect::<Result<_>>()?;
    drop(blocking::close(&transport, Deadline::now())?);
    sink.finish(0)?;
    Ok(stage.figures(&FIGURES, &rounds))
}

/// The p99, in milliseconds.
fn round(transport: &AsyncHttpTransport, event: &EncodedEvent, calls: usize) -> Result<f64> {
    let mut times: Vec<f64> = (0..calls).map(|_| late(transport, event.clone())).collect::<Result<_>>()?;
    times.sort_by(f64::total_cmp);
    Ok(stats::quantile(&times, 0.99))
}

fn late(transport: &AsyncHttpTransport, event: EncodedEvent) -> Result<f64> {
    let until = Instant::now() + AWAY;
    let Err(error) = blocking::emit(transport, event, Deadline::at(until)) else { bail!("a full queue had room") };
    let now = Instant::now();
    ensure!(matches!(error.kind(), EmitErrorKind::QueueFull { .. }), "refused for another reason: {error}");
    ensure!(now >= until, "refused before the deadline");
    Ok((now - until).as_secs_f64() * 1e3)
}

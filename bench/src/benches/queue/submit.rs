//! What a call of `submit` takes, at a pace that a busy program keeps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use openlineage_core::client::Client;
use openlineage_core::config::Environment;
use openlineage_core::error::EmitError;
use openlineage_core::model::Event;
use openlineage_core::transport::Ack;

use super::{PATIENCE, Stage};
use crate::events::typed;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::pace::Schedule;
use crate::sink::Manner;
use crate::stats;

/// 2,000 calls a second.
const STEP: Duration = Duration::from_micros(500);
const CALLS: usize = 2_000;
const WARM_UP_SHARE: usize = 10;

pub(super) const FIGURES: [Reading<Taken>; 4] = [
    Reading { figure: "submit_encoded_p99_us", of: |taken| taken.encoded.p99, goal: Some(AtMost(10.0)) },
    Reading { figure: "submit_typed_p99_us", of: |taken| taken.typed.p99, goal: Some(AtMost(20.0)) },
    Reading { figure: "submit_encoded_p50_us", of: |taken| taken.encoded.p50, goal: None },
    Reading { figure: "submit_typed_p50_us", of: |taken| taken.typed.p50, goal: None },
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    encoded: Calls,
    typed: Calls,
}

#[derive(Debug, Clone, Copy)]
struct Calls {
    p50: f64,
    p99: f64,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::AtOnce)?;
    let transport = Arc::new(super::transport(sink.address())?);
    // Nothing of this machine in the events: neither its variables nor a repository.
    let client = Client::builder().transport(transport).environment(Environment::default()).build()?;
    let mut pacer = Pacer { client, submitted: 0 };
    let calls = stage.setup.events(CALLS);
    let mut rounds = Vec::with_capacity(stage.rounds());
    for _ in 0..stage.rounds() {
        pacer.both(calls / WARM_UP_SHARE)?;
        rounds.push(pacer.both(calls)?);
    }
    let report = pacer.client.blocking().close_within(PATIENCE)?;
    ensure!(report.is_clean(), "not every event was delivered: {report:?}");
    sink.finish(pacer.submitted)?;
    Ok(stage.figures(&FIGURES, &rounds))
}

/// Hands over events that are made between the calls, as a program makes them, so that each call finds its event new.
#[derive(Debug)]
struct Pacer {
    client: Client,
    submitted: usize,
}

impl Pacer {
    fn both(&mut self, calls: usize) -> Result<Taken> {
        let encoded = self.paced(calls, |event| Ok(event.encode()?), Client::submit_encoded)?;
        let typed = self.paced(calls, Ok, |client, event| client.submit(event))?;
        Ok(Taken { encoded, typed })
    }

    fn paced<E>(
        &mut self,
        calls: usize,
        prepare: impl Fn(Event) -> Result<E>,
        submit: impl Fn(&Client, E) -> Result<Ack, EmitError>,
    ) -> Result<Calls> {
        let mut schedule = Schedule::every(STEP);
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls {
            let event = prepare(typed::nth(self.submitted)?)?;
            self.submitted += 1;
            schedule.wait()?;
            let began = Instant::now();
            let outcome = submit(&self.client, event);
            times.push(began.elapsed().as_secs_f64() * 1e6);
            ensure!(matches!(outcome?, Ack::Queued(_)), "an event was not queued");
        }
        times.sort_by(f64::total_cmp);
        let settled = self.client.blocking().flush_within(PATIENCE)?.settled;
        ensure!(settled, "not every event was settled");
        Ok(Calls { p50: stats::quantile(&times, 0.5), p99: stats::quantile(&times, 0.99) })
    }
}

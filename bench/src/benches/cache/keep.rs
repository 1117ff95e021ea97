//! What a client takes in memory that shares its transport, before any event.

use anyhow::Result;

use super::Stage;
use super::forget;
use super::program::Order;
use super::sharing::NOWHERE;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};

const FIRST: usize = 1_000;
const MORE: usize = 20_000;
const ROUNDS: usize = 3;

pub(super) const FIGURES: [Reading<f64>; 1] =
    [Reading { figure: "rss_kib_per_client_cached", of: |kib| *kib, goal: Some(AtMost(1.0)) }];

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let (first, more) = (stage.setup.events(FIRST), stage.setup.events(MORE));
    let order = Order { http: NOWHERE, datadog: NOWHERE, first, more, keep: true };
    let rounds = (0..stage.rounds().min(ROUNDS)).map(|_| Ok(forget::told(&order)?.grown_kib / more as f64));
    Ok(stage.figures(&FIGURES, &rounds.collect::<Result<Vec<_>>>()?))
}

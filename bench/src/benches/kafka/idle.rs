//! What a transport that has nothing to do takes, beside a bare producer that nobody polls.

use std::time::Duration;

use anyhow::Result;

use super::address;
use super::still::{Still, Whose};
use crate::benches::stage::Stage;
use crate::census;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};

/// For threads that end by themselves.
const REST: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(10);

pub(super) const FIGURES: [Reading<Taken>; 3] = [
    Reading { figure: "idle_switches", of: |taken| taken.ours - taken.bare, goal: Some(AtMost(2.0)) },
    Reading { figure: "idle_switches_ours", of: |taken| taken.ours, goal: None },
    Reading { figure: "idle_switches_rdkafka", of: |taken| taken.bare, goal: None },
];

/// Voluntary switches of all threads of each process, in the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    ours: f64,
    bare: f64,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let address = address()?;
    let (ours, bare) = (Still::start(&address, Whose::Ours)?, Still::start(&address, Whose::Bare)?);
    let (rest, window) = (stage.setup.pause(REST), stage.setup.pause(WINDOW));
    let mut rounds = Vec::with_capacity(stage.rounds());
    for _ in 0..stage.rounds() {
        let [ours, bare] = census::watch_all([ours.id(), bare.id()], rest, window)?;
        rounds.push(Taken { ours: ours.switches as f64, bare: bare.switches as f64 });
    }
    Ok(stage.figures(&FIGURES, &rounds))
}

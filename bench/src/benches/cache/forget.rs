//! A client for each pair of events, built, used and forgotten without a close: what that leaves behind.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::program::{Order, Told};
use super::{CONNECTIONS, Stage, python};
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::sink::{Manner, Sink};

/// Until pools, buffers and the allocator have what they need.
pub(super) const FIRST: usize = 1_000;
const MORE: usize = 9_000;
/// Each has a process of its own and so many clients that more would say the same.
const ROUNDS: usize = 3;

pub(super) const FIGURES: [Reading<Taken>; 5] = [
    Reading { figure: "inner_transports", of: |taken| taken.told.transports as f64, goal: Some(AtMost(3.0)) },
    Reading { figure: "extra_threads", of: |taken| taken.told.threads as f64, goal: Some(AtMost(1.0)) },
    Reading { figure: "rss_growth_kib", of: |taken| taken.told.grown_kib, goal: Some(AtMost(1024.0)) },
    Reading {
        figure: "connections_per_leg",
        of: |taken| taken.connections as f64,
        goal: Some(AtMost(CONNECTIONS as f64)),
    },
    Reading { figure: "forget_events_per_s", of: |taken| taken.rate, goal: None },
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    told: Told,
    /// Of the leg that made more of them.
    connections: usize,
    /// Events a second, each delivered twice.
    rate: f64,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let rounds = (0..stage.rounds().min(ROUNDS)).map(|_| round(stage)).collect::<Result<Vec<_>>>()?;
    let mut figures = stage.figures(&FIGURES, &rounds);
    if let Some(interpreter) = stage.setup.python.first() {
        figures.extend(python::figures(stage, interpreter)?);
    }
    Ok(figures)
}

/// A sink for each leg, so that each is seen to get every event once.
fn round(stage: &Stage<'_>) -> Result<Taken> {
    let sinks = [stage.sink(Manner::AtOnce)?, stage.sink(Manner::AtOnce)?];
    let [http, datadog] = sinks.each_ref().map(Sink::address);
    let (first, more) = (stage.setup.events(FIRST), stage.setup.events(MORE));
    let told = told(&Order { http, datadog, first, more, keep: false })?;
    let mut connections = 0;
    for sink in sinks {
        connections = connections.max(sink.finish(2 * (first + more))?.connections);
    }
    Ok(Taken { told, connections, rate: 2.0 * more as f64 / told.seconds })
}

/// What the program says about an order, which it has done in a new process.
pub(super) fn told(order: &Order) -> Result<Told> {
    let mut child = Command::new(env::current_exe().context("cannot find this program")?);
    child.args(order.arguments()).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = child.output().context("cannot start a process to build clients in")?;
    ensure!(output.status.success(), "the process that builds clients ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("the process that builds clients told no numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_and_seen_makes_the_figures() {
        let told = Told { transports: 3, threads: 1, grown_kib: 64.0, seconds: 2.0 };
        let taken = [Taken { told, connections: 7, rate: 500.0 }];
        let values: Vec<f64> =
            FIGURES.iter().map(|reading| reading.figure(&taken, true).unwrap().spread.median).collect();
        assert_eq!(values, [3.0, 1.0, 64.0, 7.0, 500.0]);
    }
}

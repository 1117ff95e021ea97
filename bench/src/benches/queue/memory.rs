//! What a queued event takes in memory, over its JSON bytes.

use std::env;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Stage;
use super::hold::{Grown, Order};
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::sink::Manner;

/// Until connections, pools and buffers are there.
const FIRST: usize = 1_000;
const MORE: usize = 100_000;
const REST: Duration = Duration::from_secs(1);
/// Each has a process of its own and so many events that more would say the same.
const ROUNDS: usize = 3;

pub(super) const FIGURES: [Reading<Taken>; 2] = [
    Reading { figure: "queued_memory_ratio", of: |taken| taken.text.ratio(), goal: Some(AtMost(1.12)) },
    Reading { figure: "queued_memory_ratio_gzip", of: |taken| taken.gzip.ratio(), goal: Some(AtMost(0.40)) },
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    text: Grown,
    gzip: Grown,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let rounds = (0..stage.rounds().min(ROUNDS)).map(|_| {
        let [text, gzip] = [false, true].map(|gzip| grown(stage, gzip));
        Ok(Taken { text: text?, gzip: gzip? })
    });
    Ok(stage.figures(&FIGURES, &rounds.collect::<Result<Vec<_>>>()?))
}

/// In a new process, whose memory nothing else has touched.
fn grown(stage: &Stage<'_>, gzip: bool) -> Result<Grown> {
    let sink = stage.sink(Manner::Never)?;
    let order = Order {
        address: sink.address(),
        gzip,
        first: stage.setup.events(FIRST),
        more: stage.setup.events(MORE),
        rest_ms: u64::try_from(stage.setup.pause(REST).as_millis())?,
    };
    let mut child = Command::new(env::current_exe().context("cannot find this program")?);
    child.args(order.arguments()).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = child.output().context("cannot start a process to queue events in")?;
    ensure!(output.status.success(), "the process that queues events ended with {}", output.status);
    sink.finish(0)?;
    serde_json::from_slice(&output.stdout).context("the process that queues events told no numbers")
}

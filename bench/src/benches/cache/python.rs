//! The same loop with the released client: a new one for each pair of events, never closed.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::Stage;
use crate::events::Event;
use crate::figures::{Figure, Reading};
use crate::sink::{Manner, Sink};

const SCRIPT: &str = concat!(include_str!("../../events/typed.py"), include_str!("forget.py"));
/// Each leaves threads behind, so that more would take long and say the same.
const FIRST: usize = 20;
const MORE: usize = 180;

pub(super) const FIGURES: [Reading<Told>; 3] = [
    Reading { figure: "python_extra_threads", of: |told| told.threads as f64, goal: None },
    Reading { figure: "python_rss_growth_kib", of: |told| told.grown_kib, goal: None },
    Reading { figure: "python_forget_events_per_s", of: |told| 2.0 * told.more as f64 / told.seconds, goal: None },
];

/// What the script says at its end.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    version: String,
    more: usize,
    threads: usize,
    grown_kib: f64,
    seconds: f64,
}

/// Of the loop, taken once.
pub(super) fn figures(stage: &Stage<'_>, interpreter: &Path) -> Result<Vec<Figure>> {
    let sinks = [stage.sink(Manner::AtOnce)?, stage.sink(Manner::AtOnce)?];
    let [http, datadog] = sinks.each_ref().map(Sink::address);
    let order = json!({
        "config": super::configuration(http, datadog), "first": FIRST, "more": MORE, "events": Event::pair(0),
    });
    let output = Command::new(interpreter)
        .args(["-c", SCRIPT, &order.to_string()])
        .env("NO_PROXY", "127.0.0.1")
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", interpreter.display()))?;
    ensure!(output.status.success(), "the interpreter ended with {}; does it have openlineage-python?", output.status);
    let told: Told = serde_json::from_slice(&output.stdout).context("the interpreter told no numbers")?;
    let [http, datadog] = sinks.map(Sink::end);
    let (http, datadog) = (http?, datadog?);
    println!(
        "openlineage-python {} delivered {} and {} of {} events of {} clients, over {} and {} connections\n",
        told.version,
        http.answered,
        datadog.answered,
        2 * (FIRST + MORE),
        FIRST + MORE,
        http.connections,
        datadog.connections
    );
    Ok(stage.figures(&FIGURES, &[told]))
}

//! What the parts of a bench have to work with.

use anyhow::Result;

use super::Part;
use crate::figures::{Figure, Reading};
use crate::pin::Placement;
use crate::report::Report;
use crate::setup::Setup;
use crate::sink::{Manner, Sink};

/// This process is where the client belongs, and sinks where they do.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) setup: &'a Setup,
    sink: Option<usize>,
}

/// Takes those of the parts that were asked for, one after the other, all of them pinned.
pub(super) fn take(parts: &[Part], setup: &Setup, report: &mut Report) -> Result<()> {
    let stage = Stage { setup, sink: setup.cores.place(Placement::Pinned)? };
    for part in parts.iter().filter(|part| setup.wants(part.name)) {
        let figures = (part.take)(&stage)?;
        report.add(&format!("{}: {}", part.name, setup.cores.describe(Placement::Pinned)), figures);
    }
    Ok(())
}

impl Stage<'_> {
    pub(super) fn sink(&self, manner: Manner) -> Result<Sink> {
        Sink::start(self.sink, manner)
    }

    pub(super) fn rounds(&self) -> usize {
        self.setup.rounds(Placement::Pinned)
    }

    pub(super) fn judges(&self) -> bool {
        self.setup.judges(Placement::Pinned)
    }

    pub(super) fn figures<T>(&self, readings: &[Reading<T>], rounds: &[T]) -> Vec<Figure> {
        readings.iter().filter_map(|reading| reading.figure(rounds, self.judges())).collect()
    }
}

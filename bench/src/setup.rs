//! What a run was asked to do, for every bench alike.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::cli::Cli;
use crate::pin::{Cores, Placement};

/// Fewer rounds than this say too little for a goal to be judged on them.
const ROUNDS_FOR_GOALS: usize = 11;
const UNPINNED_ROUNDS: usize = 3;
const SMOKE_EVENTS: usize = 100;
const SMOKE_PAUSE: Duration = Duration::from_millis(50);

/// The run's settings.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) cores: Cores,
    /// Interpreters with the released client; the first one is the version to compare with.
    pub(crate) python: Vec<PathBuf>,
    pub(crate) smoke: bool,
    only: Option<String>,
    rounds: usize,
}

impl Setup {
    pub(crate) fn new(cli: &Cli) -> Result<Self> {
        let rounds = if cli.smoke { 1 } else { usize::from(cli.rounds) };
        let (python, only) = (cli.python.clone(), cli.only.clone());
        Ok(Self { cores: Cores::available()?, python, only, rounds, smoke: cli.smoke })
    }

    /// Rounds to take under `placement`; unpinned figures carry no goal and get fewer.
    pub(crate) fn rounds(&self, placement: Placement) -> usize {
        match placement {
            Placement::Pinned => self.rounds,
            Placement::Unpinned => self.rounds.min(UNPINNED_ROUNDS),
        }
    }

    /// The events of one measurement, cut short for a smoke run.
    pub(crate) fn events(&self, full: usize) -> usize {
        if self.smoke { full.min(SMOKE_EVENTS) } else { full }
    }

    /// A silence, cut short for a smoke run.
    pub(crate) fn pause(&self, full: Duration) -> Duration {
        if self.smoke { full.min(SMOKE_PAUSE) } else { full }
    }

    /// Whether this part of a bench was asked for.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }

    /// Whether figures taken under `placement` are held against their goals.
    pub(crate) fn judges(&self, placement: Placement) -> bool {
        placement == Placement::Pinned && self.rounds >= ROUNDS_FOR_GOALS
    }
}

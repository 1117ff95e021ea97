//! The benches: one file and one row of the table each.

use anyhow::Result;

use crate::report::Report;
use crate::setup::Setup;

mod http;
mod modes;

/// The name that stands for every bench.
pub(crate) const ALL: &str = "all";

const BENCHES: &[Bench] = &[
    Bench { name: "http", about: "typed event to acknowledged, over HTTP", run: http::run },
    Bench { name: "modes", about: "what a mode of emission costs its host, over HTTP", run: modes::run },
];

/// A bench by name.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Setup, &mut Report) -> Result<()>,
}

/// What may be asked for on the command line.
pub(crate) fn choices() -> impl Iterator<Item = &'static str> {
    BENCHES.iter().map(|bench| bench.name).chain([ALL])
}

/// The benches that `name` stands for.
pub(crate) fn named(name: &str) -> impl Iterator<Item = &'static Bench> {
    BENCHES.iter().filter(move |bench| name == ALL || name == bench.name)
}

//! Measures emission beside bare clients on one machine and prints the ratios.
//!
//! `docs/benchmarks.md` says how each figure is taken and how to read it.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the tables of a command line program go to its standard output")]

use std::fs;

use anyhow::{Context as _, Result, ensure};
use clap::Parser as _;

use crate::cli::{Cli, Internal};
use crate::report::Report;
use crate::setup::Setup;

mod benches;
mod census;
mod cli;
mod contestant;
mod cpu;
mod events;
mod figures;
mod memory;
mod pace;
mod pin;
mod readings;
mod report;
mod rounds;
mod setup;
mod sink;
mod stats;
mod table;

fn main() -> Result<()> {
    let cli = Cli::parse();
    match &cli.internal {
        Some(Internal::Sink { core, answer }) => sink::serve(*core, *answer),
        Some(Internal::Hold(order)) => benches::queue::hold(order),
        Some(Internal::Crowd(order)) => benches::clients::gather(order),
        Some(Internal::Alike(order)) => benches::cache::build(order),
        #[cfg(feature = "kafka")]
        Some(Internal::Still(order)) => benches::kafka::be_still(order),
        None => measure(&cli),
    }
}

fn measure(cli: &Cli) -> Result<()> {
    let setup = Setup::new(cli)?;
    let mut report = Report::default();
    let benches: Vec<_> = benches::named(cli.name()).filter(|bench| bench.has(cli.only.as_deref())).collect();
    ensure!(!benches.is_empty(), "bench `{}` has no such part", cli.name());
    for bench in &benches {
        if benches.len() > 1 {
            report.prefix(bench.name);
        }
        println!("{}: {}\n", bench.name, bench.about);
        (bench.run)(&setup, &mut report).with_context(|| format!("bench `{}` did not finish", bench.name))?;
    }
    if let Some(path) = &cli.json {
        fs::write(path, report.to_json()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

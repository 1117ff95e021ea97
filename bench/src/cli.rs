//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

use crate::benches::{self, cache, clients, queue};
use crate::sink::Manner;

/// Measures emission beside bare clients on one machine, as ratios.
#[derive(Debug, Parser)]
#[command(name = "openlineage-bench", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Cli {
    /// The bench to run.
    #[arg(required = true, value_parser = PossibleValuesParser::new(benches::choices()))]
    name: Option<String>,

    /// Write every figure of the run to this file, as {"figures": {"name": number}}.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Measure the released Python client too, run by this interpreter; more of them are for `clients` alone.
    #[arg(long, value_name = "INTERPRETER")]
    pub(crate) python: Vec<PathBuf>,

    /// One round of few events, to see that everything runs; goals are not judged.
    #[arg(long, conflicts_with = "rounds")]
    pub(crate) smoke: bool,

    /// Interleaved rounds; below 11 goals are not judged.
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,

    /// Take one part of a bench that has parts.
    #[arg(long, value_name = "PART", value_parser = PossibleValuesParser::new(benches::parts()))]
    pub(crate) only: Option<String>,

    #[command(subcommand)]
    pub(crate) internal: Option<Internal>,
}

/// What the program starts itself as.
#[derive(Debug, Subcommand)]
pub(crate) enum Internal {
    /// Serve as the destination until standard input closes.
    #[command(hide = true)]
    Sink {
        /// The core to stay on.
        #[arg(long)]
        core: Option<usize>,
        /// When to answer.
        #[arg(long, value_enum, default_value = "at-once")]
        answer: Manner,
    },
    /// Queue events for a destination that never answers, and tell how this process grew.
    #[command(hide = true)]
    Hold(queue::Order),
    /// Be many clients, step by step.
    #[command(hide = true)]
    Crowd(clients::Order),
    /// Build client after client from one configuration, and tell how this process grew.
    #[command(hide = true)]
    Alike(cache::Order),
    /// Send one event to Kafka, then do nothing until standard input closes.
    #[cfg(feature = "kafka")]
    #[command(hide = true)]
    Still(benches::kafka::Order),
}

impl Cli {
    /// The bench asked for; clap lets it be absent only beside an internal command.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(benches::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_is_chosen_by_name() {
        let cli = Cli::try_parse_from(["openlineage-bench", "http", "--rounds", "5"]).unwrap();
        assert_eq!((cli.name(), cli.rounds, cli.smoke), ("http", 5, false));
    }

    #[test]
    fn an_unknown_or_missing_name_is_refused() {
        assert!(Cli::try_parse_from(["openlineage-bench", "htpp"]).is_err());
        assert!(Cli::try_parse_from(["openlineage-bench"]).is_err());
        assert!(Cli::try_parse_from(["openlineage-bench", "http", "--rounds", "0"]).is_err());
    }

    #[test]
    fn a_part_is_chosen_by_name() {
        let cli = Cli::try_parse_from(["openlineage-bench", "queue", "--only", "wake"]).unwrap();
        assert_eq!(cli.only.as_deref(), Some("wake"));
        assert!(Cli::try_parse_from(["openlineage-bench", "queue", "--only", "woke"]).is_err());
    }

    #[test]
    fn the_sink_needs_no_name() {
        let cli = Cli::try_parse_from(["openlineage-bench", "sink", "--core", "1"]).unwrap();
        assert!(matches!(cli.internal, Some(Internal::Sink { core: Some(1), answer: Manner::AtOnce })));
    }
}

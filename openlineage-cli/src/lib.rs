//! The `openlineage` command, for programs that want it with transports of their own.
//!
//! The binary is one line: [`main`] with the kinds of the facade. A build of your own adds kinds to the registry, and
//! configuration files, `--transport`, transforms and every command know them:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     openlineage_cli::main(openlineage::registry() /* .with("acme", AcmeFactory) */)
//! }
//! ```
#![forbid(unsafe_code)]

mod args;
mod cmd;
mod configuration;
mod exit;
mod input;
mod report;

use std::process::ExitCode;

use clap::Parser;
use openlineage::config::Registry;

use crate::args::{Args, Command};

/// Reads the process's arguments and does what they say, with the transports of `registry`. Prints to stdout and stderr;
/// ends the process itself only for `--help`, `--version` and wrong arguments.
#[must_use]
pub fn main(registry: Registry) -> ExitCode {
    let args = Args::parse();
    log_to_stderr(args.common.verbose);
    let outcome = match args.command {
        Command::Check(check) => cmd::check::check(&check, &args.common, &registry),
        Command::Run(run) => cmd::run::run(&run, &args.common, &registry),
        Command::Emit(emit) => cmd::emit::emit(&emit, &args.common, &registry),
    };
    outcome.unwrap_or_else(|error| {
        report::error(&error);
        ExitCode::from(exit::USAGE)
    })
}

/// Warnings always, more with each `-v`; on stderr, because stdout belongs to the command or the events.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => tracing_subscriber::filter::LevelFilter::WARN,
        1 => tracing_subscriber::filter::LevelFilter::INFO,
        2 => tracing_subscriber::filter::LevelFilter::DEBUG,
        _ => tracing_subscriber::filter::LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}

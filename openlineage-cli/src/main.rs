//! The `openlineage` command. See `openlineage --help`.
#![forbid(unsafe_code)]

mod args;
mod cmd;
mod configuration;
mod exit;
mod input;
mod report;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    log_to_stderr(args.common.verbose);
    let outcome = match args.command {
        Command::Check(check) => cmd::check::check(&check, &args.common),
        Command::Run(run) => cmd::run::run(&run, &args.common),
        Command::Emit(emit) => cmd::emit::emit(&emit, &args.common),
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

//! Everything this workspace runs besides cargo itself: the tidy checks, the test command, the benches, a broker to
//! test against, and CI.
//!
//! Each subcommand is one module. They share two things: [`facts`], what git and cargo say about the workspace, and
//! [`shell`], how a program is started.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a command line tool answers on its standard output")]

mod bench;
mod ci;
mod facts;
mod features;
#[cfg(target_os = "linux")]
mod kafka;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  cargo xtask tidy\n  cargo xtask test\n  cargo xtask ci")]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    about = "Checks, tests and benches of this workspace"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check what the compiler cannot: who depends on whom, sizes, documents, licences
    #[command(after_help = "Example:\n  cargo xtask tidy")]
    Tidy,
    /// Run every test of the workspace
    #[command(after_help = "Examples:\n  cargo xtask test\n  cargo xtask test -- retry -- --nocapture\n  \
        OPENLINEAGE_SPEC=../shared/spec cargo xtask test")]
    Test(test::Args),
    /// Run what a change has to pass, in the order of what fails fastest
    #[command(after_help = "Example:\n  CI=true cargo xtask ci")]
    Ci,
    /// Build the benches and run them
    #[command(after_help = "Examples:\n  cargo xtask bench all --smoke\n  \
        cargo xtask bench http --rounds 21 --json target/http.json\n  cargo xtask bench http --python")]
    Bench(bench::Args),
    /// Run one real Apache Kafka broker on this machine, and disturb it
    #[cfg(target_os = "linux")]
    #[command(after_help = "Needs Java 17 or later and Maven.\n\nExamples:\n  cargo xtask kafka up\n  \
        cargo xtask kafka fault freeze\n  cargo xtask kafka down")]
    Kafka(kafka::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Tidy => tidy::run(),
        Task::Test(args) => test::run(&args),
        Task::Ci => ci::run(),
        Task::Bench(args) => bench::run(&args),
        #[cfg(target_os = "linux")]
        Task::Kafka(args) => kafka::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The names of the subcommands, for the check of the documents.
fn task_names() -> Vec<String> {
    Cli::command().get_subcommands().map(|task| task.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_misspelt_task_is_refused() {
        assert!(Cli::try_parse_from(["cargo xtask", "tydy"]).is_err());
    }

    #[test]
    fn test_arguments_travel_behind_two_dashes() {
        let cli = Cli::try_parse_from(["cargo xtask", "test", "--", "retry", "--", "--nocapture"]).unwrap();
        let Task::Test(args) = cli.task else { panic!("not the test task") };
        assert_eq!(args.extra, ["retry", "--", "--nocapture"]);
    }
}

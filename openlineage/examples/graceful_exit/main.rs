//! A program that loses no lineage at its end, however it ends: by a return, a panic or a signal.
//!
//! It reads names of jobs from stdin, a line each, and reports a run of each. Tell it by `OPENLINEAGE__TRANSPORT` where
//! to: `OPENLINEAGE__TRANSPORT='{"type":"console"}' cargo run --example graceful_exit`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its user")]

use std::io;
use std::time::Duration;

use openlineage::prelude::*;

fn main() -> io::Result<()> {
    report_runs(Guard::WITHIN)
}

fn report_runs(within: Duration) -> io::Result<()> {
    let client = openlineage::from_env_or_noop();
    // For a return from here and a panic that unwinds through here. `std::process::exit` and signals pass it by.
    let _guard = openlineage::init(within).closing(&client);
    #[cfg(unix)]
    signals::close_on_signal(&client, within)?;
    for job in io::stdin().lines() {
        let job = job?;
        let run = client.run("examples", &*job).start().wait();
        // A program does not fail over its lineage.
        match run.complete().wait() {
            Ok(_) => println!("{job}"),
            Err(error) => eprintln!("{job}: {error}"),
        }
    }
    Ok(())
}

#[cfg(unix)]
mod signals {
    use std::io;
    use std::process;
    use std::thread;
    use std::time::Duration;

    use openlineage::Client;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// From now on these signals end the program only after the client has been closed.
    ///
    /// A handler itself may do next to nothing, so a thread waits for the signals and does the work. The library leaves
    /// that to the program: signals are the program's own.
    pub(super) fn close_on_signal(client: &Client, within: Duration) -> io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let client = client.blocking();
        let waiting = move || {
            if let Some(signal) = signals.forever().next() {
                match client.close_within(within) {
                    Ok(report) if report.is_clean() => {}
                    Ok(report) => eprintln!("{} events of {} are lost", report.tally.lost(), report.tally.accepted),
                    Err(error) => eprintln!("{error}"),
                }
                exit(128 + signal);
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(waiting).map(drop)
    }

    #[expect(clippy::exit, reason = "the other threads may be waiting for anything")]
    fn exit(code: i32) {
        process::exit(code);
    }
}

#[cfg(all(test, target_os = "linux", feature = "datadog", feature = "http"))]
mod tests;

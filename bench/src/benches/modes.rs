//! `modes`: what a mode of emission costs its host.

use std::net::SocketAddr;

use anyhow::Result;
use openlineage_emit_modes::Mode;

use crate::contestant::python::{Kind, Python};
use crate::contestant::{Contestant, Load, Sample, modes};
use crate::figures::Goal::{AtLeast, AtMost};
use crate::figures::{Figure, Goal};
use crate::pin::Placement;
use crate::readings;
use crate::report::Report;
use crate::rounds::{self, Entrant, Round};
use crate::setup::Setup;
use crate::sink::{Manner, Sink};
use crate::stats::Spread;

const BARE: &str = "bare";
const INLINE: &str = "inline";
const THREAD: &str = "thread";
const TASK: &str = "task submit";
const PYTHON: &str = "python";
const PYTHON_THREAD: &str = "python thread";

const EVENTS: usize = 3_000;
const PYTHON_EVENTS: usize = 400;

/// How a figure comes out of one round; `None` where a contestant did not take part.
type Reading = fn(&Round) -> Option<f64>;

const FIGURES: [(&str, Option<Goal>, Reading); 5] = [
    ("inline_overhead_us", Some(AtMost(10.0)), |round| Some(p50(round, INLINE)? - p50(round, BARE)?)),
    ("thread_overhead_us", Some(AtMost(40.0)), |round| Some(p50(round, THREAD)? - p50(round, BARE)?)),
    ("task_submit_p99_us", Some(AtMost(20.0)), |round| Some(sample(round, TASK)?.p99_us)),
    ("python_thread_overhead_us", None, |round| Some(p50(round, PYTHON_THREAD)? - p50(round, PYTHON)?)),
    ("thread_rate_vs_python_thread", Some(AtLeast(1.0)), |round| {
        Some(sample(round, THREAD)?.rate / sample(round, PYTHON_THREAD)?.rate)
    }),
];

/// Runs the bench pinned, then unpinned.
pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    Placement::BOTH.into_iter().try_for_each(|placement| run_placed(setup, placement, report))
}

fn run_placed(setup: &Setup, placement: Placement, report: &mut Report) -> Result<()> {
    let sink = Sink::start(setup.cores.place(placement)?, Manner::AtOnce)?;
    let mut entrants = entrants(setup, sink.address())?;
    let taken = rounds::interleave(&mut entrants, setup.rounds(placement))?;
    drop(entrants);
    sink.finish(taken.acknowledged)?;

    let title = format!("{}, {} rounds", setup.cores.describe(placement), taken.rounds.len());
    println!("readings: {title}\n{}", readings::table(&taken.rounds));
    let figures = FIGURES.iter().filter_map(|(name, goal, reading)| {
        let values: Option<Vec<f64>> = taken.rounds.iter().map(reading).collect();
        let goal = goal.filter(|_| setup.judges(placement));
        Some(Figure { name: format!("{name}{}", placement.suffix()), spread: Spread::of(&values?)?, goal })
    });
    report.add(&format!("figures: {title}"), figures.collect());
    Ok(())
}

fn entrants(setup: &Setup, address: SocketAddr) -> Result<Vec<Entrant>> {
    let entrant = |name, full, contestant: Box<dyn Contestant>| {
        let loads = vec![Load { in_flight: 1, events: setup.events(full) }];
        Entrant { name, loads, contestant }
    };
    let mut entrants = vec![
        entrant(BARE, EVENTS, Box::new(modes::bare(address)?)),
        entrant(INLINE, EVENTS, Box::new(modes::waited_for(address, Mode::inline())?)),
        entrant(THREAD, EVENTS, Box::new(modes::waited_for(address, Mode::thread())?)),
        entrant(TASK, EVENTS, Box::new(modes::submitted(address)?)),
    ];
    if let Some(interpreter) = setup.python.first() {
        for (name, kind) in [(PYTHON, Kind::Http), (PYTHON_THREAD, Kind::HttpThread)] {
            let python = Python::start(interpreter, address, kind)?;
            println!("{name} is openlineage-python {}", python.version());
            entrants.push(entrant(name, PYTHON_EVENTS, Box::new(python)));
        }
    }
    Ok(entrants)
}

fn sample<'a>(round: &'a Round, name: &str) -> Option<&'a Sample> {
    round.sample(name, 1)
}

fn p50(round: &Round, name: &str) -> Option<f64> {
    sample(round, name).map(|sample| sample.p50_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Taken;

    #[test]
    fn overheads_are_differences_within_a_round_and_absent_contestants_make_no_figure() {
        let take = |(contestant, p50_us): (&'static str, f64)| Taken {
            contestant,
            in_flight: 1,
            sample: Sample { rate: 1e6 / p50_us, cpu_us: 1.0, p50_us, p99_us: 2.0 * p50_us },
        };
        let round = Round([(BARE, 50.0), (INLINE, 52.0), (THREAD, 80.0), (TASK, 4.0)].map(take).into());
        let values: Vec<Option<f64>> = FIGURES.iter().map(|(_, _, reading)| reading(&round)).collect();
        assert_eq!(values, [Some(2.0), Some(30.0), Some(8.0), None, None]);
    }
}

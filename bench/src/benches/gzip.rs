//! `gzip`: from a typed event to the compressed body of a request.

use anyhow::Result;

use crate::contestant::{Load, packed};
use crate::figures::Goal::AtMost;
use crate::figures::Row;
use crate::pin::Placement;
use crate::readings;
use crate::report::Report;
use crate::rounds::{self, Entrant};
use crate::setup::Setup;

const OURS: &str = "ours";
const PLAIN: &str = "plain";
const EVENTS: usize = 4_000;

const FIGURES: [Row; 3] = [
    Row::cpu("gzip_cpu_vs_plain", OURS, PLAIN, 1, Some(AtMost(1.15))),
    Row::latency("gzip_p50_us", OURS, |sample| sample.p50_us),
    Row::latency("gzip_plain_p50_us", PLAIN, |sample| sample.p50_us),
];

/// Runs the bench, pinned: nobody else takes part in it.
pub(super) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    setup.cores.place(Placement::Pinned)?;
    let loads = vec![Load { in_flight: 1, events: setup.events(EVENTS) }];
    let mut entrants = [
        Entrant { name: OURS, loads: loads.clone(), contestant: Box::new(packed::ours()?) },
        Entrant { name: PLAIN, loads, contestant: Box::new(packed::plain()) },
    ];
    let taken = rounds::interleave(&mut entrants, setup.rounds(Placement::Pinned))?;
    let title = format!("{}, {} rounds", setup.cores.describe(Placement::Pinned), taken.rounds.len());
    println!("readings: {title}\n{}", readings::table(&taken.rounds));
    let judged = setup.judges(Placement::Pinned);
    report.add(
        &format!("figures: {title}"),
        FIGURES.iter().filter_map(|row| row.figure(&taken.rounds, "", judged)).collect(),
    );
    Ok(())
}

//! `clients`: what many clients cost a process that does nothing, each with a transport to Datadog of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result};

use self::figures::{MANY, Populations, SOME, Taken};
use self::process::{Process, Who};
use crate::census::{self, Sight};
use crate::pin::Placement;
use crate::report::Report;
use crate::setup::Setup;
use crate::sink::{Manner, Sink};
use crate::table;

pub(crate) use self::crowd::{Order, gather};

mod crowd;
mod figures;
mod files;
mod process;

const SIZES: [usize; 5] = [0, 50, 150, SOME, MANY];
/// Before each silence, for threads that end by themselves.
const REST: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(5);
/// What a process has open beside the connections of its clients, and then some.
const SPARE_FILES: usize = 100;

/// Runs the bench, pinned: where the scheduler puts client and sink says nothing about silence.
pub(super) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let sink = setup.cores.place(Placement::Pinned)?;
    let most = most_clients(setup)?;
    let mut all = vec![populations(setup, sink, Who::Ours, most)?];
    for interpreter in &setup.python {
        all.push(populations(setup, sink, Who::Python(interpreter), most.min(SOME))?);
    }
    let cores = setup.cores.describe(Placement::Pinned);
    println!("before any event: {cores}\n{}", readings(&all, |taken| &taken.before));
    println!("after one event each: {cores}\n{}", readings(&all, |taken| &taken.after));
    report.add(&format!("figures: {cores}"), figures::of(&all, setup.judges(Placement::Pinned)));
    Ok(())
}

/// As many as there may be files; a smoke run leaves the largest population out.
fn most_clients(setup: &Setup) -> Result<usize> {
    let files = files::raise()?;
    let most = files.saturating_sub(SPARE_FILES).min(MANY);
    if most < MANY {
        println!("a process may have {files} files open here: at most {most} clients\n");
    }
    Ok(if setup.smoke { most.min(SOME) } else { most })
}

/// Each population has a process and a sink of its own.
fn populations(setup: &Setup, sink: Option<usize>, who: Who<'_>, most: usize) -> Result<Populations> {
    let sizes: BTreeSet<usize> = SIZES.into_iter().map(|size| size.min(most)).collect();
    let mut populations = Populations::default();
    for clients in sizes {
        let sink = Sink::start(sink, Manner::AtOnce)?;
        let (name, taken) = taken(setup, who, clients, &sink).with_context(|| format!("with {clients} clients"))?;
        sink.finish(clients)?;
        populations.name = name;
        populations.taken.push(taken);
    }
    Ok(populations)
}

fn taken(setup: &Setup, who: Who<'_>, clients: usize, sink: &Sink) -> Result<(String, Taken)> {
    let look = |process: &Process| census::watch(process.id(), setup.pause(REST), setup.pause(WINDOW));
    let mut process = Process::start(who, sink.address(), clients)?;
    process.hears("built")?;
    let before = look(&process)?;
    process.go_on()?;
    process.hears("emitted")?;
    let after = look(&process)?;
    Ok((process.finish()?, Taken { clients, before, after }))
}

/// A row for each population of everybody.
fn readings(all: &[Populations], look: fn(&Taken) -> &Sight) -> String {
    let head = ["client", "clients", "threads", "idle CPU %", "switches", "RSS KiB", "files"];
    let row = |name: &str, taken: &Taken| {
        let Sight { threads, cpu_pct, switches, resident_kib, files } = look(taken);
        let cpu = format!("{cpu_pct:.3}");
        let counts = [taken.clients, *threads].map(|count| count.to_string());
        let rest = [cpu, switches.to_string(), resident_kib.to_string(), files.to_string()];
        [name.to_owned()].into_iter().chain(counts).chain(rest).collect::<Vec<_>>()
    };
    let rows = all.iter().flat_map(|one| one.taken.iter().map(|taken| row(&one.name, taken)));
    table::render(&head, &rows.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_population_is_a_row() {
        let sight = |threads| Sight { threads, cpu_pct: 0.25, switches: 3, resident_kib: 4000, files: 5 };
        let taken = [1, 400].map(|clients| Taken { clients, before: sight(1), after: sight(2) });
        let all = [Populations { name: "ours".to_owned(), taken: taken.into() }];
        let text = readings(&all, |taken| &taken.after);
        let row: Vec<&str> = text.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(row, ["ours", "400", "2", "0.250", "3", "4000", "5"]);
        assert_eq!(text.lines().count(), 4);
    }
}

//! `kafka`: what sending to a broker costs beside bare rdkafka, and beside the released client.

use anyhow::{Context as _, Result};

use super::Part;
use super::stage;
use crate::report::Report;
use crate::setup::Setup;

pub(crate) use self::still::{Order, be_still};

mod idle;
mod queued;
mod rate;
mod still;

/// What is taken, in this order.
pub(super) const PARTS: [Part; 3] = [
    Part { name: "acknowledged", take: rate::take },
    Part { name: "queued", take: queued::take },
    Part { name: "idle", take: idle::take },
];

const OURS: &str = "ours";
const BARE: &str = "rdkafka";
const PYTHON: &str = "python";

/// Where the broker is, and its process: said by who has started it.
const ADDRESS: &str = "OPENLINEAGE_KAFKA";
const PROCESS: &str = "OPENLINEAGE_KAFKA_PID";

/// Runs the bench, pinned: client on one core, broker on the other.
pub(super) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    if std::env::var_os(ADDRESS).is_none() && setup.smoke {
        println!("nothing is measured: there is no Kafka broker, {ADDRESS} is not set\n");
        return Ok(());
    }
    let process = std::env::var(PROCESS).ok().map(|id| id.parse()).transpose()?;
    if let Some(process) = process {
        setup.cores.place_sink(process)?;
    }
    stage::take(&PARTS, setup, report)
}

fn address() -> Result<String> {
    std::env::var(ADDRESS).with_context(|| format!("{ADDRESS} does not say where the broker is; use cargo xtask bench"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let mut names: Vec<&str> = rate::FIGURES.iter().map(|row| row.figure).collect();
        names.extend(queued::FIGURES.iter().map(|row| row.figure));
        names.extend(idle::FIGURES.iter().map(|reading| reading.figure));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}

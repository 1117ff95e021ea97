//! `queue`: what handing over an event costs, and what the queue behind it does, over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use openlineage_core::queue::Limits;
use openlineage_transport_http::{AsyncHttpTransport, HttpBuilder};

use super::Part;
use super::stage::{self, Stage};
use crate::report::Report;
use crate::setup::Setup;

pub(crate) use self::hold::{Order, hold};

mod close;
mod connections;
mod deadline;
mod hold;
mod memory;
mod rate;
mod submit;
mod wake;

/// What is taken, in this order.
pub(super) const PARTS: [Part; 7] = [
    Part { name: "submit", take: submit::take },
    Part { name: "rate", take: rate::take },
    Part { name: "memory", take: memory::take },
    Part { name: "connections", take: connections::take },
    Part { name: "wake", take: wake::take },
    Part { name: "deadline", take: deadline::take },
    Part { name: "close", take: close::take },
];

/// For a sink that answers, on whatever machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the bench, pinned: where the scheduler puts client and sink says nothing about a queue.
pub(super) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    stage::take(&PARTS, setup, report)
}

/// The transport with its defaults.
fn transport(address: SocketAddr) -> Result<AsyncHttpTransport> {
    Ok(builder(address).build_async(Limits::default())?)
}

fn builder(address: SocketAddr) -> HttpBuilder {
    AsyncHttpTransport::builder(format!("http://{address}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let mut names: Vec<&str> = rate::FIGURES.iter().map(|row| row.figure).collect();
        names.extend(submit::FIGURES.iter().map(|reading| reading.figure));
        names.extend(memory::FIGURES.iter().map(|reading| reading.figure));
        names.extend(connections::FIGURES.iter().map(|reading| reading.figure));
        names.extend(wake::FIGURES.iter().map(|reading| reading.figure));
        names.extend(deadline::FIGURES.iter().map(|reading| reading.figure));
        names.extend(close::FIGURES.iter().map(|reading| reading.figure));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}

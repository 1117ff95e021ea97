//! A program that builds client after client from one configuration, and tells how it grew.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::ops::Range;
use std::process;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use openlineage::composite::TransportCache;
use openlineage::config::{ConfigValue, Environment};
use openlineage_core::client::Client;
use openlineage_core::lifecycle::Tally;
use openlineage_core::transport::Ack;
use serde::{Deserialize, Serialize};

use super::PATIENCE;
use crate::events::typed;
use crate::memory;
use crate::pace;

/// Clients whose events are waited for together: more runs than a leg may have connections, and room in its queue for all
/// of their events.
const WAVE: usize = 50;
/// Nobody tells when the events of forgotten clients are settled; their numbers do.
const LOOK: Duration = Duration::from_millis(1);

/// How many clients, where their events go to, and what becomes of them.
#[derive(Debug, Args)]
pub(crate) struct Order {
    #[arg(long)]
    pub(super) http: SocketAddr,
    #[arg(long)]
    pub(super) datadog: SocketAddr,
    /// Clients before the first reading.
    #[arg(long)]
    pub(super) first: usize,
    /// Clients between the readings.
    #[arg(long)]
    pub(super) more: usize,
    /// Keeps them all and emits nothing, instead of emitting a START and a COMPLETE with each and forgetting it.
    #[arg(long)]
    pub(super) keep: bool,
}

/// What the program tells.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// In the process cache at the end: the composite and its legs.
    pub(super) transports: usize,
    /// At the end, over the beginning.
    pub(super) threads: usize,
    /// Kibibytes, the second reading over the first.
    pub(super) grown_kib: f64,
    /// What the clients between the readings took, with their events.
    pub(super) seconds: f64,
}

impl Order {
    /// The command line that says so.
    pub(super) fn arguments(&self) -> Vec<String> {
        let Self { http, datadog, first, more, keep } = self;
        let mut words = vec!["alike".to_owned(), format!("--http={http}"), format!("--datadog={datadog}")];
        words.extend([format!("--first={first}"), format!("--more={more}")]);
        words.extend(keep.then(|| "--keep".to_owned()));
        words
    }
}

/// Does what is ordered, and tells in a line of JSON.
pub(crate) fn build(order: &Order) -> Result<()> {
    let threads_before = threads()?;
    let guard = openlineage::init(PATIENCE);
    let crowd = Crowd { config: super::as_config(&super::configuration(order.http, order.datadog)) };
    let (first, all) = (order.first, order.first + order.more);
    let (grown_kib, seconds) = if order.keep { crowd.keep(first, all) } else { crowd.forget(first, all) }?;
    let transports = TransportCache::process().len();
    let told = Told { transports, threads: threads()?.saturating_sub(threads_before), grown_kib, seconds };
    drop(guard);
    writeln!(io::stdout(), "{}", serde_json::to_string(&told)?)?;
    Ok(())
}

/// Clients of one configuration.
struct Crowd {
    config: ConfigValue,
}

/// Growth in kibibytes and seconds, from the first reading to the second.
type Grown = (f64, f64);

impl Crowd {
    fn forget(&self, first: usize, all: usize) -> Result<Grown> {
        self.emit(0..first)?;
        let (resident, begun) = (resident_kib()?, Instant::now());
        self.emit(first..all)?;
        let seconds = begun.elapsed().as_secs_f64();
        let grown = resident_kib()? - resident;
        for leg in self.client()?.stats().children {
            ensure!(leg.tally.delivered == 2 * all as u64, "a leg has not delivered every event: {:?}", leg.tally);
        }
        Ok((grown, seconds))
    }

    fn keep(&self, first: usize, all: usize) -> Result<Grown> {
        let mut clients = Vec::with_capacity(all);
        for _ in 0..first {
            clients.push(self.client()?);
        }
        let (resident, begun) = (resident_kib()?, Instant::now());
        for _ in first..all {
            clients.push(self.client()?);
        }
        let (grown, seconds) = (resident_kib()? - resident, begun.elapsed().as_secs_f64());
        ensure!(clients.iter().all(|client| client.stats().tally == Tally::default()), "an idle client has counted");
        Ok((grown, seconds))
    }

    fn client(&self) -> Result<Client> {
        super::client(&self.config, &Environment::default())
    }

    /// A client for each number, forgotten as soon as its events are queued. Returns when all is settled.
    fn emit(&self, numbers: Range<usize>) -> Result<()> {
        let end = numbers.end;
        for number in numbers {
            let client = self.client()?;
            for event in typed::pair(number)? {
                let ack = client.blocking().emit_within(event, PATIENCE)?;
                ensure!(matches!(ack, Ack::Queued(_)), "an event was not queued: {ack:?}");
            }
            drop(client);
            if number % WAVE == WAVE - 1 || number + 1 == end {
                self.settle()?;
            }
        }
        Ok(())
    }

    /// Waits until no leg has an event left.
    fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        let look = self.client()?;
        while look.stats().children.iter().any(|leg| leg.tally.pending() > 0) {
            ensure!(begun.elapsed() < PATIENCE, "events are pending after {PATIENCE:?}: {:?}", look.stats());
            pace::rest(LOOK)?;
        }
        Ok(())
    }
}

fn resident_kib() -> Result<f64> {
    Ok(memory::resident(process::id())? as f64 / 1024.0)
}

fn threads() -> Result<usize> {
    Ok(fs::read_dir("/proc/self/task").context("cannot list the threads of this process")?.count())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Internal};

    #[test]
    fn an_order_arrives_as_it_was_given() {
        let [http, datadog] = [5000, 5001].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        for keep in [false, true] {
            let order = Order { http, datadog, first: 1, more: 2, keep };
            let words = [vec!["openlineage-bench".to_owned()], order.arguments()].concat();
            let Some(Internal::Alike(told)) = Cli::try_parse_from(words).unwrap().internal else { panic!("no order") };
            assert_eq!(format!("{told:?}"), format!("{order:?}"));
        }
    }
}

//! A process that queues events for a destination that never answers, and tells how it grew.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::transport::{Ack, Ticket, Transport as _};
use openlineage_transport_http::{AsyncHttpTransport, Compression};
use serde::{Deserialize, Serialize};

use crate::events::typed;
use crate::pace;

/// Longer than the process lives: no attempt ends.
const HUNG: Duration = Duration::from_secs(3_600);

/// What to queue, and where.
#[derive(Debug, Args)]
pub(crate) struct Order {
    #[arg(long)]
    pub(super) address: SocketAddr,
    #[arg(long)]
    pub(super) gzip: bool,
    /// Events before the first reading.
    #[arg(long)]
    pub(super) first: usize,
    /// Events between the readings.
    #[arg(long)]
    pub(super) more: usize,
    /// Before each reading, for the worker to make connections and fall silent.
    #[arg(long)]
    pub(super) rest_ms: u64,
}

/// Between the readings.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Grown {
    resident: usize,
    json: usize,
}

impl Order {
    /// The command line that says so.
    pub(super) fn arguments(&self) -> Vec<String> {
        let Self { address, gzip, first, more, rest_ms } = self;
        let mut words = vec!["hold".to_owned(), format!("--address={address}"), format!("--rest-ms={rest_ms}")];
        words.extend([format!("--first={first}"), format!("--more={more}")]);
        words.extend(gzip.then(|| "--gzip".to_owned()));
        words
    }
}

impl Grown {
    pub(super) fn ratio(self) -> f64 {
        self.resident as f64 / self.json as f64
    }
}

/// Queues, reads, queues, reads, and tells in a line of JSON.
pub(crate) fn hold(order: &Order) -> Result<()> {
    let transport = transport(order)?;
    let all = order.first + order.more;
    let mut tickets = Vec::with_capacity(all);
    queue(&transport, 0..order.first, &mut tickets)?;
    pace::rest(Duration::from_millis(order.rest_ms))?;
    let before = resident()?;
    let json = queue(&transport, order.first..all, &mut tickets)?;
    pace::rest(Duration::from_millis(order.rest_ms))?;
    let resident = resident()?.saturating_sub(before);

    let held = transport.stats().queue.map(|queue| queue.events);
    ensure!(held == Some(all), "of {all} events the queue holds {held:?}");
    drop(tickets);
    writeln!(io::stdout(), "{}", serde_json::to_string(&Grown { resident, json })?)?;
    Ok(())
}

fn transport(order: &Order) -> Result<AsyncHttpTransport> {
    let mut builder = super::builder(order.address).timeout(HUNG);
    if order.gzip {
        builder = builder.compression(Compression::Gzip);
    }
    let limits = Limits { events: order.first + order.more, bytes: usize::MAX, ..Limits::default() };
    Ok(builder.build_async(limits)?)
}

/// Queues events by number, START and COMPLETE of each run, keeps their tickets, and gives their size as JSON.
fn queue(transport: &AsyncHttpTransport, numbers: Range<usize>, tickets: &mut Vec<Ticket>) -> Result<usize> {
    let mut json = 0;
    for number in numbers {
        let event = typed::nth(number)?.encode()?;
        json += event.len();
        match blocking::emit(transport, event, Deadline::now())? {
            Ack::Queued(ticket) => tickets.push(ticket),
            other => bail!("not queued: {other:?}"),
        }
    }
    Ok(json)
}

/// What this process has in memory, in bytes.
fn resident() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/smaps_rollup").context("cannot read the memory of this process")?;
    rss(&status).context("the memory of this process is not told")
}

fn rss(rollup: &str) -> Option<usize> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Internal};

    #[test]
    fn an_order_arrives_as_it_was_given() {
        let address = "127.0.0.1:5000".parse().unwrap();
        for gzip in [false, true] {
            let order = Order { address, gzip, first: 1, more: 2, rest_ms: 3 };
            let words = [vec!["openlineage-bench".to_owned()], order.arguments()].concat();
            let Some(Internal::Hold(told)) = Cli::try_parse_from(words).unwrap().internal else { panic!("no order") };
            assert_eq!(format!("{told:?}"), format!("{order:?}"));
        }
    }

    #[test]
    fn resident_memory_is_read_in_bytes() {
        let rollup = "55ca70249000-7ffcd6e58000 ---p 00000000 00:00 0   [rollup]\nRss:      1768 kB\nPss:   192 kB\n";
        assert_eq!(rss(rollup), Some(1768 * 1024));
        assert_eq!(rss("Pss: 192 kB\n"), None);
        assert!(resident().unwrap() > 0);
    }

    #[test]
    fn a_ratio_is_of_memory_over_text() {
        assert_eq!(Grown { resident: 110, json: 100 }.ratio(), 1.1);
    }
}

//! Ours with the queue: one producer emits typed events, the transport has many of them under way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::Event;
use openlineage_core::queue::Limits;
use openlineage_core::transport::Transport as _;
use openlineage_transport_http::AsyncHttpTransport;
use tokio::runtime::{self, Runtime};

use super::{Contestant, Load, Sample};
use crate::cpu;
use crate::events::typed;

const PATIENCE: Duration = Duration::from_secs(30);

/// A producer on a current-thread runtime of its own, and a transport for each number under way, all on the shared worker.
#[derive(Debug)]
pub(crate) struct Queued {
    runtime: Runtime,
    address: SocketAddr,
    events: Vec<Event>,
    transports: BTreeMap<usize, AsyncHttpTransport>,
}

impl Queued {
    /// Emits to `address`: START of so many runs, then COMPLETE of all, and again.
    pub(crate) fn new(address: SocketAddr, runs: usize) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot build a runtime")?;
        Ok(Self { runtime, address, events: typed::waves(runs)?, transports: BTreeMap::new() })
    }
}

impl Contestant for Queued {
    /// From the first event to the end of the flush. The time of a call is that of handing over, room waited for.
    fn run(&mut self, load: Load) -> Result<Sample> {
        if !self.transports.contains_key(&load.in_flight) {
            let limits = Limits { concurrent: load.in_flight, ..Limits::default() };
            let transport = AsyncHttpTransport::builder(format!("http://{}", self.address)).build_async(limits)?;
            self.transports.insert(load.in_flight, transport);
        }
        let transport = self.transports.get(&load.in_flight).context("the transport was just made")?;
        let before = transport.stats().tally.delivered;
        let (cpu, wall) = (cpu::spent(), Instant::now());
        let each = self.runtime.block_on(produce(transport, &self.events, load.events))?;
        let (wall, cpu) = (wall.elapsed(), cpu::spent() - cpu);

        let delivered = transport.stats().tally.delivered - before;
        ensure!(delivered == load.events as u64, "{delivered} of {} events were delivered", load.events);
        Ok(Sample::of(wall, cpu, &each))
    }
}

async fn produce(transport: &AsyncHttpTransport, events: &[Event], count: usize) -> Result<Vec<Duration>> {
    let mut each = Vec::with_capacity(count);
    for event in events.iter().cycle().take(count) {
        let began = Instant::now();
        drop(transport.emit(EncodedEvent::encode(event)?, Deadline::after(PATIENCE)).await?);
        each.push(began.elapsed());
    }
    let flushed = transport.flush(Deadline::after(PATIENCE)).await;
    ensure!(flushed.settled, "{} events are pending after the flush", flushed.pending);
    Ok(each)
}

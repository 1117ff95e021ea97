//! Ours: an encoded event through the Kafka transport.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Ack, Transport as _};
use openlineage_transport_kafka::KafkaTransport;
use tokio::runtime::{self, Runtime};

use super::{PATIENCE, Sends, bodies, properties};
use crate::contestant::{Contestant, Load, Sample};
use crate::cpu;

/// One transport, and what it is given.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    transport: Arc<KafkaTransport>,
    bodies: Arc<[Bytes]>,
}

impl Ours {
    /// Sends to a topic of the broker at `address`; waits for acknowledgements, or gets tickets.
    pub(crate) fn new(address: &str, topic: &str, flush: bool) -> Result<Self> {
        let mut builder = KafkaTransport::builder(topic).flush(flush);
        for (name, value) in properties(address) {
            builder = builder.config(name, value);
        }
        Ok(Self { transport: Arc::new(builder.build()?), bodies: bodies()?.into() })
    }
}

impl Sends for Ours {
    type Record = EncodedEvent;

    fn record(&self, number: usize) -> Result<EncodedEvent> {
        Ok(EncodedEvent::from_json(self.bodies[number % self.bodies.len()].clone())?)
    }

    async fn send(&self, event: EncodedEvent) -> Result<()> {
        match self.transport.emit(event, Deadline::after(PATIENCE)).await? {
            Ack::Delivered(_) => Ok(()),
            other => bail!("not acknowledged: {other:?}"),
        }
    }
}

/// One producer hands over events as fast as it can, then waits for all of them.
#[derive(Debug)]
pub(crate) struct Queued {
    runtime: Runtime,
    ours: Ours,
}

impl Queued {
    pub(crate) fn new(ours: Ours) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot build a runtime")?;
        Ok(Self { runtime, ours })
    }
}

impl Contestant for Queued {
    fn run(&mut self, load: Load) -> Result<Sample> {
        let events: Vec<_> = (0..load.events).map(|number| self.ours.record(number)).collect::<Result<_>>()?;
        let transport = &self.ours.transport;
        let before = transport.stats().tally.delivered;
        let mut each = Vec::with_capacity(load.events);
        let (cpu, wall) = (cpu::spent(), Instant::now());
        self.runtime.block_on(async {
            for event in events {
                let began = Instant::now();
                drop(transport.emit(event, Deadline::after(PATIENCE)).await?);
                each.push(began.elapsed());
            }
            let flushed = transport.flush(Deadline::after(PATIENCE)).await;
            ensure!(flushed.settled, "{} events are pending after the flush", flushed.pending);
            Ok(())
        })?;
        let (wall, cpu) = (wall.elapsed(), cpu::spent() - cpu);
        let delivered = transport.stats().tally.delivered - before;
        ensure!(delivered == load.events as u64, "{delivered} of {} events were delivered", load.events);
        Ok(Sample::of(wall, cpu, &each))
    }
}

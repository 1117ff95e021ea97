//! Who sends to Kafka, and the records that all of them send: the same bytes, keys, headers and properties.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use tokio::runtime::{self, Runtime};

use super::{Contestant, Load, Sample};
use crate::cpu;
use crate::events::Event;

pub(crate) mod bare;
pub(crate) mod ours;

/// For a broker that answers, on whatever machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// As many different runs as events come from.
const RUNS: usize = 200;

/// What our transport sets where nobody says otherwise, but for a queue that no load fills: what happens then is not what
/// these loads are about.
pub(crate) fn properties(address: &str) -> [(&'static str, String); 8] {
    [
        ("bootstrap.servers", address.to_owned()),
        ("acks", "all".to_owned()),
        ("compression.type", "lz4".to_owned()),
        ("enable.idempotence", "true".to_owned()),
        ("linger.ms", "0".to_owned()),
        ("message.timeout.ms", "30000".to_owned()),
        ("queue.buffering.max.kbytes", "1048576".to_owned()),
        ("queue.buffering.max.messages", "100000".to_owned()),
    ]
}

/// The JSON of START of so many runs, then of COMPLETE of all.
pub(crate) fn bodies() -> Result<Vec<Bytes>> {
    Event::waves(RUNS).iter().map(|event| Ok(serde_json::to_vec(event)?.into())).collect()
}

/// Sends records that were made before the clock runs.
pub(crate) trait Sends: Clone + Send + 'static {
    type Record: Send;

    /// The record of body number `number`.
    fn record(&self, number: usize) -> Result<Self::Record>;

    /// Sends it and returns when the broker has acknowledged it.
    fn send(&self, record: Self::Record) -> impl Future<Output = Result<()>> + Send;
}

/// As many callers as are to be in flight, tasks on a current-thread runtime of their own.
#[derive(Debug)]
pub(crate) struct Callers<S> {
    runtime: Runtime,
    sends: S,
}

impl<S: Sends> Callers<S> {
    pub(crate) fn new(sends: S) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot build a runtime")?;
        Ok(Self { runtime, sends })
    }
}

impl<S: Sends> Contestant for Callers<S> {
    fn run(&mut self, load: Load) -> Result<Sample> {
        let mut shares: Vec<Vec<S::Record>> = (0..load.in_flight).map(|_| Vec::new()).collect();
        for number in 0..load.events {
            shares[number % load.in_flight].push(self.sends.record(number)?);
        }
        let (cpu, wall) = (cpu::spent(), Instant::now());
        let each = self.runtime.block_on(send_all(&self.sends, shares))?;
        Ok(Sample::of(wall.elapsed(), cpu::spent() - cpu, &each))
    }
}

async fn send_all<S: Sends>(sends: &S, shares: Vec<Vec<S::Record>>) -> Result<Vec<Duration>> {
    let tasks: Vec<_> = shares.into_iter().map(|share| tokio::spawn(send_share(sends.clone(), share))).collect();
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await??);
    }
    Ok(each)
}

async fn send_share<S: Sends>(sends: S, share: Vec<S::Record>) -> Result<Vec<Duration>> {
    let mut each = Vec::with_capacity(share.len());
    for record in share {
        let began = Instant::now();
        sends.send(record).await?;
        each.push(began.elapsed());
    }
    Ok(each)
}

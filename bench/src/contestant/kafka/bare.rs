//! Bare rdkafka: its producer with a thread that polls, which is the fastest of those it has.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use openlineage_core::event::EncodedEvent;
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use tokio::sync::oneshot;

use super::{PATIENCE, Sends, bodies, properties};
use crate::contestant::{Contestant, Load, Sample};
use crate::cpu;

/// A record with all that ours has, made beforehand.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    body: Bytes,
    key: Arc<str>,
    idempotency_key: [u8; 32],
    timestamp: i64,
}

fn records() -> Result<Vec<Record>> {
    let timestamp = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let record = |body: Bytes| {
        let event = EncodedEvent::from_json(body.clone())?;
        let parent = event.parent_job().context("the event has no parent")?;
        let key = format!("run:{}/{}", parent.namespace, parent.name).into();
        Ok(Record { body, key, idempotency_key: event.idempotency_key().to_hex(), timestamp })
    };
    bodies()?.into_iter().map(record).collect()
}

impl Record {
    fn to<'a, D: rdkafka::util::IntoOpaque>(&'a self, topic: &'a str, opaque: D) -> BaseRecord<'a, str, [u8], D> {
        let headers = OwnedHeaders::new_with_capacity(2)
            .insert(Header { key: "content-type", value: Some("application/json") })
            .insert(Header { key: "idempotency-key", value: Some(self.idempotency_key.as_slice()) });
        let record = BaseRecord::with_opaque_to(topic, opaque).key(&*self.key).payload(&self.body[..]);
        record.headers(headers).timestamp(self.timestamp)
    }
}

fn config(address: &str) -> ClientConfig {
    properties(address).map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

type Told = oneshot::Sender<bool>;

struct Tells;

impl ClientContext for Tells {}

impl ProducerContext for Tells {
    type DeliveryOpaque = Box<Told>;

    fn delivery(&self, result: &DeliveryResult<'_>, told: Box<Told>) {
        let _ = told.send(result.is_ok());
    }
}

/// Callers that wait for the acknowledgement of their record.
#[derive(Clone)]
pub(crate) struct Bare {
    producer: Arc<ThreadedProducer<Tells>>,
    records: Arc<[Record]>,
    topic: Arc<str>,
}

impl Bare {
    pub(crate) fn new(address: &str, topic: &str) -> Result<Self> {
        let producer = Arc::new(config(address).create_with_context(Tells)?);
        Ok(Self { producer, records: records()?.into(), topic: topic.into() })
    }
}

impl Sends for Bare {
    type Record = Record;

    fn record(&self, number: usize) -> Result<Record> {
        Ok(self.records[number % self.records.len()].clone())
    }

    async fn send(&self, record: Record) -> Result<()> {
        let (tell, told) = oneshot::channel();
        self.producer.send(record.to(&self.topic, Box::new(tell))).map_err(|(error, _)| error)?;
        ensure!(told.await?, "a record was not delivered");
        Ok(())
    }
}

/// Counts acknowledgements, and tells when all are there.
struct Counts {
    left: Mutex<usize>,
    done: Mutex<Sender<bool>>,
}

impl ClientContext for Counts {}

impl ProducerContext for Counts {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let Ok(mut left) = self.left.lock() else { return };
        *left = left.saturating_sub(1);
        if let (true, Ok(done)) = (*left == 0 || result.is_err(), self.done.lock()) {
            let _ = done.send(result.is_ok());
        }
    }
}

/// One producer sends records as fast as it can, then waits for all of them.
pub(crate) struct Queued {
    producer: ThreadedProducer<Counts>,
    done: Receiver<bool>,
    records: Vec<Record>,
    topic: String,
}

impl Queued {
    pub(crate) fn new(address: &str, topic: &str) -> Result<Self> {
        let (tell, done) = channel();
        let counts = Counts { left: Mutex::new(0), done: Mutex::new(tell) };
        let producer = config(address).create_with_context(counts)?;
        Ok(Self { producer, done, records: records()?, topic: topic.to_owned() })
    }
}

impl Contestant for Queued {
    fn run(&mut self, load: Load) -> Result<Sample> {
        *self.producer.context().left.lock().map_err(|_| anyhow::anyhow!("the count is lost"))? = load.events;
        let mut each: Vec<Duration> = Vec::with_capacity(load.events);
        let (cpu, wall) = (cpu::spent(), Instant::now());
        for number in 0..load.events {
            let began = Instant::now();
            let record = &self.records[number % self.records.len()];
            self.producer.send(record.to(&self.topic, ())).map_err(|(error, _)| error)?;
            each.push(began.elapsed());
        }
        ensure!(self.done.recv_timeout(PATIENCE)?, "a record was not delivered");
        Ok(Sample::of(wall.elapsed(), cpu::spent() - cpu, &each))
    }
}

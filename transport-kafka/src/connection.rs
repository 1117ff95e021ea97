use std::ffi::CString;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::Duration;

use openlineage_core::engine::{Report, Reports};
use openlineage_core::error::{EmitErrorKind, Fault, Sent};
use openlineage_core::lifecycle::Deadline;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer, PurgeConfig};
use tokio::sync::Notify;
use tokio::task::{spawn_blocking, yield_now};

use crate::context::Context;
use crate::fault;
use crate::produce::produce;
use crate::record::Record;
use crate::wake::Wake;

/// Events that are served at one go, before the worker looks at other things.
const TURN: usize = 16;

/// What librdkafka may take to report what it was told to forget.
const FORGETTING: Duration = Duration::from_secs(1);

/// A producer in use.
pub(crate) struct Connection(Arc<Inner>);

struct Inner {
    topic: CString,
    context: Arc<Context>,
    told: Arc<Notify>,
    /// Read by whoever uses it, none of whom waits; taken out once, at the end.
    live: RwLock<Option<Live>>,
}

/// In this order they are dropped.
struct Live {
    wake: Wake,
    producer: BaseProducer<Context>,
}

impl Connection {
    /// Makes the producer. Blocks for milliseconds, and longer where files are slow to read.
    pub(crate) fn make(config: &ClientConfig, context: Context, topic: String) -> KafkaResult<Option<Self>> {
        let topic = CString::new(topic)?;
        let producer: BaseProducer<Context> = config.create_with_context(context)?;
        let (context, told) = (Arc::clone(producer.context()), Arc::new(Notify::new()));
        let wake = Wake::enable(producer.client().native_ptr(), Arc::clone(&told));
        let live = wake.map(|wake| RwLock::new(Some(Live { wake, producer })));
        Ok(live.map(|live| Self(Arc::new(Inner { topic, context, told, live }))))
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    pub(crate) fn send(&self, record: Box<Record>) -> Result<(), Fault> {
        match &*self.0.live() {
            Some(live) => produce(&live.producer, &self.0.topic, record).map_err(|error| {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
                    self.0.context.has_failed("the producer takes no more records");
                    self.0.told.notify_one();
                }
                fault::of(&error).sent(Sent::No)
            }),
            None => Err(Fault::new(EmitErrorKind::Closed).sent(Sent::No)),
        }
    }

    /// Serves what librdkafka has to say until the producer cannot be used any more, and returns why.
    pub(crate) async fn serve(&self, reports: &Reports) -> Fault {
        let mut found = Vec::new();
        loop {
            while self.0.serve_turn(&mut found) {
                reports.settle(&mut found);
                yield_now().await;
            }
            reports.settle(&mut found);
            if let Some(fault) = self.0.context.fatal() {
                return fault;
            }
            self.0.told.notified().await;
        }
    }

    /// Forgets what is still under way, passes on that it was, and ends the producer: within `until`, or later on a thread
    /// that nobody waits for.
    pub(crate) async fn end(&self, reports: &Reports, until: Deadline) {
        let inner = Arc::clone(&self.0);
        let _gone = spawn_blocking(move || inner.purge()).await;
        let limit = until.sooner(Deadline::after(FORGETTING));
        self.forgotten(reports, limit).await;
        let inner = Arc::clone(&self.0);
        let _gone = spawn_blocking(move || drop(inner.take())).await;
    }

    /// Waits until librdkafka has reported everything.
    async fn forgotten(&self, reports: &Reports, until: Deadline) {
        let mut found = Vec::new();
        loop {
            while self.0.serve_turn(&mut found) {}
            reports.settle(&mut found);
            if self.0.is_empty() {
                return;
            }
            let left = until.remaining().unwrap_or(FORGETTING);
            if tokio::time::timeout(left, self.0.told.notified()).await.is_err() {
                return;
            }
        }
    }
}

impl Inner {
    fn live(&self) -> RwLockReadGuard<'_, Option<Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Serves some of what there is. Is there more?
    fn serve_turn(&self, found: &mut Vec<Report>) -> bool {
        let live = self.live();
        let Some(live) = &*live else { return false };
        for _ in 0..TURN {
            if live.wake.len() == 0 {
                break;
            }
            // Serves one event, which may hold the reports of many records.
            live.producer.poll(Duration::ZERO);
        }
        self.context.take_reports(found);
        live.wake.len() > 0
    }

    fn purge(&self) {
        if let Some(live) = &*self.live() {
            live.producer.purge(PurgeConfig::default().queue().inflight());
        }
    }

    fn is_empty(&self) -> bool {
        self.live().as_ref().is_none_or(|live| live.producer.in_flight_count() == 0)
    }
}

impl Drop for Inner {
    /// Not closed: the end of a producer waits for its threads, which is nothing for whoever drops it.
    fn drop(&mut self) {
        let Some(live) = self.take() else { return };
        let ending = thread::Builder::new().name("openlineage-end".to_owned()).spawn(move || drop(live));
        if let Err(error) = ending {
            tracing::warn!(%error, "there is no thread on which to end a producer, it was ended here");
        }
    }
}

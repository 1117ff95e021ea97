use async_trait::async_trait;
use openlineage_core::config::Secret;
use openlineage_core::engine::Queued;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::transport::{Ack, Transport, TransportInfo};
use openlineage_transport_http::HttpDeliver;

use crate::{DatadogBuilder, Rules};

/// Sends events to Datadog: kind `datadog`. The [crate] says how.
#[derive(Debug)]
pub struct DatadogTransport {
    queue: Queued<HttpDeliver>,
    rules: Rules,
}

impl DatadogTransport {
    /// Sets up a transport with this API key.
    pub fn builder(api_key: impl Into<Secret>) -> DatadogBuilder {
        DatadogBuilder::new(api_key.into())
    }

    pub(crate) fn over(queue: Queued<HttpDeliver>, rules: Rules) -> Self {
        Self { queue, rules }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for DatadogTransport {
    fn info(&self) -> &TransportInfo {
        self.queue.info()
    }

    fn state(&self) -> State {
        self.queue.state()
    }

    fn stats(&self) -> Stats {
        self.queue.stats()
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        // Nobody who has no time can hear an answer; the event is as well off in the queue.
        if until.has_passed() || self.rules.queues(&event) {
            return self.queue.emit(event, until).await;
        }
        self.queue.emit_confirmed(event, until).await.map(Ack::Delivered)
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.queue.flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.queue.close(until).await
    }
}

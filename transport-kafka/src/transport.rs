use async_trait::async_trait;
use openlineage_core::engine::Posted;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use crate::KafkaBuilder;
use crate::post::KafkaPost;

/// Sends events to a topic: kind `kafka`. The [crate] says how.
#[derive(Debug)]
pub struct KafkaTransport(Posted<KafkaPost>);

impl KafkaTransport {
    /// Sets up a transport to this topic.
    pub fn builder(topic: impl Into<String>) -> KafkaBuilder {
        KafkaBuilder::new(topic.into())
    }

    pub(crate) fn over(posted: Posted<KafkaPost>) -> Self {
        Self(posted)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for KafkaTransport {
    fn info(&self) -> &TransportInfo {
        self.0.info()
    }

    fn state(&self) -> State {
        self.0.state()
    }

    fn stats(&self) -> Stats {
        self.0.stats()
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.0.hand_over(event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.0.flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.0.close(until).await
    }
}

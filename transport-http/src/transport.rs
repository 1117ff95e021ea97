use async_trait::async_trait;
use openlineage_core::engine::Direct;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use crate::config::HttpBuilder;
use crate::deliver::HttpDeliver;

/// Posts each event to an HTTP endpoint: kind `http`.
///
/// `emit` resolves when the server has answered; see the [crate] for what each answer means. One pool of connections
/// each, made with the first event, with no more connections than requests under way (through a proxy there may be more
/// for a moment); idle ones are closed after 90 s. HTTP/2 is spoken where an `https` server
/// offers it.
#[derive(Debug)]
pub struct HttpTransport(Direct<HttpDeliver>);

impl HttpTransport {
    /// Sets up a transport to the server at `url`, `http` or `https` with a host.
    pub fn builder(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(url.into())
    }

    pub(crate) fn over(engine: Direct<HttpDeliver>) -> Self {
        Self(engine)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for HttpTransport {
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
        self.0.emit(event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.0.flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.0.close(until).await
    }
}

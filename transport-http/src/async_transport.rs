use async_trait::async_trait;
use openlineage_core::engine::Queued;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use crate::config::HttpBuilder;
use crate::deliver::HttpDeliver;

/// Queues each event and posts it to an HTTP endpoint: kind `async_http`.
///
/// `emit` resolves as soon as the event has room in the queue; its ticket tells what the server answered, with the
/// meanings that the [crate] lists. The events of a run go one after the other, runs beside each other; what waits for
/// what, and for how long, stands in [`queue`](openlineage_core::queue). Connections and their pool are as with
/// [`HttpTransport`](crate::HttpTransport).
///
/// ```
/// use openlineage_core::queue::Limits;
/// use openlineage_transport_http::AsyncHttpTransport;
///
/// let builder = AsyncHttpTransport::builder("https://lineage.example").api_key("s3cret");
/// let transport = builder.build_async(Limits { concurrent: 20, ..Limits::default() })?;
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct AsyncHttpTransport(Queued<HttpDeliver>);

impl AsyncHttpTransport {
    /// Sets up a transport to the server at `url`, `http` or `https` with a host; ends with
    /// [`build_async`](HttpBuilder::build_async).
    pub fn builder(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder::new(url.into())
    }

    pub(crate) fn over(engine: Queued<HttpDeliver>) -> Self {
        Self(engine)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for AsyncHttpTransport {
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

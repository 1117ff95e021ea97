use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use openlineage_core::engine::Deliver;
use openlineage_core::error::{BoxError, EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;

use crate::answer::{Answers, drain, redirected};
use crate::wire::{HttpWire, Known, Plan};

/// The destination below [`HttpTransport`](crate::HttpTransport) and [`AsyncHttpTransport`](crate::AsyncHttpTransport).
#[derive(Debug)]
pub struct HttpDeliver {
    pub(crate) plan: Arc<Plan>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) known: Arc<Known>,
    pub(crate) answers: Answers,
    pub(crate) gzip: bool,
}

#[async_trait]
impl Deliver for HttpDeliver {
    type Connection = HttpWire;

    async fn open(&self, _until: Deadline) -> Result<HttpWire, Fault> {
        let (plan, ca_file, known) = (Arc::clone(&self.plan), self.ca_file.clone(), Arc::clone(&self.known));
        // Reading certificates and making a TLS client takes milliseconds.
        let making = tokio::task::spawn_blocking(move || HttpWire::new(plan, ca_file.as_deref(), &known));
        let made = making.await.unwrap_or_else(|error| Err(error.into()));
        made.map_err(|error| Fault::new(EmitErrorKind::Start).because(error))
    }

    async fn deliver(&self, wire: &HttpWire, event: &EncodedEvent, until: Deadline) -> Result<(), Fault> {
        let body = if self.gzip { packed(event).await? } else { event.bytes().clone() };
        self.post(wire, body, until).await
    }

    async fn shut(&self, _wire: &HttpWire, _until: Deadline) {}
}

impl HttpDeliver {
    /// Posts nothing. Whatever the server makes of that, it is there, unless it refuses the credentials.
    pub(crate) async fn ask(&self, until: Deadline) -> Result<String, Fault> {
        let wire = self.open(until).await?;
        let reply = wire.post(None, Bytes::new()).await?;
        match reply.status().as_u16() {
            401 | 403 => Err(self.answers.fault(reply, until).await),
            status => {
                drain(reply, until, 0).await;
                Ok(format!("answers an empty request with status {status}"))
            }
        }
    }

    /// One attempt, redirects included.
    async fn post(&self, wire: &HttpWire, body: Bytes, until: Deadline) -> Result<(), Fault> {
        let (mut moved, mut hops) = (None, 0);
        loop {
            let reply = wire.post(moved.as_ref(), body.clone()).await?;
            if reply.status().is_success() {
                drain(reply, until, 0).await;
                return Ok(());
            }
            if !reply.status().is_redirection() {
                return Err(self.answers.fault(reply, until).await);
            }
            let next = redirected(&reply, moved.as_ref().unwrap_or(&self.plan.url), hops)?;
            drain(reply, until, 0).await;
            (moved, hops) = (Some(next), hops + 1);
        }
    }
}

/// The event keeps what this makes, for the next attempt as well.
async fn packed(event: &EncodedEvent) -> Result<Bytes, Fault> {
    if !event.gzip_is_slow() {
        return event.gzip().map_err(unpackable);
    }
    let slow = event.clone();
    let packing = tokio::task::spawn_blocking(move || slow.gzip());
    packing.await.map_err(unpackable)?.map_err(unpackable)
}

fn unpackable(error: impl Into<BoxError>) -> Fault {
    Fault::new(EmitErrorKind::Encode).sent(Sent::No).because(error)
}

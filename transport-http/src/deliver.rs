use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use openlineage_core::engine::Deliver;
use openlineage_core::error::{Disposition, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;

use crate::answer::{Answers, drain, redirected};
use crate::gzip::Gzip;
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

/// What is open between the first event and the end.
#[derive(Debug)]
pub struct Connection {
    wire: HttpWire,
    gzip: Option<Gzip>,
}

#[async_trait]
impl Deliver for HttpDeliver {
    type Connection = Connection;

    async fn open(&self, _until: Deadline) -> Result<Connection, Fault> {
        let (plan, ca_file, known) = (Arc::clone(&self.plan), self.ca_file.clone(), Arc::clone(&self.known));
        // Reading certificates and making a TLS client takes milliseconds.
        let making = tokio::task::spawn_blocking(move || HttpWire::new(plan, ca_file.as_deref(), &known));
        let made = making.await.unwrap_or_else(|error| Err(error.into()));
        let wire = made.map_err(|error| Fault::new(EmitErrorKind::Start).because(error))?;
        Ok(Connection { wire, gzip: self.gzip.then(Gzip::default) })
    }

    async fn deliver(&self, connection: &Connection, event: &EncodedEvent, until: Deadline) -> Result<(), Fault> {
        let Some(gzip) = &connection.gzip else {
            return self.post(&connection.wire, event.bytes().clone(), until).await;
        };
        let packed = gzip.pack(event.bytes()).await?;
        let outcome = self.post(&connection.wire, packed.body(), until).await;
        if !matches!(&outcome, Err(fault) if matches!(fault.disposition(), Disposition::Transient { .. })) {
            packed.done();
        }
        outcome
    }

    async fn shut(&self, _connection: &Connection, _until: Deadline) {}
}

impl HttpDeliver {
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

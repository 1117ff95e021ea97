use std::sync::Arc;

use async_trait::async_trait;
use openlineage_core::auth::TokenProvider;
use openlineage_core::engine::{Post, Reports};
use openlineage_core::error::{EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::TransportInfo;
use tokio::task::spawn_blocking;

use crate::connection::Connection;
use crate::context::Context;
use crate::key::Keys;
use crate::properties::Properties;
use crate::record::Record;
use crate::tokens::Tokens;

/// One topic of a cluster, as a destination.
#[derive(Debug)]
pub(crate) struct KafkaPost {
    pub(crate) info: TransportInfo,
    pub(crate) topic: String,
    pub(crate) keys: Keys,
    pub(crate) properties: Properties,
    pub(crate) tokens: Option<Arc<dyn TokenProvider>>,
}

#[async_trait]
impl Post for KafkaPost {
    type Connection = Connection;
    type Parcel = Box<Record>;

    fn pack(&self, event: &EncodedEvent) -> Result<Box<Record>, Fault> {
        let record = Box::new(Record::new(event, self.keys.of(event)));
        let (bytes, limit) = (record.len(), self.properties.largest_record());
        if bytes > limit {
            return Err(Fault::new(EmitErrorKind::TooLarge { bytes, limit }).sent(Sent::No));
        }
        Ok(record)
    }

    async fn open(&self, until: Deadline) -> Result<Connection, Fault> {
        let tokens = self.tokens.clone().map(Tokens::new);
        if let Some(tokens) = &tokens {
            let refused = |error| Fault::new(EmitErrorKind::Unauthorized { code: 0 }).sent(Sent::No).because(error);
            tokens.fetch(until).await.map_err(refused)?;
        }
        let (config, context) = (self.properties.client_config(), Context::new(self.info.clone(), tokens));
        let topic = self.topic.clone();
        // librdkafka's threads take after the one that makes them: like the worker, they do not pre-empt the host's.
        let made = spawn_blocking(move || Connection::make(&config, context, topic)).await;
        let start = || Fault::new(EmitErrorKind::Start).sent(Sent::No);
        match made {
            Ok(Ok(Some(connection))) => Ok(connection),
            Ok(Ok(None)) => Err(start().because("librdkafka gave no queue of events")),
            Ok(Err(error)) => Err(start().because(self.properties.unsecret(&error))),
            Err(error) => Err(start().because(error)),
        }
    }

    fn post(&self, connection: &Connection, mut record: Box<Record>, number: usize) -> Result<(), Fault> {
        record.number = number;
        connection.send(record)
    }

    async fn serve(&self, connection: &Connection, reports: &Reports) -> Fault {
        match &connection.context().tokens {
            None => connection.serve(reports).await,
            Some(tokens) => tokio::select! {
                fault = connection.serve(reports) => fault,
                () = tokens.keep() => Fault::new(EmitErrorKind::Faulted),
            },
        }
    }

    fn overdue(&self, connection: &Connection) -> Fault {
        connection.context().overdue()
    }

    async fn shut(&self, connection: &Connection, reports: &Reports, until: Deadline) {
        connection.end(reports, until).await;
    }
}

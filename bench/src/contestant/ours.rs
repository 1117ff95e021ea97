//! Ours: a typed event, encoded, through the HTTP transport to its acknowledgement.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::Event;
use openlineage_core::transport::{Ack, Transport};
use openlineage_transport_http::HttpTransport;

use super::tasks::{Caller, Place, Tasks};
use crate::events::typed;

const PATIENCE: Duration = Duration::from_secs(10);

/// The HTTP transport with its defaults, posting to `address`.
pub(crate) fn contestant(address: SocketAddr) -> Result<Tasks<Ours>> {
    let transport = Arc::new(HttpTransport::builder(format!("http://{address}")).build()?);
    Tasks::new(move |number| {
        Ok(Ours { transport: Arc::clone(&transport), pair: typed::pair(number)?.map(Event::from) })
    })
}

/// One caller.
#[derive(Debug)]
pub(crate) struct Ours {
    transport: Arc<HttpTransport>,
    pair: [Event; 2],
}

impl Caller for Ours {
    async fn emit(&mut self, place: Place) -> Result<()> {
        let encoded = EncodedEvent::encode(&self.pair[place as usize])?;
        match self.transport.emit(encoded, Deadline::after(PATIENCE)).await? {
            Ack::Delivered(_) => Ok(()),
            other => anyhow::bail!("not acknowledged: {other:?}"),
        }
    }
}

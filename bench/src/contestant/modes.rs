//! The modes of emission, and the bare transport that they stand before: one caller that blocks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use openlineage_core::blocking;
use openlineage_core::client::Client;
use openlineage_core::config::Environment;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::Event;
use openlineage_emit_modes::{Emitter, Mode};
use openlineage_transport_http::HttpTransport;

use super::{Contestant, Load, Sample};
use crate::cpu;
use crate::events::typed;

const PATIENCE: Duration = Duration::from_secs(10);

/// One way to emit an event: what is timed, and what must be so before the next one.
type Emit = Box<dyn Fn(EncodedEvent) -> Result<Settled>>;
type Settled = Box<dyn FnOnce() -> Result<()>>;

/// A caller and its run.
pub(crate) struct Blocking {
    pair: [Event; 2],
    emit: Emit,
}

/// The transport alone.
pub(crate) fn bare(address: SocketAddr) -> Result<Blocking> {
    let transport = transport(address)?;
    Blocking::new(Box::new(move |event| {
        let receipt = blocking::deliver(&*transport, event, Deadline::after(PATIENCE))?;
        ensure!(receipt.is_some(), "not acknowledged");
        Ok(Box::new(|| Ok(())))
    }))
}

/// An emitter whose caller waits for the event's fate.
pub(crate) fn waited_for(address: SocketAddr, mode: Mode) -> Result<Blocking> {
    let emitter = emitter(address, mode)?;
    Blocking::new(Box::new(move |event| {
        ensure!(emitter.emit(event)?.is_some(), "not acknowledged");
        Ok(Box::new(|| Ok(())))
    }))
}

/// An emitter whose caller goes on at once. The next event is submitted when this one is settled, as in a host that is
/// slower than its sink.
pub(crate) fn submitted(address: SocketAddr) -> Result<Blocking> {
    let emitter = emitter(address, Mode::task())?;
    Blocking::new(Box::new(move |event| {
        let ack = emitter.submit(event)?;
        let flushed = emitter.clone();
        Ok(Box::new(move || {
            drop(ack);
            ensure!(flushed.flush(PATIENCE)?.settled, "not settled in time");
            ensure!(flushed.stats().events.tally.lost() == 0, "an event was lost");
            Ok(())
        }))
    }))
}

fn transport(address: SocketAddr) -> Result<Arc<HttpTransport>> {
    Ok(Arc::new(HttpTransport::builder(format!("http://{address}")).build()?))
}

fn emitter(address: SocketAddr, mode: Mode) -> Result<Emitter> {
    let client = Client::builder().transport(transport(address)?).environment(Environment::default()).build()?;
    Ok(Emitter::new(client, mode))
}

impl Blocking {
    fn new(emit: Emit) -> Result<Self> {
        Ok(Self { pair: typed::pair(0)?.map(Event::from), emit })
    }
}

impl Contestant for Blocking {
    fn run(&mut self, load: Load) -> Result<Sample> {
        let mut each = Vec::with_capacity(load.events);
        let (cpu, wall) = (cpu::spent(), Instant::now());
        for number in 0..load.events {
            let began = Instant::now();
            let settled = (self.emit)(EncodedEvent::encode(&self.pair[number % 2])?)?;
            each.push(began.elapsed());
            settled()?;
        }
        Ok(Sample::of(wall.elapsed(), cpu::spent() - cpu, &each))
    }
}

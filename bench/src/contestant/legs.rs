//! One event to two destinations: through the composite, and by hand.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::Event;
use openlineage_core::queue::Limits;
use openlineage_core::transport::{Ack, LegFate, LegReceipt, Transport as _};
use openlineage_transport_composite::CompositeTransport;
use openlineage_transport_http::{AsyncHttpTransport, HttpTransport};

use super::tasks::{Caller, Place, Tasks};
use crate::events::typed;

const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than the process lives: no attempt ends.
const HUNG: Duration = Duration::from_secs(3_600);
const HEALTHY: &str = "healthy";
/// More than a hung leg has requests under way.
const RUNS: usize = 200;

/// A composite of two HTTP transports with their defaults, posting to `address`; both must deliver each event.
pub(crate) fn composite(address: SocketAddr) -> Result<Tasks<Composed>> {
    let [one, other] = two(address)?;
    let transport = CompositeTransport::builder().named_leg("one", one).named_leg("other", other).build();
    composed(transport, |number| Ok(pair(number)?.into()), |legs| legs.iter().all(is_delivered))
}

/// The same two transports, called at the same time.
pub(crate) fn by_hand(address: SocketAddr) -> Result<Tasks<ByHand>> {
    let legs = two(address)?;
    Tasks::new(move |number| Ok(ByHand { legs: legs.clone(), pair: pair(number)? }))
}

/// A composite of a queueing leg that posts to `address` and, before it, one that posts to where nobody answers. An event
/// is done when the former has delivered it. A caller has many runs, so that the other has many requests under way.
pub(crate) fn healthy(address: SocketAddr, hung: Option<SocketAddr>) -> Result<Tasks<Composed>> {
    let mut builder = CompositeTransport::builder();
    if let Some(hung) = hung {
        builder = builder.named_leg("hung", Arc::new(queued(hung)?));
    }
    let transport = builder.named_leg(HEALTHY, Arc::new(queued(address)?)).build();
    composed(transport, |_| typed::waves(RUNS), |legs| legs.iter().any(|leg| &*leg.leg == HEALTHY && is_delivered(leg)))
}

fn two(address: SocketAddr) -> Result<[Arc<HttpTransport>; 2]> {
    let build = || HttpTransport::builder(format!("http://{address}")).build().map(Arc::new);
    Ok([build()?, build()?])
}

/// With room for every event of the bench.
fn queued(address: SocketAddr) -> Result<AsyncHttpTransport> {
    let limits = Limits { events: usize::MAX, bytes: usize::MAX, ..Limits::default() };
    Ok(AsyncHttpTransport::builder(format!("http://{address}")).timeout(HUNG).build_async(limits)?)
}

fn composed(transport: CompositeTransport, events: EventsOf, is_done: IsDone) -> Result<Tasks<Composed>> {
    let transport = Arc::new(transport);
    Tasks::new(move |number| {
        Ok(Composed { transport: Arc::clone(&transport), events: events(number)?, next: 0, is_done })
    })
}

fn pair(number: usize) -> Result<[Event; 2]> {
    Ok(typed::pair(number)?.map(Event::from))
}

fn is_delivered(leg: &LegReceipt) -> bool {
    matches!(leg.fate, LegFate::Delivered(_))
}

/// A caller of a composite, which waits for the fate of its event.
#[derive(Debug)]
pub(crate) struct Composed {
    transport: Arc<CompositeTransport>,
    events: Vec<Event>,
    next: usize,
    is_done: IsDone,
}

/// The events of a caller by its number, emitted in turn.
type EventsOf = fn(usize) -> Result<Vec<Event>>;
type IsDone = fn(&[LegReceipt]) -> bool;

impl Caller for Composed {
    async fn emit(&mut self, _: Place) -> Result<()> {
        let encoded = EncodedEvent::encode(&self.events[self.next])?;
        self.next = (self.next + 1) % self.events.len();
        let fate = self.transport.emit(encoded, Deadline::after(PATIENCE)).await?.fate().await?;
        let receipt = fate.context("an event was skipped")?;
        ensure!((self.is_done)(&receipt.legs), "not acknowledged: {receipt:?}");
        Ok(())
    }
}

/// A caller of two transports, which waits for both.
#[derive(Debug)]
pub(crate) struct ByHand {
    legs: [Arc<HttpTransport>; 2],
    pair: [Event; 2],
}

impl Caller for ByHand {
    async fn emit(&mut self, place: Place) -> Result<()> {
        let encoded = EncodedEvent::encode(&self.pair[place as usize])?;
        let until = Deadline::after(PATIENCE);
        let [one, other] = &self.legs;
        let [one, other] = both(one.emit(encoded.clone(), until), other.emit(encoded, until)).await;
        for ack in [one?, other?] {
            ensure!(matches!(ack, Ack::Delivered(_)), "not acknowledged: {ack:?}");
        }
        Ok(())
    }
}

/// Waits for two futures at the same time.
async fn both<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> [T; 2] {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|cx| {
        if first.is_none()
            && let Poll::Ready(value) = one.as_mut().poll(cx)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = other.as_mut().poll(cx)
        {
            second = Some(value);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => Poll::Ready([one, other]),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use openlineage_core::transport::Receipt;

    use super::*;

    #[test]
    fn both_are_waited_for_in_whatever_order_they_come() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let late = |value| async move {
            tokio::task::yield_now().await;
            value
        };
        assert_eq!(runtime.block_on(both(ready(1), late(2))), [1, 2]);
        assert_eq!(runtime.block_on(both(late(1), ready(2))), [1, 2]);
    }

    #[test]
    fn a_leg_that_is_not_done_is_told_from_one_that_is() {
        let fates = [LegFate::Delivered(Receipt::new(1, Duration::ZERO)), LegFate::Open, LegFate::Untried];
        let done = fates.map(|fate| is_delivered(&LegReceipt::new("leg", fate)));
        assert_eq!(done, [true, false, false]);
    }
}

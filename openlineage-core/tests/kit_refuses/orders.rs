//! The order within a run: A4.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::EventType;
use openlineage_core::testkit::{ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Ticket, Transport};
use tokio::sync::watch;

use crate::bent::{Inner, Twist, good};
use crate::queues::{BentQueue, built, never_repeats, twisted};
use crate::refused;

refused!(
    a4_sends_at_once,
    A4,
    "while the START of its run was under way",
    BentQueue(|sink: &ScriptedSink, setup: Setup| good(sink, setup))
);

/// An event that failed goes to the end of the queue.
#[derive(Debug)]
struct BackToTheEnd;

#[async_trait]
impl Twist for BackToTheEnd {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let ack = inner.emit(event.clone(), until).await?;
        let Ack::Queued(first) = ack else { return Ok(ack) };
        let (settle, ticket) = Ticket::pair();
        let inner = Arc::clone(inner);
        first.observe(move |outcome| match outcome {
            Ok(receipt) => settle.delivered(receipt.clone()),
            Err(_) => drop(thread::spawn(move || {
                let again = blocking::deliver(&inner, event, Deadline::never());
                settle.settle(again.map(Option::unwrap));
            })),
        });
        Ok(Ack::Queued(ticket))
    }
}

refused!(a4_back_to_the_end, A4, "was sent after", built(never_repeats, || BackToTheEnd));

/// Holds the end of a run back until its START has been delivered, which may never be.
#[derive(Debug, Default)]
struct WaitsForTheStart(Mutex<HashMap<String, watch::Receiver<bool>>>);

impl WaitsForTheStart {
    fn started(&self, run: &str) -> watch::Receiver<bool> {
        self.0.lock().unwrap()[run].clone()
    }
}

#[async_trait]
impl Twist for WaitsForTheStart {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let (run, kind) = (event.run_id().unwrap().into_owned(), event.event_type().unwrap());
        if kind == EventType::Complete {
            drop(self.started(&run).wait_for(|started| *started).await);
        }
        if kind != EventType::Start {
            return inner.emit(event, until).await;
        }
        let (start, started) = watch::channel(false);
        self.0.lock().unwrap().insert(run, started);
        let ack = inner.emit(event, until).await?;
        if let Ack::Queued(ticket) = &ack {
            ticket.observe(move |outcome| {
                if outcome.is_ok() {
                    start.send_replace(true);
                }
                mem::forget(start);
            });
        }
        Ok(ack)
    }
}

refused!(a4_waits_for_the_start, A4, "did not return", twisted(WaitsForTheStart::default));

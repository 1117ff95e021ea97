//! The queueing engine: room, order, pauses, ends. What every transport promises is checked by the contract kit.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod confirmed;
mod ends;
mod pauses;
mod room;

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::engine::{Queued, QueuedBuilder};
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::{Limits, QueueStats};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Answer, ScriptedDeliver, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, Receipt, Ticket, Transport, TransportInfo};

/// A time that no test means to reach.
const LONG: Duration = Duration::from_secs(20);

type Queue = Queued<ScriptedDeliver>;

fn long() -> Deadline {
    Deadline::after(LONG)
}

/// Event `number` of run `run`.
fn event(run: u64, number: u64) -> EncodedEvent {
    let run = format!("0198b9a1-0000-7000-8000-{run:012x}");
    let json = format!(r#"{{"run":{{"runId":"{run}"}},"job":{{"namespace":"n","name":"j"}},"number":{number}}}"#);
    EncodedEvent::from_json(json).unwrap()
}

/// A queue that retries without pauses, for ever.
fn over(sink: &ScriptedSink, limits: Limits) -> QueuedBuilder<ScriptedDeliver> {
    let mut retry = RetryPolicy::default();
    (retry.total, retry.connect, retry.read, retry.jitter) = (None, None, None, false);
    (retry.backoff_factor, retry.backoff_max) = (Duration::from_millis(1), Duration::from_millis(2));
    Queued::builder(TransportInfo::new("queue"), sink.deliver("")).retry(retry).limits(limits)
}

fn queue(sink: &ScriptedSink, limits: Limits) -> Arc<Queue> {
    Arc::new(over(sink, limits).build())
}

fn submit_until(queue: &Queue, event: EncodedEvent, until: Deadline) -> Result<Ticket, EmitError> {
    match blocking::emit(queue, event, until)? {
        Ack::Queued(ticket) => Ok(ticket),
        other => unreachable!("a queue answered {other:?}"),
    }
}

/// Hands over without waiting for room.
fn submit(queue: &Queue, event: EncodedEvent) -> Result<Ticket, EmitError> {
    submit_until(queue, event, Deadline::now())
}

fn fate(ticket: Ticket) -> Result<Receipt, EmitError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    ticket.observe(move |outcome| sender.send(outcome.clone()).unwrap());
    receiver.recv_timeout(LONG).unwrap()
}

fn delivered(ticket: Ticket) {
    fate(ticket).unwrap();
}

/// A sink that holds every attempt back until it is told otherwise.
fn stalled() -> ScriptedSink {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    sink
}

/// Waits until so many attempts have reached the sink.
fn reached(sink: &ScriptedSink, attempts: usize) {
    assert!(sink.wait(&mut |log| log.attempts.len() >= attempts, LONG), "{:?}", sink.log());
}

/// The numbers of the events in the order in which the sink has taken them.
fn arrived(sink: &ScriptedSink) -> Vec<u64> {
    let number = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap()["number"].as_u64().unwrap();
    sink.log().arrived().map(|attempt| number(&attempt.body)).collect()
}

fn stats(queue: &Queue) -> QueueStats {
    queue.stats().queue.unwrap()
}

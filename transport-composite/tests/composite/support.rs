//! Legs that do as they are told, and events for them.

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Closing, Deadline, Ended, FlushReport, Gate, Permit, State, Stats};
use openlineage_core::runtime::Runtime;
use openlineage_core::transport::{Ack, Receipt, Settle, Ticket, Transport, TransportInfo};

/// What a leg does with an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Act {
    Delivers,
    Fails,
    QueuesThenDelivers,
    QueuesThenFails,
    Hangs,
    Panics,
}

impl Act {
    pub(crate) const ALL: [Self; 6] =
        [Self::Delivers, Self::Fails, Self::QueuesThenDelivers, Self::QueuesThenFails, Self::Hangs, Self::Panics];
}

/// A leg that does the same with every event, and keeps what it gets.
#[derive(Debug)]
pub(crate) struct Leg {
    info: TransportInfo,
    gate: Gate,
    act: Act,
    got: Mutex<Vec<EncodedEvent>>,
}

impl Leg {
    pub(crate) fn new(name: &str, act: Act) -> Arc<Self> {
        let info = TransportInfo::new("leg").named(name);
        Arc::new(Self { gate: Gate::new(info.clone()), info, act, got: Mutex::default() })
    }

    pub(crate) fn got(&self) -> Vec<EncodedEvent> {
        self.got.lock().unwrap().clone()
    }
}

pub(crate) fn failed() -> EmitError {
    EmitError::failed(Fault::new(EmitErrorKind::Unavailable { code: 500 }), 1)
}

/// Counts a fate, and tells it.
fn settle(permit: Permit, settle: Settle, outcome: Result<Receipt, EmitError>) {
    settle.settle(permit.settle(outcome));
}

#[async_trait]
impl Transport for Leg {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.gate.state()
    }

    fn stats(&self) -> Stats {
        self.gate.stats()
    }

    async fn emit(&self, event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        let permit = self.gate.admit()?;
        self.got.lock().unwrap().push(event);
        let receipt = Ok(Receipt::new(1, Duration::ZERO));
        match self.act {
            Act::Delivers => {
                let _counted = permit.settle(receipt.clone());
                receipt.map(Ack::Delivered)
            }
            Act::Fails => {
                let _counted = permit.settle(Err(failed()));
                Err(failed())
            }
            Act::QueuesThenDelivers | Act::QueuesThenFails => {
                let outcome = if self.act == Act::QueuesThenDelivers { receipt } else { Err(failed()) };
                let (told, ticket) = Ticket::pair();
                let lease = Runtime::shared().lease().unwrap();
                lease.clone().take_on(move || async move {
                    tokio::task::yield_now().await;
                    settle(permit, told, outcome);
                    drop(lease);
                });
                Ok(Ack::Queued(ticket))
            }
            Act::Hangs => pending().await,
            Act::Panics => resume_unwind(Box::new("as it was told")),
        }
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        match self.act {
            Act::Hangs => pending().await,
            Act::Panics => resume_unwind(Box::new("as it was told")),
            _ => self.gate.settled().await,
        }
        FlushReport::new(true, 0)
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        match self.act {
            Act::Hangs => pending().await,
            Act::Panics => resume_unwind(Box::new("as it was told")),
            _ => {}
        }
        match self.gate.begin_close(until) {
            Closing::Done(report) => report,
            Closing::Begun | Closing::Joined => {
                self.gate.settled().await;
                self.gate.finish(Ended::Drained, Vec::new());
                self.gate.closed().await
            }
        }
    }
}

pub(crate) fn event(number: u64) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

/// Runs `work` on a runtime of the caller's, which the legs and the composite know nothing of.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

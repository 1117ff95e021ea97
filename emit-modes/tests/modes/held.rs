//! A transport written by hand that breaks the contract: it blocks the thread that polls it, and knows no deadline.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended, FlushReport, State, Stats, Tally};
use openlineage_core::model::EventType;
use openlineage_core::transport::{Ack, Receipt, Transport, TransportInfo};

use crate::case::LONG;

/// Holds events until it is released, and delivers them then. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Held(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    info: TransportInfo,
    only: Option<EventType>,
    state: Mutex<Arrivals>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Arrivals {
    is_released: bool,
    inside: usize,
    arrived: Vec<Option<EventType>>,
}

impl Held {
    /// Holds every event, or those of one type.
    pub(crate) fn new(only: Option<EventType>) -> Self {
        let (info, state, changed) = (TransportInfo::new("held"), Mutex::default(), Condvar::new());
        Self(Arc::new(Shared { info, only, state, changed }))
    }

    pub(crate) fn release(&self) {
        self.0.state.lock().unwrap().is_released = true;
        self.0.changed.notify_all();
    }

    /// What has got through, in order.
    pub(crate) fn arrived(&self) -> Vec<Option<EventType>> {
        self.0.state.lock().unwrap().arrived.clone()
    }

    pub(crate) fn wait_inside(&self, count: usize) {
        let waited =
            self.0.changed.wait_timeout_while(self.0.state.lock().unwrap(), LONG, |state| state.inside < count);
        assert!(!waited.unwrap().1.timed_out(), "{count} events did not arrive");
    }
}

#[async_trait]
impl Transport for Held {
    fn info(&self) -> &TransportInfo {
        &self.0.info
    }

    fn state(&self) -> State {
        State::Active
    }

    fn stats(&self) -> Stats {
        Stats::default()
    }

    async fn emit(&self, event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        let kind = event.event_type();
        let is_held = self.0.only.is_none() || kind == self.0.only;
        let mut state = self.0.state.lock().unwrap();
        state.inside += 1;
        self.0.changed.notify_all();
        if is_held {
            state = self.0.changed.wait_while(state, |state| !state.is_released).unwrap();
        }
        state.arrived.push(kind);
        Ok(Ack::Delivered(Receipt::new(1, Duration::ZERO)))
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        FlushReport::new(true, 0)
    }

    async fn close(&self, _until: Deadline) -> CloseReport {
        CloseReport::new(self.0.info.clone(), Ended::Drained, Tally::default(), Duration::ZERO)
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::engine::{Deliver, Direct};
use crate::error::{EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::transport::TransportInfo;

const CAPACITY: usize = 100_000;

/// Keeps events in memory, for tests of code that emits. Cloning shares the store.
///
/// Holds at most 100,000 events; more are refused by the store as a full queue would refuse them.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<EncodedEvent>>>);

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A transport that delivers into this store.
    #[must_use]
    pub fn transport(&self) -> Direct<Self> {
        Direct::builder(TransportInfo::new("memory"), self.clone()).build()
    }

    /// What has arrived, in order of arrival.
    #[must_use]
    pub fn events(&self) -> Vec<EncodedEvent> {
        self.store().clone()
    }

    fn store(&self) -> MutexGuard<'_, Vec<EncodedEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Deliver for Memory {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let mut store = self.store();
        if store.len() >= CAPACITY {
            return Err(Fault::new(EmitErrorKind::QueueFull { capacity: CAPACITY }).sent(Sent::No));
        }
        store.push(event.clone());
        Ok(())
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

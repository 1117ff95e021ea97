use std::num::NonZeroUsize;
use std::sync::Arc;

use openlineage_core::error::{EmitError, EmitErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much may be under way at once, in events and in bytes. Whoever waits is served in order.
pub(crate) struct Room {
    max_events: usize,
    max_bytes: usize,
    events: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// An event's share of the room, given back when it is dropped.
pub(crate) struct Share {
    _event: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Room {
    pub(crate) fn new(max_events: NonZeroUsize, max_bytes: NonZeroUsize) -> Self {
        let (max_events, max_bytes) = (max_events.get(), max_bytes.get());
        Self { max_events, max_bytes, events: semaphore(max_events), bytes: semaphore(max_bytes) }
    }

    /// `None` if there is no room now.
    ///
    /// # Errors
    ///
    /// `TooLarge` for an event that never fits.
    pub(crate) fn take_now(&self, bytes: usize) -> Result<Option<Share>, EmitError> {
        let units = self.units(bytes)?;
        let event = Arc::clone(&self.events).try_acquire_owned().ok();
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(units).ok();
        Ok(event.zip(bytes).map(|(event, bytes)| Share { _event: event, _bytes: bytes }))
    }

    /// Waits for room; for an event that fits.
    pub(crate) fn take(&self, bytes: usize) -> impl Future<Output = Option<Share>> + Send + use<> {
        let (units, events, room) = (self.units(bytes), Arc::clone(&self.events), Arc::clone(&self.bytes));
        async move {
            let event = events.acquire_owned().await.ok()?;
            let bytes = room.acquire_many_owned(units.ok()?).await.ok()?;
            Some(Share { _event: event, _bytes: bytes })
        }
    }

    /// What an event hears that finds no room.
    pub(crate) fn full(&self) -> EmitError {
        EmitError::refused(EmitErrorKind::QueueFull { capacity: self.max_events })
    }

    fn units(&self, bytes: usize) -> Result<u32, EmitError> {
        let too_large = || EmitError::refused(EmitErrorKind::TooLarge { bytes, limit: self.max_bytes });
        u32::try_from(bytes).ok().filter(|_| bytes <= self.max_bytes).ok_or_else(too_large)
    }
}

pub(crate) fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_bound_holds() {
        let most = |number| NonZeroUsize::new(number).unwrap();
        let room = Room::new(most(2), most(100));
        let first = room.take_now(60).unwrap().unwrap();
        assert!(room.take_now(60).unwrap().is_none(), "bytes");
        let second = room.take_now(40).unwrap().unwrap();
        drop(first);
        assert!(room.take_now(60).unwrap().is_some(), "what is given back can be taken");
        let third = room.take_now(10).unwrap().unwrap();
        assert!(room.take_now(10).unwrap().is_none(), "events");
        drop((second, third));
        let error = room.take_now(101).err().unwrap();
        assert_eq!(*error.kind(), EmitErrorKind::TooLarge { bytes: 101, limit: 100 });
    }
}

use std::future::Future;
use std::time::Duration;

use super::{Receipt, Transport};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State};

/// Shorter ways to say what [`Transport`] says. Implemented for every transport; not meant to be implemented by hand.
pub trait TransportExt: Transport {
    /// Would an event be accepted now?
    fn is_open(&self) -> bool {
        self.state() < State::Closing
    }

    /// Emits and, where the transport queues, waits for the event's fate: `Ok` means delivered.
    ///
    /// `None` for a skipped event. A queued event keeps its own bounds: `until` limits the wait for room, and delivery
    /// is then bounded by the transport's retry policy and close.
    fn deliver(
        &self,
        event: EncodedEvent,
        until: Deadline,
    ) -> impl Future<Output = Result<Option<Receipt>, EmitError>> + Send {
        async move { self.emit(event, until).await?.fate().await }
    }

    /// [`flush`](Transport::flush) with a limit counted from now.
    fn flush_within(&self, limit: Duration) -> impl Future<Output = FlushReport> + Send {
        self.flush(Deadline::after(limit))
    }

    /// [`close`](Transport::close) with a limit counted from now.
    fn close_within(&self, limit: Duration) -> impl Future<Output = CloseReport> + Send {
        self.close(Deadline::after(limit))
    }
}

impl<T: Transport + ?Sized> TransportExt for T {}

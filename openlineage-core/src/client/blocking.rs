use std::time::Duration;

use super::Client;
use crate::blocking::wait;
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, Stats};
use crate::model::Event;
use crate::transport::{Ack, Receipt};

/// A [`Client`] for code that is not async: the same calls and limits, parking the calling thread.
///
/// Legal anywhere but on the thread that drives the transport's own runtime: see [`blocking`](crate::blocking). Cloning
/// it is a reference count.
#[derive(Clone, Debug)]
pub struct Blocking(Client);

impl Blocking {
    pub(super) const fn new(client: Client) -> Self {
        Self(client)
    }

    /// The same client for async code.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.0
    }

    /// [`Client::emit`].
    ///
    /// # Errors
    ///
    /// As [`emit_until`](Self::emit_until).
    pub fn emit(&self, event: impl Into<Event>) -> Result<Ack, EmitError> {
        self.emit_within(event, Client::EMIT_WITHIN)
    }

    /// [`Client::emit_within`].
    ///
    /// # Errors
    ///
    /// As [`emit_until`](Self::emit_until).
    pub fn emit_within(&self, event: impl Into<Event>, limit: Duration) -> Result<Ack, EmitError> {
        self.emit_until(event, Deadline::after(limit))
    }

    /// [`Client::emit_until`].
    ///
    /// # Errors
    ///
    /// As there; besides, `WouldDeadlock` on the thread that drives the transport's runtime.
    pub fn emit_until(&self, event: impl Into<Event>, until: Deadline) -> Result<Ack, EmitError> {
        wait(self.0.transport(), self.0.emit_until(event, until), until)?
    }

    /// [`Client::emit_until`], and then the event's fate: `Ok` means delivered, `None` that it was skipped.
    ///
    /// # Errors
    ///
    /// As [`emit_until`](Self::emit_until), or what became of an event that was queued and not delivered.
    pub fn deliver_until(&self, event: impl Into<Event>, until: Deadline) -> Result<Option<Receipt>, EmitError> {
        let event = event.into();
        let delivering = async { self.0.emit_until(event, until).await?.fate().await };
        wait(self.0.transport(), delivering, until)?
    }

    /// [`Client::forward`].
    ///
    /// # Errors
    ///
    /// As [`forward_until`](Self::forward_until).
    pub fn forward(&self, event: EncodedEvent) -> Result<Ack, EmitError> {
        self.forward_within(event, Client::EMIT_WITHIN)
    }

    /// [`Client::forward_within`].
    ///
    /// # Errors
    ///
    /// As [`forward_until`](Self::forward_until).
    pub fn forward_within(&self, event: EncodedEvent, limit: Duration) -> Result<Ack, EmitError> {
        self.forward_until(event, Deadline::after(limit))
    }

    /// [`Client::forward_until`].
    ///
    /// # Errors
    ///
    /// As there; besides, `WouldDeadlock` on the thread that drives the transport's runtime.
    pub fn forward_until(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        wait(self.0.transport(), self.0.forward_until(event, until), until)?
    }

    /// [`Client::submit`], which waits for nothing either.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn submit(&self, event: impl Into<Event>) -> Result<Ack, EmitError> {
        self.0.submit(event)
    }

    /// [`Client::submit_encoded`], which waits for nothing either.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn submit_encoded(&self, event: EncodedEvent) -> Result<Ack, EmitError> {
        self.0.submit_encoded(event)
    }

    /// [`Client::flush`].
    ///
    /// # Errors
    ///
    /// As [`flush_until`](Self::flush_until).
    pub fn flush(&self) -> Result<FlushReport, EmitError> {
        self.flush_within(Client::FLUSH_WITHIN)
    }

    /// [`Client::flush_within`].
    ///
    /// # Errors
    ///
    /// As [`flush_until`](Self::flush_until).
    pub fn flush_within(&self, limit: Duration) -> Result<FlushReport, EmitError> {
        self.flush_until(Deadline::after(limit))
    }

    /// [`Client::flush_until`].
    ///
    /// # Errors
    ///
    /// As [`blocking::flush`](crate::blocking::flush).
    pub fn flush_until(&self, until: Deadline) -> Result<FlushReport, EmitError> {
        crate::blocking::flush(self.0.transport(), until)
    }

    /// [`Client::close`].
    ///
    /// # Errors
    ///
    /// As [`close_until`](Self::close_until).
    pub fn close(&self) -> Result<CloseReport, EmitError> {
        self.close_within(Client::CLOSE_WITHIN)
    }

    /// [`Client::close_within`].
    ///
    /// # Errors
    ///
    /// As [`close_until`](Self::close_until).
    pub fn close_within(&self, limit: Duration) -> Result<CloseReport, EmitError> {
        self.close_until(Deadline::after(limit))
    }

    /// [`Client::close_until`].
    ///
    /// # Errors
    ///
    /// As [`blocking::close`](crate::blocking::close).
    pub fn close_until(&self, until: Deadline) -> Result<CloseReport, EmitError> {
        crate::blocking::close(self.0.transport(), until)
    }

    /// [`Client::stats`].
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }
}

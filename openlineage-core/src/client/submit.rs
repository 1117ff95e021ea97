use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{Client, Road, encoded};
use crate::error::{Disposition, EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::model::Event;
use crate::transport::{Ack, Transport};

impl Client {
    /// Hands over an event without waiting, to a transport that queues: it is taken on now, or refused now.
    ///
    /// No future and no waiting call, so it may be called on any thread, inside a task of any runtime too. It costs some
    /// microseconds, most of them for encoding; the first one starts the worker, and where the transport keeps events
    /// compressed, compressing comes on top. Delivery is then as with [`emit`](Self::emit), and the ticket of
    /// [`Ack::Queued`] tells of it; events of one run keep the order of the calls.
    ///
    /// The event goes the same way as with `emit`, but nothing is waited for there either: as long as the repository for
    /// the source code location has not been read, events go without that facet, and the first of them has it read in
    /// the background.
    ///
    /// A refused event can go to `emit`, which waits for room or for the destination. Keep a clone for that, which
    /// is a reference count:
    ///
    /// ```
    /// use openlineage_core::client::Client;
    /// use openlineage_core::error::{EmitError, EmitErrorKind};
    /// use openlineage_core::model::Event;
    ///
    /// async fn hand_over(client: &Client, event: Event) -> Result<(), EmitError> {
    ///     match client.submit(event.clone()) {
    ///         Err(error) if matches!(error.kind(), EmitErrorKind::QueueFull { .. }) => client.emit(event).await.map(drop),
    ///         outcome => outcome.map(drop),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// `QueueFull` if there is no room now. With a capacity of 0 the transport has no queue, and no event will ever be
    /// taken on: its disposition is permanent, nothing was sent, and no count of the transport knows of it. Else as
    /// [`emit_until`](Self::emit_until).
    pub fn submit(&self, event: impl Into<Event>) -> Result<Ack, EmitError> {
        self.hand_over_now(event.into())
    }

    /// The same for an event that is text, byte for byte: filters apply, and nothing else does, as with
    /// [`forward`](Self::forward).
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit).
    pub fn submit_encoded(&self, event: EncodedEvent) -> Result<Ack, EmitError> {
        match &self.0.road {
            Road::Disabled(noop) => noop.skip(),
            Road::Open { pipeline, transport } => match pipeline.leaves_out_text(&event) {
                Some(reason) => Ok(Ack::Skipped(reason.into())),
                None => {
                    must_queue(&**transport)?;
                    at_once(&**transport, event)
                }
            },
        }
    }

    fn hand_over_now(&self, event: Event) -> Result<Ack, EmitError> {
        let (pipeline, transport) = match &self.0.road {
            Road::Disabled(noop) => return noop.skip(),
            Road::Open { pipeline, transport } => (pipeline, &**transport),
        };
        if let Some(reason) = pipeline.leaves_out(&event) {
            return Ok(Ack::Skipped(reason.into()));
        }
        must_queue(transport)?;
        at_once(transport, encoded(pipeline.enrich_now(event), transport)?)
    }
}

/// Looked at before anything else: without a queue, the first poll of `emit` may send.
fn must_queue(transport: &dyn Transport) -> Result<(), EmitError> {
    if transport.stats().queue.is_some() {
        return Ok(());
    }
    let fault = Fault::new(EmitErrorKind::QueueFull { capacity: 0 }).with_disposition(Disposition::Permanent);
    Err(EmitError::refused_by(fault.because("this transport has no queue, use emit for it")).at(transport.info()))
}

/// A transport that queues decides in the first poll of an `emit` that has no time.
fn at_once(transport: &dyn Transport, event: EncodedEvent) -> Result<Ack, EmitError> {
    let emitting = pin!(transport.emit(event, Deadline::now()));
    match emitting.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => {
            let fault = Fault::new(EmitErrorKind::Timeout).because("it was neither taken on nor refused at once");
            Err(EmitError::failed(fault, 0).at(transport.info()))
        }
    }
}

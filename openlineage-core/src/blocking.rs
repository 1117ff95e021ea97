//! The contract for programs without async: the same calls, parking the calling thread.
//!
//! No tokio is needed in the caller and none is entered, so these are legal anywhere, inside a task of any runtime too
//! (where they block that thread). The one exception is the thread that drives the very runtime the transport works on;
//! there they answer [`EmitErrorKind::WouldDeadlock`] instead of waiting for themselves.
//!
//! ```
//! use std::time::Duration;
//! use openlineage_core::builtin::Memory;
//! use openlineage_core::event::EncodedEvent;
//! use openlineage_core::{blocking, lifecycle::Deadline};
//!
//! let memory = Memory::new();
//! let transport = memory.transport();
//! let event = EncodedEvent::from_json(
//!     r#"{"eventType":"START","run":{"runId":"0198b9a1-0000-7000-8000-000000000001"},"job":{"namespace":"n","name":"j"}}"#,
//! )?;
//! let _ack = blocking::emit(&transport, event, Deadline::after(Duration::from_secs(10)))?;
//! let report = blocking::close(&transport, Deadline::after(Duration::from_secs(10)))?;
//! assert!(report.is_clean());
//! assert_eq!(memory.events().len(), 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use std::future::Future;
use std::time::Duration;

use crate::error::{EmitError, EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport};
use crate::runtime::{ParkScope, park_until};
use crate::transport::{Ack, Receipt, Transport, TransportExt};

/// How long past its deadline a call waits for the worker's own verdict before it answers by itself.
///
/// The worker keeps deadlines; this only bites when something blocks it. Longer than a closing waits for what it has
/// cancelled to let go.
const GRACE: Duration = Duration::from_millis(200);

/// [`Transport::emit`], parking this thread.
///
/// # Errors
///
/// As `emit`; besides, `WouldDeadlock` on the thread that drives the transport's runtime.
pub fn emit<T: Transport + ?Sized>(transport: &T, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
    wait(transport, transport.emit(event, until), until)?
}

/// [`TransportExt::deliver`], parking this thread until the event's fate is known.
///
/// # Errors
///
/// As `deliver`; besides, `WouldDeadlock` on the thread that drives the transport's runtime.
pub fn deliver<T: Transport + ?Sized>(
    transport: &T,
    event: EncodedEvent,
    until: Deadline,
) -> Result<Option<Receipt>, EmitError> {
    wait(transport, transport.deliver(event, until), until)?
}

/// [`Transport::flush`], parking this thread.
///
/// # Errors
///
/// `WouldDeadlock` on the thread that drives the transport's runtime; `Timeout` if the worker is blocked.
pub fn flush<T: Transport + ?Sized>(transport: &T, until: Deadline) -> Result<FlushReport, EmitError> {
    wait(transport, transport.flush(until), until)
}

/// [`Transport::close`], parking this thread.
///
/// # Errors
///
/// `WouldDeadlock` on the thread that drives the transport's runtime: nothing was closed. `Timeout` if the worker is
/// blocked: the closing goes on, and another call finds its report.
pub fn close<T: Transport + ?Sized>(transport: &T, until: Deadline) -> Result<CloseReport, EmitError> {
    wait(transport, transport.close(until), until)
}

/// Polls `future`, which waits for `transport`, on this thread, and parks it in between. `None` if it was not ready by
/// `until`; it is dropped then.
///
/// For whoever builds calls of its own on a transport: the functions above are this with a future of the trait.
///
/// # Errors
///
/// `WouldDeadlock` on the thread that drives the transport's runtime.
pub fn park<T: Transport + ?Sized, R>(
    transport: &T,
    future: impl Future<Output = R>,
    until: Deadline,
) -> Result<Option<R>, EmitError> {
    let scope = ParkScope::enter();
    let outcome = park_until(future, until);
    if scope.was_refused() {
        return Err(EmitError::refused(EmitErrorKind::WouldDeadlock).at(transport.info()));
    }
    Ok(outcome)
}

/// The same with the worker's own verdict about the deadline.
pub(crate) fn wait<T: Transport + ?Sized, R>(
    transport: &T,
    future: impl Future<Output = R>,
    until: Deadline,
) -> Result<R, EmitError> {
    let limit = until.remaining().map_or(Deadline::never(), |left| Deadline::after(left.saturating_add(GRACE)));
    park(transport, future, limit)?.ok_or_else(|| {
        let fault = Fault::new(EmitErrorKind::Timeout).sent(Sent::Maybe).because("the worker did not answer");
        EmitError::failed(fault, 0).at(transport.info())
    })
}

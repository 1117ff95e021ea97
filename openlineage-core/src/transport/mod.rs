//! Where events go, and how that ends.
//!
//! [`Transport`] is the caller's view of a destination. Someone who *writes* a destination implements
//! [`Deliver`](crate::engine::Deliver) instead and gets the life cycle, retries, deadlines and counts from an engine.

mod ack;
mod ext;
mod forward;
mod info;
mod source;
mod ticket;

use std::fmt;

use async_trait::async_trait;

pub use ack::{Ack, LegFate, LegReceipt, Receipt};
pub use ext::TransportExt;
pub use info::TransportInfo;
pub use source::{Fresh, TransportSource};
pub(crate) use ticket::Outcome;
pub use ticket::{Settle, Ticket, Withdraw};

use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};

/// A destination for lineage events, with an end.
///
/// Callers usually reach for [`TransportExt`] or [`blocking`](crate::blocking), which say the same things more shortly.
/// To send events somewhere new, implement [`Deliver`](crate::engine::Deliver) and hand it to an engine; implement this
/// trait by hand only for what wraps or fans out to other transports.
///
/// # Promises
///
/// An implementor promises all of the following; `testkit` checks each one under the name in brackets.
///
/// **Quiet birth.** Constructing the value starts nothing: no thread, task, socket or file `[L1]`.
///
/// **One direction.** [`state`](Self::state) moves only along New, Active, Closing, Closed `[L5]`.
///
/// **Every event has one fate.** An event is *accepted* once this value has taken it on, and is then counted exactly
/// once, as delivered, failed or abandoned. When the state is Closed the three add up to the number accepted `[A1]`.
/// `Ok` means accepted, except [`Ack::Skipped`], which is not counted at all. For an `Err`,
/// [`EmitError::accepted`] tells: if not, nothing was sent, nothing will be, and only `refused` counts it `[A2]`; if
/// so, it may have arrived.
///
/// **Deadlines hold.** `emit`, `flush` and `close` return by their deadline plus scheduling delay, whatever the
/// destination does `[C3]`, `[F4]`.
///
/// **Queues are bounded.** What queues takes on no more than its limits say, in events and in bytes `[A5]`. A caller
/// that finds no room waits until its deadline, in the order of the calls `[A8]`, and is then refused for good `[A2]`.
/// Accepted events never wait for room of their own `[A6]`.
///
/// **Runs are kept in order**, by a transport that says so: an event goes out when the events of its run that came
/// before it are settled, whatever became of them `[A4]`.
///
/// **Closing is final.** After `close` has returned nothing that belongs to this value is running and nothing it owned
/// is open `[C6]`; no later call brings it back `[C7]`.
///
/// **Any executor.** The futures may be polled by any executor, in or out of a tokio context, on one thread or many
/// `[E1]`–`[E4]`. They do not block the polling thread `[E5]`.
///
/// **Dropping is cheap.** Dropping the value without closing it neither blocks nor panics, in any context. What was
/// still pending is abandoned, and one warning says how much `[D1]`–`[D4]`.
///
/// **A forked child starts anew.** In a child the state is New and every count zero; it delivers its own events and
/// never its parent's `[K1]`, `[K2]`.
///
/// **Nothing secret is shown.** Debug output, errors and reports never contain credentials `[S1]`.
///
/// # Cancelling
///
/// Every future here may be dropped at any await point.
///
/// * A dropped `emit` either had no effect, or had been accepted: then the event is settled and counted as if you had
///   waited `[A7]`. Dropping never cancels; the deadline does.
/// * A dropped `flush` changes nothing.
/// * A dropped `close` does not stop the closing: the drain keeps the deadline it was given `[C8]`. Call `close` again
///   to wait for it. To wait less without cutting the drain short, put your own time limit round the future.
///
/// # Calling from many threads
///
/// All methods take `&self` and may run at the same time. An `emit` that races with `close` is either accepted, and
/// then drained, or refused; there is no third outcome `[R1]`.
///
/// # Wrapping another transport
///
/// A wrapper forwards every method, hands its own deadline on unchanged, and adds no second clock. No method has a
/// default body; put `#[deny(clippy::missing_trait_methods)]` on the impl so that it stays whole `[W1]`.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Says what this is: its kind, as configuration spells it, and its given name.
    fn info(&self) -> &TransportInfo;

    /// The current state. Never blocks; may be out of date when you look at it, but never by going backwards.
    fn state(&self) -> State;

    /// One consistent snapshot of the counts. Never blocks.
    fn stats(&self) -> Stats;

    /// Hands over one event.
    ///
    /// The first accepted event starts the transport. [`Ack::Delivered`] means the destination has confirmed it;
    /// [`Ack::Queued`] means this value has taken responsibility and will account for it in [`close`](Self::close): the
    /// ticket is a future with the event's fate, free to drop.
    ///
    /// `until` bounds what the caller waits for. Where the answer is `Delivered` or an error, that is everything: the
    /// start, every attempt, every pause between attempts. Where it is `Queued`, it is the wait for room only. With
    /// [`Deadline::now`] nothing is waited for.
    ///
    /// # Errors
    ///
    /// The event was refused, or was tried and failed: see [`EmitError::accepted`]. Ask [`EmitError::disposition`]
    /// whether sending it again can help.
    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError>;

    /// Waits until every event accepted before this call is settled, or `until` has passed.
    ///
    /// Does not change the state, and does not start a transport that has not started. Events accepted during the call
    /// may or may not be waited for.
    async fn flush(&self, until: Deadline) -> FlushReport;

    /// Refuses new events, delivers what it can before `until`, releases everything, and reports.
    ///
    /// Idempotent: each call returns the report of the one closing that took place. If calls overlap, the earliest
    /// deadline counts. A closed transport answers at once.
    async fn close(&self, until: Deadline) -> CloseReport;
}

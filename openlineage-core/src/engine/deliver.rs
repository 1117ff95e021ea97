use std::fmt;

use async_trait::async_trait;

use crate::error::Fault;
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;

/// A destination: how to reach it, how to hand it one event, how to let go of it.
///
/// This is all that someone who writes a transport implements; the engine ([`Direct`](super::Direct)) adds the life
/// cycle, retries, deadlines, counts, fork safety and the fence against panics.
///
/// The value itself is configuration: it may hold addresses, options and secrets, but nothing that is open or running.
/// Whatever is, lives in the [`Connection`](Self::Connection) that [`open`](Self::open) makes. That keeps construction
/// quiet, and gives a forked child a connection of its own while the parent's stays untouched.
///
/// All three methods are polled on the worker, in a tokio context with I/O and time. They must not block it: use
/// `tokio::task::spawn_blocking`, whose pool is small and short-lived. Every future may be dropped when its deadline
/// passes or the transport is closed. A panic in `deliver` fails that event and no other.
///
/// ```
/// use async_trait::async_trait;
/// use openlineage_core::engine::{Deliver, Direct};
/// use openlineage_core::error::{EmitErrorKind, Fault, Sent};
/// use openlineage_core::event::EncodedEvent;
/// use openlineage_core::lifecycle::Deadline;
/// use openlineage_core::transport::TransportInfo;
/// use tokio::net::UdpSocket;
///
/// #[derive(Debug)]
/// struct Datagrams { to: std::net::SocketAddr }
///
/// #[async_trait]
/// impl Deliver for Datagrams {
///     type Connection = UdpSocket;
///
///     async fn open(&self, _until: Deadline) -> Result<UdpSocket, Fault> {
///         let unreachable = |error| Fault::new(EmitErrorKind::Unreachable).sent(Sent::No).because(error);
///         let socket = UdpSocket::bind("127.0.0.1:0").await.map_err(unreachable)?;
///         socket.connect(self.to).await.map_err(unreachable)?;
///         Ok(socket)
///     }
///
///     async fn deliver(&self, socket: &UdpSocket, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
///         let sent = socket.send(event.bytes()).await;
///         sent.map(drop).map_err(|error| Fault::new(EmitErrorKind::Unreachable).because(error))
///     }
///
///     async fn shut(&self, _socket: &UdpSocket, _until: Deadline) {}
/// }
///
/// let transport = Direct::builder(TransportInfo::new("udp"), Datagrams { to: ([127, 0, 0, 1], 9999).into() }).build();
/// ```
#[async_trait]
pub trait Deliver: fmt::Debug + Send + Sync + 'static {
    /// What is open or running between [`open`](Self::open) and [`shut`](Self::shut).
    type Connection: Send + Sync + 'static;

    /// Makes the connection, with the first event. Called again for a later event if it fails.
    ///
    /// A destination that connects lazily, or reconnects by itself, makes its pool here and no socket.
    ///
    /// # Errors
    ///
    /// The event that asked for it is refused as [`Start`](crate::error::EmitErrorKind::Start), with a fault of another
    /// kind as its cause; the transport stays New.
    async fn open(&self, until: Deadline) -> Result<Self::Connection, Fault>;

    /// One attempt to hand over one event. Called for many events at once.
    ///
    /// The engine drops the future at `until`, so most destinations need not look at it.
    ///
    /// # Errors
    ///
    /// What went wrong, whether the event may have arrived, and whether a repetition can help.
    async fn deliver(&self, connection: &Self::Connection, event: &EncodedEvent, until: Deadline) -> Result<(), Fault>;

    /// Lets go of the connection after the last event, within `until`. The connection is dropped afterwards.
    async fn shut(&self, connection: &Self::Connection, until: Deadline);
}

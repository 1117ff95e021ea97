use std::fmt;
use std::sync::Weak;

use async_trait::async_trait;

use crate::error::{EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;

/// A destination with a queue and threads of its own: events are posted to it from the caller's thread, and it says
/// later what became of each.
///
/// This is what the author of a transport over a client library with a producer of its own implements, such as that of a
/// message broker; where there is a request and an answer, [`Deliver`](super::Deliver) says it more simply. The engine
/// ([`Posted`](super::Posted)) adds the life cycle, room and the line for it, deadlines, counts, fork safety and the
/// fence against panics. It repeats nothing: what is worth repeating such a library repeats itself.
///
/// The value is configuration and holds nothing that is open or running; that lives in the
/// [`Connection`](Self::Connection). [`pack`](Self::pack) and [`post`](Self::post) run on callers' threads and must not
/// block; the other methods run on the worker, in a tokio context with I/O and time, and must not block it either: use
/// `tokio::task::spawn_blocking`.
///
/// ```
/// use async_trait::async_trait;
/// use openlineage_core::engine::{Post, Posted, Reports};
/// use openlineage_core::error::{EmitErrorKind, Fault, Sent};
/// use openlineage_core::event::EncodedEvent;
/// use openlineage_core::lifecycle::Deadline;
/// use openlineage_core::transport::TransportInfo;
/// use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
/// use tokio::sync::Mutex;
///
/// /// A broker that takes everything and confirms it a moment later.
/// #[derive(Debug)]
/// struct Broker;
///
/// struct Line(UnboundedSender<usize>, Mutex<UnboundedReceiver<usize>>);
///
/// #[async_trait]
/// impl Post for Broker {
///     type Connection = Line;
///     type Parcel = ();
///
///     fn pack(&self, _event: &EncodedEvent) -> Result<(), Fault> {
///         Ok(())
///     }
///
///     async fn open(&self, _until: Deadline) -> Result<Line, Fault> {
///         let (posted, reports) = unbounded_channel();
///         Ok(Line(posted, Mutex::new(reports)))
///     }
///
///     fn post(&self, line: &Line, (): (), number: usize) -> Result<(), Fault> {
///         line.0.send(number).map_err(|_| Fault::new(EmitErrorKind::Unreachable).sent(Sent::No))
///     }
///
///     async fn serve(&self, line: &Line, reports: &Reports) -> Fault {
///         while let Some(number) = line.1.lock().await.recv().await {
///             reports.settle(&mut vec![(number, Ok(()))]);
///         }
///         Fault::new(EmitErrorKind::Unreachable)
///     }
///
///     async fn shut(&self, _line: &Line, _reports: &Reports, _until: Deadline) {}
/// }
///
/// let transport = Posted::builder(TransportInfo::new("broker"), Broker).build();
/// ```
#[async_trait]
pub trait Post: fmt::Debug + Send + Sync + 'static {
    /// What is open or running between [`open`](Self::open) and [`shut`](Self::shut). Dropping it must not block.
    type Connection: Send + Sync + 'static;

    /// An event as the destination takes it.
    type Parcel: Send + 'static;

    /// Makes of an event what can be made of it without a connection. Called before anything is counted or waited for.
    ///
    /// # Errors
    ///
    /// The event is refused.
    fn pack(&self, event: &EncodedEvent) -> Result<Self::Parcel, Fault>;

    /// Makes the connection, with the first event. Called again for a later event if it fails.
    ///
    /// # Errors
    ///
    /// The event that asked for it is refused as [`Start`](EmitErrorKind::Start), with a fault of another kind as its
    /// cause.
    async fn open(&self, until: Deadline) -> Result<Self::Connection, Fault>;

    /// Hands an event over, under a number that no other event of this connection has. What becomes of it is reported by
    /// this number, which may happen before this returns.
    ///
    /// Never called for more events than the engine has [room](super::PostedBuilder::room) for. Events for which callers
    /// have to stand in line are posted in the order of the line.
    ///
    /// # Errors
    ///
    /// The event has failed, and nothing will be reported of it.
    fn post(&self, connection: &Self::Connection, parcel: Self::Parcel, number: usize) -> Result<(), Fault>;

    /// Passes on what the destination reports, as long as the connection is in use.
    ///
    /// The engine drops the future when the transport is closed; events of which nothing was reported until then are
    /// [`shut`](Self::shut)'s to report.
    ///
    /// Returns, with the reason, when the connection cannot be used any more: then what was posted to it fails, and the
    /// next event makes a new one. A panic counts as such a reason.
    async fn serve(&self, connection: &Self::Connection, reports: &Reports) -> Fault;

    /// Why an event of which nothing was reported by its caller's deadline has failed. Default:
    /// [`Timeout`](EmitErrorKind::Timeout); a destination that knows what keeps it from delivering says that.
    fn overdue(&self, _connection: &Self::Connection) -> Fault {
        Fault::new(EmitErrorKind::Timeout)
    }

    /// Lets go of the connection, within `until`. The connection is dropped afterwards.
    async fn shut(&self, connection: &Self::Connection, reports: &Reports, until: Deadline);
}

/// What became of an event, by the number under which it was posted.
pub type Report = (usize, Result<(), Fault>);

/// Where a [`Post`] says what became of the events that were posted to it.
pub struct Reports(pub(super) Weak<dyn Hear>);

pub(super) trait Hear: Send + Sync {
    fn hear(&self, reports: &mut Vec<Report>);
}

impl Reports {
    /// Takes all reports out of the list and settles their events, in this order. From any thread; never blocks.
    ///
    /// What is said of a number a second time is ignored. A success that comes after the event was given up is counted as
    /// [late](crate::lifecycle::Stats::late).
    pub fn settle(&self, reports: &mut Vec<Report>) {
        match self.0.upgrade() {
            Some(session) => session.hear(reports),
            None => reports.clear(),
        }
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reports")
    }
}

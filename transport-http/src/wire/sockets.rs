use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use openlineage_core::error::BoxError;
use tokio::sync::Notify;
use tokio::task;
use tokio::time::timeout;
use tower_service::Service;

/// How long a request waits for a connection that should come free before it makes one all the same: that one may hang
/// in its end, where its server reads nothing any more.
const PATIENCE: Duration = Duration::from_millis(200);

/// Keeps connections to the number of requests.
///
/// The client races a new connection against one that comes free, and where the latter wins it finishes the former and
/// keeps it: a burst would make nearly twice as many connections as there ever are requests. So a connection is begun
/// only while there are more requests than connections. A request that waits here is never stuck: then there is a
/// connection that serves nobody, which either gets to the pool and from there to the request, or ends.
#[derive(Clone, Default)]
pub(super) struct Sockets(Arc<Shared>);

#[derive(Default)]
struct Shared {
    counts: Mutex<Counts>,
    changed: Notify,
}

#[derive(Default)]
struct Counts {
    requests: usize,
    /// Open, or being made.
    connections: usize,
}

/// A request, from its beginning until its answer is read.
pub(super) struct Requesting(Sockets);

/// A connection, from its beginning.
struct Socket(Sockets);

impl Sockets {
    pub(super) fn request(&self) -> Requesting {
        self.lock().requests += 1;
        self.0.changed.notify_waiters();
        Requesting(self.clone())
    }

    /// Waits until one more connection is wanted. `None` if nobody asks for it any more.
    async fn wanted(&self) -> Option<Socket> {
        let waiting = while_asked(async {
            loop {
                let changed = self.0.changed.notified();
                if self.is_wanted() {
                    return;
                }
                changed.await;
            }
        });
        match timeout(PATIENCE, waiting).await {
            Ok(None) => return None,
            Ok(Some(())) | Err(_) => self.lock().connections += 1,
        }
        Some(Socket(self.clone()))
    }

    fn is_wanted(&self) -> bool {
        let counts = self.lock();
        counts.connections < counts.requests
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The outcome of `work`, or `None` once another task polls it: the client puts there what it does not wait for.
async fn while_asked<T>(work: impl Future<Output = T>) -> Option<T> {
    let (asker, mut work) = (task::try_id(), pin!(work));
    poll_fn(|cx| if task::try_id() == asker { work.as_mut().poll(cx).map(Some) } else { Poll::Ready(None) }).await
}

impl Drop for Requesting {
    fn drop(&mut self) {
        self.0.lock().requests -= 1;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.lock().connections -= 1;
        self.0.0.changed.notify_waiters();
    }
}

/// A connector that asks [`Sockets`] first.
#[derive(Clone)]
pub(super) struct Counted<C> {
    connector: C,
    sockets: Sockets,
}

impl<C> Counted<C> {
    pub(super) fn new(connector: C, sockets: &Sockets) -> Self {
        Self { connector, sockets: sockets.clone() }
    }
}

impl<C> Service<Uri> for Counted<C>
where
    C: Service<Uri, Error = BoxError> + Clone + Send + 'static,
    C::Future: Send,
{
    type Response = Stream<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        // The one that is ready, not its copy.
        let next = self.connector.clone();
        let mut connector = std::mem::replace(&mut self.connector, next);
        let sockets = self.sockets.clone();
        Box::pin(async move {
            let socket = sockets.wanted().await.ok_or("no longer needed")?;
            Ok(Stream { stream: connector.call(to).await?, _socket: socket })
        })
    }
}

/// A connection that is counted until it is dropped.
pub(super) struct Stream<S> {
    stream: S,
    _socket: Socket,
}

impl<S: Unpin> Stream<S> {
    fn inner(self: Pin<&mut Self>) -> Pin<&mut S> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl<S: Connection> Connection for Stream<S> {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl<S: Read + Unpin> Read for Stream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_read(cx, buf)
    }
}

impl<S: Write + Unpin> Write for Stream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.inner().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write_vectored(cx, bufs)
    }
}

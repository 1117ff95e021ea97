//! An HTTP/1.1 server on the loopback interface that answers by script and remembers what it was asked.

mod answer;
mod connection;
mod request;
mod state;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use answer::Answer;
pub use request::Request;
use state::Shared;

/// Name of the server's threads, for tests that count threads.
pub const THREAD_NAME: &str = "test-server";

/// Stack of a connection's thread: hundreds of them must fit.
const STACK: usize = 256 * 1024;

/// Longest wait for connections to end when the server is dropped.
const ENDING: Duration = Duration::from_secs(5);

/// A server that answers each request as its script says; 201 without a body where the script has ended.
///
/// One thread accepts and each connection has one more. Dropping the server closes the listener and every connection.
///
/// ```
/// use std::time::Duration;
/// use openlineage_core::testkit::server::{Answer, Server};
///
/// let server = Server::start()?;
/// server.script([Answer::status(503).header("Retry-After", "1"), Answer::status(201)]);
/// // … send to server.url() …
/// assert!(server.wait_for(1, Duration::ZERO).is_empty());
/// # Ok::<_, std::io::Error>(())
/// ```
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// There is no free port, or no thread could be made.
    pub fn start() -> io::Result<Self> {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Listens where a server was before.
    ///
    /// # Errors
    ///
    /// Somebody else listens there meanwhile, or no thread could be made.
    pub fn start_at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let state = Arc::clone(&shared);
        let (begin, begun) = mpsc::channel::<()>();
        let accepting = spawn(move || {
            drop(begin);
            accept(&listener, &state);
        })?;
        // Nothing is sent: it ends when the thread runs, and has its name.
        let _begun = begun.recv();
        Ok(Self { shared, address, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Adds answers for the next requests, one each, in the order in which requests begin to arrive.
    pub fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.lock().script.extend(answers);
    }

    /// Answers whatever the script does not cover like this.
    pub fn always(&self, answer: Answer) {
        self.shared.lock().always = answer;
    }

    /// Lets requests go that are held now, or have begun to arrive and will be: each gets its answer.
    pub fn release(&self) {
        self.shared.change(|state| state.releases += 1);
    }

    /// Every request so far, once there are `n`, or what there is when `limit` has passed.
    #[must_use]
    pub fn wait_for(&self, n: usize, limit: Duration) -> Vec<Request> {
        self.shared.wait(limit, |state| state.requests.len() >= n).requests.clone()
    }

    /// How many connections are open once they are `n`, or when `limit` has passed.
    #[must_use]
    pub fn wait_for_open(&self, n: usize, limit: Duration) -> usize {
        self.shared.wait(limit, |state| state.open.len() == n).open.len()
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Connections accepted since the start.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.shared.lock().accepted
    }

    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.lock().open.len()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        // Wakes the accepting thread, which then sees that it is over.
        if let (Ok(_), Some(accepting)) = (TcpStream::connect(self.address), self.accepting.take()) {
            drop(accepting.join());
        }
        drop(self.shared.wait(ENDING, |state| state.open.is_empty()));
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(THREAD_NAME.to_owned()).stack_size(STACK).spawn(work)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        let Some((number, stream)) = shared.enter(stream) else { return };
        let connection = Arc::clone(shared);
        let serving = spawn(move || {
            // How a connection ends does not matter here; the client sees it.
            drop(connection::serve(&connection, number, &stream));
            drop(stream);
            connection.leave(number);
        });
        if serving.is_err() {
            shared.leave(number);
        }
    }
}

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::scripted::ScriptedSink;
use super::sink::{Answer, Log, Sink};
use crate::engine::first;

/// How a server behind a socket reads events and writes answers.
pub trait Protocol: fmt::Debug + Send + Sync + 'static {
    /// Takes the JSON of the first event out of what has come, if all of it is there.
    fn take(unread: &mut Vec<u8>) -> Option<Bytes>;

    /// The answer as it goes back.
    fn spell(answer: Answer) -> String;
}

/// A sink behind a TCP socket on the loopback, for transports whose destination is another process.
///
/// A connection may carry many events, one after the other. A client that goes is noticed, also while its answer is held
/// back. It cannot make a transport panic. Dropping it ends the server.
#[derive(Debug)]
pub struct SocketSink<P> {
    script: ScriptedSink,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
    protocol: PhantomData<P>,
}

/// A sink that takes lines: one in is one event, as JSON, one out is its answer.
pub type LineSink = SocketSink<Lines>;

/// The protocol of [`LineSink`]: the answers are `ok`, `later`, `never`, or `pause` and a number of milliseconds.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum Lines {}

impl Protocol for Lines {
    fn take(unread: &mut Vec<u8>) -> Option<Bytes> {
        let end = unread.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = unread.drain(..=end).collect();
        Some(Bytes::from(line).slice(..end))
    }

    fn spell(answer: Answer) -> String {
        match answer {
            Answer::Accept => "ok\n".to_owned(),
            Answer::Permanent => "never\n".to_owned(),
            Answer::Throttle(pause) => format!("pause {}\n", pause.as_millis()),
            Answer::Transient | Answer::Stall | Answer::Panic => "later\n".to_owned(),
        }
    }
}

impl<P: Protocol> SocketSink<P> {
    /// Starts the server, on a port of the system's choice.
    ///
    /// # Errors
    ///
    /// No socket or no thread to be had.
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let (address, script) = (listener.local_addr()?, ScriptedSink::new());
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let serving = script.clone();
        thread::Builder::new().name("socket-sink".to_owned()).spawn(move || {
            runtime.block_on(async {
                let server = tokio::spawn(serve::<P>(listener, serving));
                drop(stopped.await);
                server.abort();
            });
        })?;
        Ok(Self { script, address, _stop: stop, protocol: PhantomData })
    }

    /// Where to connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<P: Protocol> Sink for SocketSink<P> {
    fn script(&self, first: &[Answer], then: Answer) {
        self.script.script(first, then);
    }

    fn fail_start(&self) {
        self.script.fail_start();
    }

    fn log(&self) -> Log {
        self.script.log()
    }

    fn wait(&self, enough: &mut dyn FnMut(&Log) -> bool, limit: Duration) -> bool {
        self.script.wait(enough, limit)
    }
}

async fn serve<P: Protocol>(listener: std::net::TcpListener, script: ScriptedSink) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse::<P>(stream, script.clone()));
    }
}

/// Serves one connection until the other side closes it.
async fn converse<P: Protocol>(stream: TcpStream, script: ScriptedSink) -> io::Result<()> {
    let _open = script.connected();
    let mut unread = Vec::new();
    loop {
        let Some(event) = P::take(&mut unread) else {
            if read(&stream, &mut unread).await? == 0 {
                return Ok(());
            }
            continue;
        };
        // A client that has gone is not answered, but its connection is let go.
        let Some(answer) = first(script.receive(event), gone(&stream, &mut unread)).await else { return Ok(()) };
        write(&stream, P::spell(answer).as_bytes()).await?;
    }
}

async fn gone(stream: &TcpStream, unread: &mut Vec<u8>) {
    while read(stream, unread).await.is_ok_and(|bytes| bytes > 0) {}
}

async fn read(stream: &TcpStream, unread: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; 4096];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => {
                let bytes = result?;
                unread.extend_from_slice(&buffer[..bytes]);
                return Ok(bytes);
            }
        }
    }
}

async fn write(stream: &TcpStream, mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(rest) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => rest = &rest[result?..],
        }
    }
    Ok(())
}

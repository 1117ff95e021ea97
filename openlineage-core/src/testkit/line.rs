use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::callers::first;
use super::scripted::ScriptedSink;
use super::sink::{Answer, Log, Sink};

/// A sink behind a TCP socket on the loopback, for transports whose destination is another process.
///
/// One line in is one event, as JSON; one line out is the answer: `ok`, `later`, `never`, or `pause` and a number of
/// milliseconds. A connection may carry many events, one after the other. It cannot make a transport panic. Dropping
/// it ends the server.
#[derive(Debug)]
pub struct LineSink {
    script: ScriptedSink,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl LineSink {
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
        thread::Builder::new().name("line-sink".to_owned()).spawn(move || {
            runtime.block_on(async {
                let server = tokio::spawn(serve(listener, serving));
                drop(stopped.await);
                server.abort();
            });
        })?;
        Ok(Self { script, address, _stop: stop })
    }

    /// Where to connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Sink for LineSink {
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

async fn serve(listener: std::net::TcpListener, script: ScriptedSink) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse(stream, script.clone()));
    }
}

/// Serves one connection until the other side closes it.
async fn converse(stream: TcpStream, script: ScriptedSink) -> io::Result<()> {
    let _open = script.connected();
    let mut unread = Vec::new();
    loop {
        let Some(end) = unread.iter().position(|byte| *byte == b'\n') else {
            if read(&stream, &mut unread).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let line: Vec<u8> = unread.drain(..=end).collect();
        let answering = script.receive(Bytes::from(line).slice(..end));
        // A client that has gone is not answered, but its connection is let go.
        let Some(answer) = first(answering, gone(&stream, &mut unread)).await else { return Ok(()) };
        write(&stream, spelled(answer).as_bytes()).await?;
    }
}

fn spelled(answer: Answer) -> String {
    match answer {
        Answer::Accept => "ok\n".to_owned(),
        Answer::Permanent => "never\n".to_owned(),
        Answer::Throttle(pause) => format!("pause {}\n", pause.as_millis()),
        Answer::Transient | Answer::Stall | Answer::Panic => "later\n".to_owned(),
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

//! The kit's sink behind an HTTP server that notices when a client goes, also while it holds an answer back.

use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use openlineage_core::testkit::{Answer, Log, ScriptedSink, Sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[derive(Debug)]
pub(crate) struct HttpSink {
    script: ScriptedSink,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl HttpSink {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let (address, script) = (listener.local_addr()?, ScriptedSink::new());
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let serving = script.clone();
        thread::Builder::new().name("http-sink".to_owned()).spawn(move || {
            runtime.block_on(async {
                let server = tokio::spawn(serve(listener, serving));
                drop(stopped.await);
                server.abort();
            });
        })?;
        Ok(Self { script, address, _stop: stop })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Sink for HttpSink {
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
        let Some(body) = take_request(&mut unread) else {
            if read(&stream, &mut unread).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let Some(answer) = first(script.receive(body), gone(&stream, &mut unread)).await else { return Ok(()) };
        write(&stream, spelled(answer).as_bytes()).await?;
    }
}

/// The body of the first request in `unread`, unpacked, if all of it is there.
fn take_request(unread: &mut Vec<u8>) -> Option<Bytes> {
    let end = unread.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&unread[..end]).to_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let whole = end + field("content-length").map_or(0, |length| length.parse::<usize>().unwrap());
    if unread.len() < whole {
        return None;
    }
    let body: Vec<u8> = unread.drain(..whole).skip(end).collect();
    if field("content-encoding") != Some("gzip") {
        return Some(body.into());
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut plain).unwrap();
    Some(plain.into())
}

fn spelled(answer: Answer) -> String {
    let (status, more) = match answer {
        Answer::Accept => (201, String::new()),
        Answer::Permanent => (400, String::new()),
        // HTTP counts in whole seconds; a shorter pause is one.
        Answer::Throttle(pause) => (429, format!("Retry-After: {}\r\n", pause.as_secs_f64().ceil())),
        Answer::Transient | Answer::Stall | Answer::Panic => (503, String::new()),
    };
    format!("HTTP/1.1 {status} Scripted\r\n{more}Content-Length: 0\r\n\r\n")
}

async fn first<T>(work: impl Future<Output = T>, stop: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut stop) = (pin!(work), pin!(stop));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => stop.as_mut().poll(context).map(|()| None),
    })
    .await
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

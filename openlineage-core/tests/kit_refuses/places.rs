//! Idle threads and forks: I and K.

use std::net::SocketAddr;
use std::process;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::Deliver;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::{Capabilities, Harness, LineSink, Setup};
use openlineage_core::transport::{Ack, Transport};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::bent::{Inner, Twist, Twisted, over, twisted};
use crate::life::Thread;
use crate::refused;

/// Looks every 20 ms whether there is something to do.
#[derive(Debug, Default)]
struct Ticks(OnceLock<Mutex<Sender<()>>>);

#[async_trait]
impl Twist for Ticks {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.0.get_or_init(|| {
            let (sender, ended) = channel::<()>();
            let look = move || ended.recv_timeout(Duration::from_millis(20));
            thread::spawn(move || while look() == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {});
            Mutex::new(sender)
        });
        inner.emit(event, until).await
    }
}

refused!(i1_ticks, I1, "voluntary switches", twisted(Ticks::default));

#[derive(Debug, Default)]
struct ThreadForEach(OnceLock<Thread>);

#[async_trait]
impl Twist for ThreadForEach {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.0.get_or_init(Thread::start);
        inner.emit(event, until).await
    }
}

refused!(i2_thread_for_each, I2, "100 transports have", twisted(ThreadForEach::default));

/// Says ok to what a server says ok to.
#[derive(Debug)]
struct Lines(SocketAddr);

#[async_trait]
impl Deliver for Lines {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let broke = |error| Fault::new(EmitErrorKind::Unreachable).because(error);
        let mut stream = BufReader::new(TcpStream::connect(self.0).await.map_err(broke)?);
        stream.write_all(&[&event.to_ndjson(), b"\n".as_slice()].concat()).await.map_err(broke)?;
        stream.read_line(&mut String::new()).await.map_err(broke).map(drop)
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

/// The good transport over a socket in a wrapper that is not.
struct OverSocket<T>(fn() -> T);

impl<T: Twist> Harness for OverSocket<T> {
    type Sink = LineSink;

    fn sink(&self) -> LineSink {
        LineSink::start().unwrap()
    }

    fn transport(&self, sink: &LineSink, setup: Setup) -> Inner {
        Arc::new(Twisted { inner: over(Lines(sink.address()), setup), twist: (self.0)() })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().answers().confirms_each().survives_fork()
    }
}

type Order = (Inner, EncodedEvent, Deadline, oneshot::Sender<Result<Ack, EmitError>>);

/// Has a thread of its own, and takes it for granted in a child.
#[derive(Debug, Default)]
struct OwnThread(OnceLock<Mutex<Sender<Order>>>);

#[async_trait]
impl Twist for OwnThread {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let thread = self.0.get_or_init(|| {
            let (sender, orders) = channel::<Order>();
            thread::spawn(move || {
                for (inner, event, until, done) in orders {
                    drop(done.send(blocking::emit(&inner, event, until)));
                }
            });
            Mutex::new(sender)
        });
        let (done, result) = oneshot::channel();
        thread.lock().unwrap().send((Arc::clone(inner), event, until, done)).unwrap();
        result.await.unwrap()
    }
}

refused!(k1_own_thread, K1, "of a forked child", OverSocket(OwnThread::default));

/// A child that sends what its parent has sent.
#[derive(Debug, Default)]
struct SendsAgain(OnceLock<(u32, EncodedEvent)>);

#[async_trait]
impl Twist for SendsAgain {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let (pid, first) = self.0.get_or_init(|| (process::id(), event.clone()));
        if *pid != process::id() {
            let _again = inner.emit(first.clone(), until).await?;
        }
        inner.emit(event, until).await
    }
}

refused!(k2_sends_again, K2, "arrived twice", OverSocket(SendsAgain::default));

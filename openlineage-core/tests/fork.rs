//! What a forked child may do with a transport that its parent uses. Each test runs in a process of its own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::env;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use openlineage_core::blocking;
use openlineage_core::engine::{Deliver, Direct};
use openlineage_core::error::{EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, State};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::fork::fork_and;
use openlineage_core::testkit::{Answer, LineSink, Sink};
use openlineage_core::transport::{Transport, TransportInfo};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

const LONG: Duration = Duration::from_secs(20);
const IN_CHILD: Duration = Duration::from_secs(3);
const ALONE: &str = "OPENLINEAGE_FORK_TEST";

fn long() -> Deadline {
    Deadline::after(LONG)
}

/// `true` in a process of its own; elsewhere starts one for this test and demands that it passes.
fn alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    false
}

/// One connection for all events, one after the other: what a child must not share with its parent.
#[derive(Debug)]
struct Kept(SocketAddr);

fn broke(error: std::io::Error) -> Fault {
    Fault::new(EmitErrorKind::Unreachable).because(error)
}

#[async_trait]
impl Deliver for Kept {
    type Connection = Mutex<BufReader<TcpStream>>;

    async fn open(&self, _until: Deadline) -> Result<Self::Connection, Fault> {
        Ok(Mutex::new(BufReader::new(TcpStream::connect(self.0).await.map_err(broke)?)))
    }

    async fn deliver(&self, to: &Self::Connection, event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let (mut stream, mut answer) = (to.lock().await, String::new());
        stream.write_all(&[&event.to_ndjson(), b"\n".as_slice()].concat()).await.map_err(broke)?;
        stream.read_line(&mut answer).await.map_err(broke)?;
        if answer == "ok\n" { Ok(()) } else { Err(Fault::new(EmitErrorKind::Rejected { code: 0 })) }
    }

    async fn shut(&self, _to: &Self::Connection, _until: Deadline) {}
}

fn transport(sink: &LineSink, runtime: Runtime) -> Arc<Direct<Kept>> {
    let builder = Direct::builder(TransportInfo::new("kept"), Kept(sink.address()));
    Arc::new(builder.retry(RetryPolicy::never()).runtime(runtime).build())
}

fn event(number: usize) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

/// Sets its flag however its scope is left: an assertion that fails must not leave threads running that wait for it.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// In a child: delivers, and ends with 0 if that worked.
fn deliver(transport: &dyn Transport, events: Vec<EncodedEvent>) -> u8 {
    let delivered = |event| blocking::deliver(transport, event, Deadline::after(IN_CHILD)).is_ok();
    u8::from(!events.into_iter().all(delivered))
}

/// How often each event has arrived.
fn arrivals(sink: &LineSink) -> HashMap<Bytes, usize> {
    let mut counts = HashMap::new();
    for attempt in sink.log().attempts {
        *counts.entry(attempt.body).or_default() += 1;
    }
    counts
}

fn assert_each_once(sink: &LineSink, expected: usize) {
    let counts = arrivals(sink);
    assert_eq!(counts.values().filter(|count| **count > 1).count(), 0, "some events arrived twice");
    assert_eq!(counts.len(), expected);
}

#[test]
fn a_busy_parent_forks_again_and_again() {
    const FORKS: usize = 300;
    const CALLERS: usize = 4;
    if !alone("a_busy_parent_forks_again_and_again") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let transport = transport(&sink, Runtime::shared());
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    let (stop, childs) = (AtomicBool::new(false), FORKS * 2);
    let parents: usize = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (transport, stop) = (&transport, &stop);
                scope.spawn(move || {
                    let numbers = (0..).take_while(|_| !stop.load(Ordering::Acquire));
                    let emit = |n| blocking::emit(transport, event(1_000_000 * (caller + 1) + n), long());
                    numbers.map(emit).map(Result::unwrap).count()
                })
            })
            .collect();
        let stopping = Stop(&stop);
        for fork in 0..FORKS {
            let events = vec![event(2 * fork + 1), event(2 * fork + 2)];
            let code = fork_and(|| deliver(&transport, events)).unwrap().wait(IN_CHILD * 3).unwrap();
            assert_eq!(code, Some(0), "fork {fork}");
        }
        drop(stopping);
        callers.into_iter().map(|caller| caller.join().unwrap()).sum()
    });
    let report = blocking::close(&transport, long()).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.tally.accepted, parents as u64 + 1);
    assert_each_once(&sink, parents + childs + 1);
}

/// In a child: delivers over each, and says how many of these came to nothing.
fn undelivered<const N: usize>(over: [(&dyn Transport, usize); N]) -> u8 {
    over.map(|(transport, number)| deliver(transport, vec![event(number)])).iter().sum()
}

/// Forks may come while other threads start workers and end them, and hold whatever locks that takes.
///
/// The standard library has such a lock, which threads take when they start and when they end. If one of the parent's
/// has it at the fork, no thread starts in the child any more, its worker neither. That is rare, and nobody can help it;
/// the child's calls must keep their deadlines all the same.
#[test]
fn a_parent_that_starts_and_ends_workers_forks() {
    const FORKS: usize = 150;
    const STUCK: u8 = 2;
    if !alone("a_parent_that_starts_and_ends_workers_forks") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let inherited = transport(&sink, Runtime::shared());
    let stop = AtomicBool::new(false);
    let (parents, stuck): (usize, usize) = thread::scope(|scope| {
        let lives: Vec<_> = (1..=3)
            .map(|thread| {
                let (sink, stop) = (&sink, &stop);
                let live = move |n: usize| {
                    let own = transport(sink, if thread == 1 { Runtime::shared() } else { Runtime::dedicated("own") });
                    let _ack = blocking::emit(&own, event(1_000_000 * thread + n), long()).unwrap();
                    assert!(blocking::close(&own, long()).unwrap().is_clean());
                };
                scope.spawn(move || (0..).take_while(|_| !stop.load(Ordering::Acquire)).map(live).count())
            })
            .collect();
        let stopping = Stop(&stop);
        let codes = (0..FORKS).map(|fork| {
            let child = fork_and(|| {
                let own = transport(&sink, Runtime::shared());
                undelivered([(&*inherited, 2 * fork), (&*own, 2 * fork + 1)])
            });
            let code = child.unwrap().wait(IN_CHILD * 3).unwrap();
            assert!(matches!(code, Some(0 | STUCK)), "fork {fork}: {code:?}");
            usize::from(code == Some(STUCK))
        });
        let stuck = codes.sum();
        drop(stopping);
        (lives.into_iter().map(|life| life.join().unwrap()).sum(), stuck)
    });
    assert!(stuck <= FORKS / 50, "{stuck} children could not start a worker");
    assert_eq!(inherited.state(), State::New);
    assert_each_once(&sink, parents + (FORKS - stuck) * 2);
}

#[test]
fn a_fork_on_the_worker_itself() {
    if !alone("a_fork_on_the_worker_itself") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let runtime = Runtime::dedicated("openlineage-forked");
    let transport = transport(&sink, runtime.clone());
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    let lease = runtime.lease().unwrap();
    for fork in 1..=20 {
        let forked = Arc::clone(&transport);
        let (send, child) = std::sync::mpsc::channel();
        drop(lease.spawn(async move { send.send(fork_and(|| deliver(&forked, vec![event(fork)]))).is_ok() }));
        assert_eq!(child.recv_timeout(LONG).unwrap().unwrap().wait(IN_CHILD * 2).unwrap(), Some(0), "fork {fork}");
    }
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
    assert_each_once(&sink, 21);
}

#[test]
fn a_child_drops_and_closes_what_it_inherited() {
    if !alone("a_child_drops_and_closes_what_it_inherited") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let transport = transport(&sink, Runtime::shared());
    let _ack = blocking::emit(&transport, event(0), long()).unwrap();
    sink.script(&[], Answer::Stall);
    for fork in 0..40 {
        let mut cx = Context::from_waker(Waker::noop());
        let mut emit = Some(transport.emit(event(fork + 1), long()));
        let mut flush = Some(transport.flush(long()));
        assert!(emit.as_mut().unwrap().as_mut().poll(&mut cx).is_pending());
        assert!(flush.as_mut().unwrap().as_mut().poll(&mut cx).is_pending());
        let child = fork_and(|| {
            drop((emit.take(), flush.take()));
            let closed = blocking::close(&transport, Deadline::after(IN_CHILD));
            u8::from(closed.is_err() || transport.state() != State::Closed)
        });
        assert_eq!(child.unwrap().wait(IN_CHILD * 2).unwrap(), Some(0), "fork {fork}");
        assert_eq!(transport.state(), State::Active);
    }
    sink.script(&[], Answer::Accept);
    let report = blocking::close(&transport, long()).unwrap();
    assert_eq!((report.tally.delivered, report.tally.lost()), (41, 0));
    assert_each_once(&sink, 41);
}

#[test]
fn a_child_has_the_last_handle() {
    if !alone("a_child_has_the_last_handle") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let mut held = Some(Arc::into_inner(transport(&sink, Runtime::shared())).unwrap());
    let transport = transport(&sink, Runtime::shared());
    let emitted = |n| blocking::emit(&transport, event(n), long()).map(drop);
    for fork in 0..40 {
        let _ack = blocking::emit(held.as_ref().unwrap(), event(2 * fork), long()).unwrap();
        let child = fork_and(|| {
            drop(held.take());
            0
        });
        assert_eq!(child.unwrap().wait(IN_CHILD).unwrap(), Some(0), "fork {fork}");
        emitted(2 * fork + 1).unwrap();
    }
    assert!(blocking::close(held.as_ref().unwrap(), long()).unwrap().is_clean());
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
    assert_each_once(&sink, 80);
}

#[test]
fn a_grandchild_starts_anew_too() {
    if !alone("a_grandchild_starts_anew_too") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let transport = transport(&sink, Runtime::shared());
    for fork in 0..20 {
        let _ack = blocking::emit(&transport, event(3 * fork), long()).unwrap();
        let child = fork_and(|| {
            let own = deliver(&transport, vec![event(3 * fork + 1)]);
            let grandchild = fork_and(|| {
                let anew = transport.state() == State::New;
                if anew { deliver(&transport, vec![event(3 * fork + 2)]) } else { 2 }
            });
            let code = grandchild.and_then(|grandchild| grandchild.wait(IN_CHILD * 2));
            if code.is_ok_and(|code| code == Some(0)) { own } else { 3 }
        });
        assert_eq!(child.unwrap().wait(IN_CHILD * 4).unwrap(), Some(0), "fork {fork}");
    }
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
    assert_each_once(&sink, 60);
}

#[test]
fn a_child_does_without_the_lent_runtime() {
    if !alone("a_child_does_without_the_lent_runtime") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let host = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let transport = transport(&sink, Runtime::on(host.handle().clone()));
    for fork in 0..20 {
        let _ack = blocking::emit(&transport, event(2 * fork), long()).unwrap();
        let child = fork_and(|| deliver(&transport, vec![event(2 * fork + 1)]));
        assert_eq!(child.unwrap().wait(IN_CHILD * 2).unwrap(), Some(0), "fork {fork}");
    }
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
    assert_each_once(&sink, 40);
}

//! What a forked child may do with an emitter that its parent uses. Each test runs in a process of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::engine::{Deliver, Direct};
use openlineage_core::error::{EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, State};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::fork::fork_and;
use openlineage_core::testkit::{LineSink, Sink};
use openlineage_core::transport::TransportInfo;
use openlineage_emit_modes::{Emitter, Mode};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::alone::alone;
use crate::case::{LONG, client, event, eventually, modes};
use crate::held::Held;

const IN_CHILD: Duration = Duration::from_secs(3);

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

fn emitter(sink: &LineSink, mode: Mode) -> Emitter {
    let direct = Direct::builder(TransportInfo::new("kept"), Kept(sink.address())).retry(RetryPolicy::never());
    Emitter::new(client(Arc::new(direct.build())), mode)
}

/// In a child: 0 if the emitter starts anew, delivers both events and closes.
fn works_anew(emitter: &Emitter, events: [EncodedEvent; 2]) -> u8 {
    let is_new = emitter.state() == State::New && emitter.stats().threads == 0;
    let [first, second] = events;
    let emitted = emitter.emit(first).is_ok() && emitter.submit(second).is_ok();
    let closed = emitter.shutdown(IN_CHILD).is_ok_and(|report| report.is_clean() && report.tally.delivered == 2);
    u8::from(!(is_new && emitted && closed))
}

#[test]
fn a_child_delivers_its_own_events_and_none_of_its_parents() {
    const FORKS: usize = 40;
    if !alone("fork::a_child_delivers_its_own_events_and_none_of_its_parents") {
        return;
    }
    for mode in modes(LONG) {
        let sink = LineSink::start().unwrap();
        let emitter = emitter(&sink, mode);
        let stop = AtomicBool::new(false);
        let sent: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (1..=3)
                .map(|caller| {
                    let (emitter, stop) = (&emitter, &stop);
                    let emit = move |n: usize| emitter.emit(event(1_000_000 * caller + n, 0)).map(drop);
                    scope.spawn(move || {
                        let going = (0..).take_while(|_| !stop.load(Ordering::Acquire));
                        going.map(emit).map(Result::unwrap).count()
                    })
                })
                .collect();
            for fork in 0..FORKS {
                let events = [event(2 * fork, 0), event(2 * fork + 1, 0)];
                let child = fork_and(|| works_anew(&emitter, events)).unwrap();
                assert_eq!(child.wait(IN_CHILD * 3).unwrap(), Some(0), "fork {fork}");
            }
            stop.store(true, Ordering::Release);
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        let report = emitter.shutdown(LONG).unwrap();
        assert_eq!((report.tally.accepted, report.tally.delivered), (sent as u64, sent as u64), "{report:?}");
        assert_eq!(sink.log().arrived().count(), sent + 2 * FORKS);
    }
}

#[test]
fn a_child_is_not_held_up_by_threads_that_its_parent_left_behind() {
    if !alone("fork::a_child_is_not_held_up_by_threads_that_its_parent_left_behind") {
        return;
    }
    let held = Held::new(Some(openlineage_core::model::EventType::Start));
    let emitter = Emitter::new(client(Arc::new(held.clone())), Mode::thread().within(Duration::from_millis(30)));
    for run in 0..4 {
        assert!(emitter.emit(event(run, 0)).is_err());
    }
    assert_eq!(*emitter.emit(event(9, 1)).unwrap_err().kind(), EmitErrorKind::Saturated);
    for fork in 0..20 {
        let patient = emitter.within(IN_CHILD);
        let child = fork_and(|| u8::from(!matches!(patient.emit(event(0, 99)), Ok(Some(_)))));
        assert_eq!(child.unwrap().wait(IN_CHILD * 2).unwrap(), Some(0), "fork {fork}");
    }
    held.release();
    eventually("the late results", || emitter.stats().events.late == 4);
    let report = emitter.shutdown(LONG).unwrap();
    assert_eq!((report.tally.accepted, report.tally.failed), (4, 4));
}

#[test]
fn work_that_forks_goes_on_in_the_parent() {
    if !alone("fork::work_that_forks_goes_on_in_the_parent") {
        return;
    }
    let sink = LineSink::start().unwrap();
    let emitter = emitter(&sink, Mode::thread());
    for fork in 0..20 {
        let inner = emitter.clone();
        let code = emitter.run(move |scope| {
            assert!(scope.emit(event(3 * fork, 0)).is_ok());
            let events = [event(3 * fork + 1, 0), event(3 * fork + 2, 0)];
            fork_and(|| works_anew(&inner, events)).unwrap().wait(IN_CHILD * 2).unwrap()
        });
        assert_eq!(code.unwrap(), Some(0), "fork {fork}");
    }
    let report = emitter.shutdown(LONG).unwrap();
    assert_eq!((report.tally.accepted, report.tally.delivered), (20, 20));
    assert_eq!(sink.log().arrived().count(), 60);
}

//! Starts that hang or panic.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::Deliver;
use openlineage_core::error::{EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, State, Tally};
use openlineage_core::transport::Transport;

use crate::{LONG, event, long, over};

/// Says that a start began, then hangs. The other end hears when the start is let go.
#[derive(Debug)]
struct Hangs(Mutex<Sender<Signal>>);

#[derive(Debug, PartialEq)]
enum Signal {
    Began,
    Ended,
}

struct Tells(Sender<Signal>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.send(Signal::Ended);
    }
}

#[async_trait]
impl Deliver for Hangs {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        let signals = self.0.lock().unwrap().clone();
        signals.send(Signal::Began).unwrap();
        let _tells = Tells(signals);
        std::future::pending().await
    }

    async fn deliver(&self, _connection: &(), _event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

fn hanging() -> (Hangs, Receiver<Signal>) {
    let (send, signals) = channel();
    (Hangs(Mutex::new(send)), signals)
}

#[test]
fn a_start_that_hangs_ends_with_the_deadline_of_its_event() {
    let (deliver, signals) = hanging();
    let transport = over(deliver).build();
    let error = blocking::emit(&transport, event(1), Deadline::after(Duration::from_millis(100))).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Timeout);
    assert!(!error.accepted());
    assert_eq!(transport.state(), State::New);
    assert_eq!([signals.recv_timeout(LONG), signals.recv_timeout(LONG)], [Ok(Signal::Began), Ok(Signal::Ended)]);
}

#[test]
fn close_ends_a_start_that_hangs() {
    let (deliver, signals) = hanging();
    let transport = Arc::new(over(deliver).build());
    let emitter = thread::spawn({
        let transport = Arc::clone(&transport);
        move || blocking::emit(&transport, event(1), Deadline::never())
    });
    assert_eq!(signals.recv_timeout(LONG), Ok(Signal::Began));
    let report = blocking::close(&transport, long()).unwrap();
    assert_eq!(report.tally, Tally::default());
    assert_eq!(signals.recv_timeout(Duration::from_secs(2)), Ok(Signal::Ended), "the start outlives the close");
    let error = emitter.join().unwrap().unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Closed);
    assert!(!error.accepted());
    assert_eq!(transport.state(), State::Closed);
}

#[test]
fn a_drop_ends_a_start_that_hangs() {
    let (deliver, signals) = hanging();
    let transport = over(deliver).build();
    let mut emit = transport.emit(event(1), Deadline::never());
    assert!(emit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(signals.recv_timeout(LONG), Ok(Signal::Began));
    drop(emit);
    drop(transport);
    assert_eq!(signals.recv_timeout(Duration::from_secs(2)), Ok(Signal::Ended), "the start outlives the transport");
}

/// Panics when it starts.
#[derive(Debug)]
struct Panics;

#[async_trait]
impl Deliver for Panics {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        std::panic::resume_unwind(Box::new("no start today"))
    }

    async fn deliver(&self, _connection: &(), _event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

#[test]
fn a_start_that_panics_is_a_failed_start() {
    let transport = over(Panics).build();
    for _ in 0..2 {
        let error = blocking::emit(&transport, event(1), long()).unwrap_err();
        assert_eq!(*error.kind(), EmitErrorKind::Start);
        assert!(!error.accepted());
        assert_eq!(transport.state(), State::New);
    }
    assert!(blocking::close(&transport, long()).unwrap().is_clean());
}

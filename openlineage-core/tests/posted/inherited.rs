//! Calls that were under way when the process was forked, polled in the child.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::task::{Poll, Waker};

use openlineage_core::blocking;
use openlineage_core::engine::Posted;
use openlineage_core::error::{EmitError, EmitErrorKind};
use openlineage_core::lifecycle::{Fate, Gate, State};
use openlineage_core::testkit::fork::fork_and;
use openlineage_core::transport::{Transport, TransportInfo};

use crate::together::{Call, Rings, Told, call, poll};
use crate::{LONG, long};

const WELL: u8 = 7;

/// Nobody seats it there, and nobody counts it: the parent does both.
#[test]
fn a_wait_for_room_ends_at_once_and_goes_on_in_the_parent() {
    let told = Told::default();
    let (report, posted) = (Arc::clone(&told.report), Arc::clone(&told.posted));
    let transport = Arc::new(Posted::builder(TransportInfo::new("told"), told).room(1, 1 << 20).build());
    let (say, heard) = channel();
    let (mut first, waker) = (call(&transport, 0), Waker::from(Arc::new(Rings::new(say))));
    while poll(&mut first, &waker).is_pending() && posted.load(Ordering::SeqCst) == 0 {
        heard.recv_timeout(LONG).unwrap();
    }
    let mut waiting = call(&transport, 1);
    assert!(poll(&mut waiting, &waker).is_pending());
    let in_child = || if is_lost(&mut waiting) && transport.state() == State::New { WELL } else { 0 };
    assert_eq!(fork_and(in_child).and_then(|child| child.wait(LONG)).unwrap(), Some(WELL));
    assert_eq!(transport.stats().queue.unwrap().waiting, 1);
    report.notify_one();
    while posted.load(Ordering::SeqCst) == 1 {
        heard.recv_timeout(LONG).unwrap();
    }
    report.notify_one();
    drop(first);
    let closed = blocking::close(&*transport, long()).unwrap();
    assert_eq!((closed.is_clean(), closed.tally.delivered, closed.tally.refused), (true, 2, 0));
}

#[test]
fn a_gate_of_the_parent_counts_no_refusal() {
    let gate = Gate::new(TransportInfo::new("told"));
    let refuse = || drop(gate.refuse(EmitError::refused(EmitErrorKind::Saturated)));
    refuse();
    let in_child = || {
        refuse();
        if gate.stats().tally.refused == 1 { WELL } else { 0 }
    };
    assert_eq!(fork_and(in_child).and_then(|child| child.wait(LONG)).unwrap(), Some(WELL));
}

fn is_lost(call: &mut Call) -> bool {
    let Poll::Ready(Err(error)) = poll(call, Waker::noop()) else { return false };
    (error.kind(), error.fate()) == (&EmitErrorKind::WorkerLost, Fate::Refused)
}

//! Hooks that misbehave.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::lifecycle::{Deadline, Ended, State};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;
use openlineage_core::undelivered::{Lost, Undelivered};

use crate::{Heard, LONG, event, held, long, over};

/// Panics over the first batch.
#[derive(Debug, Default)]
struct Panics {
    has_panicked: Mutex<bool>,
    heard: Heard,
}

impl Undelivered for Panics {
    fn undelivered(&self, lost: &[Lost]) {
        if !std::mem::replace(&mut *self.has_panicked.lock().unwrap(), true) {
            // Without the panic hook, which would print a trace into every test run.
            std::panic::resume_unwind(Box::new("no"));
        }
        self.heard.undelivered(lost);
    }
}

/// Says that it was called, and comes back when it is let go.
#[derive(Debug)]
struct Blocks {
    called: Sender<usize>,
    go: Mutex<Receiver<()>>,
}

fn blocks() -> (Arc<Blocks>, Receiver<usize>, Sender<()>) {
    let ((called, calls), (go, may_go)) = (channel(), channel());
    (Arc::new(Blocks { called, go: Mutex::new(may_go) }), calls, go)
}

impl Undelivered for Blocks {
    fn undelivered(&self, lost: &[Lost]) {
        self.called.send(lost.len()).unwrap();
        let go = self.go.try_lock().unwrap_or_else(|_| unreachable!("two calls at the same time"));
        let _ = go.recv();
    }
}

#[test]
fn a_hook_that_panics_hears_of_the_next_event() {
    let (sink, hook) = (ScriptedSink::new(), Arc::new(Panics::default()));
    let transport = Arc::new(over(&sink, hook.clone()).build());
    sink.script(&[], Answer::Permanent);
    // Close waits for the hook, so a first transport makes sure that the first batch is over.
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.failed, 1);
    assert!(*hook.has_panicked.lock().unwrap());
    let transport = Arc::new(over(&sink, hook.clone()).build());
    assert!(blocking::emit(&transport, event(1), long()).is_err());
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.failed, 1);
    assert_eq!(hook.heard.counts(), [(event(1).bytes().clone(), 1)].into());
}

#[test]
fn a_hook_that_hangs_does_not_hold_up_a_close_beyond_its_grace() {
    let (sink, (hook, calls, go)) = (ScriptedSink::new(), blocks());
    let transport = Arc::new(over(&sink, hook).build());
    sink.script(&[Answer::Permanent], Answer::Stall);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    assert_eq!(calls.recv_timeout(LONG).unwrap(), 1);
    held(&sink, &*transport, event(1));
    let (began, limit) = (Instant::now(), Duration::from_millis(50));
    let report = blocking::close(&transport, Deadline::after(limit)).unwrap();
    let took = began.elapsed();
    // The second is for a machine that is busy; without a bound it would be for ever.
    assert!(took >= limit && took < limit + Duration::from_millis(1100), "{took:?}");
    assert_eq!((report.tally.failed, report.tally.abandoned), (1, 1));
    assert_eq!(transport.state(), State::Closed);
    // It goes on in the background, and hears of the rest.
    go.send(()).unwrap();
    assert_eq!(calls.recv_timeout(LONG).unwrap(), 1);
    drop(go);
}

#[test]
fn a_close_waits_for_a_slow_hook_until_a_second_close_hurries_it() {
    let (sink, (hook, calls, _go)) = (ScriptedSink::new(), blocks());
    let transport = Arc::new(over(&sink, hook).build());
    sink.script(&[], Answer::Permanent);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    calls.recv_timeout(LONG).unwrap();
    let patient = std::thread::spawn({
        let transport = Arc::clone(&transport);
        move || blocking::close(&transport, Deadline::never()).unwrap()
    });
    while transport.state() < State::Closing {
        std::thread::yield_now();
    }
    assert_eq!(transport.state(), State::Closing, "nothing but the hook is left to wait for");
    let hurried = blocking::close(&transport, Deadline::now()).unwrap();
    assert_eq!(patient.join().unwrap().tally, hurried.tally);
}

#[test]
fn what_waits_for_a_busy_hook_comes_in_batches_and_in_order() {
    let (sink, (hook, calls, go)) = (ScriptedSink::new(), blocks());
    let transport = Arc::new(over(&sink, hook).build());
    sink.script(&[], Answer::Permanent);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    assert_eq!(calls.recv_timeout(LONG).unwrap(), 1);
    (1..=300).for_each(|number| assert!(blocking::emit(&transport, event(number), long()).is_err()));
    drop(go);
    assert_eq!(blocking::close(&transport, long()).unwrap().tally.failed, 301);
    assert_eq!(calls.try_iter().collect::<Vec<_>>(), [256, 44]);
}

#[test]
fn a_hook_that_is_never_let_go_gets_no_more_than_there_is_room_for() {
    let (sink, heard) = (ScriptedSink::new(), Heard::new());
    let (first, calls, go) = blocks();
    let hook = Arc::new(Both(first, Arc::clone(&heard)));
    let transport = Arc::new(over(&sink, hook).build());
    sink.script(&[], Answer::Permanent);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    calls.recv_timeout(LONG).unwrap();
    (1..=10_050).for_each(|number| assert!(blocking::emit(&transport, event(number), long()).is_err()));
    sink.script(&[], Answer::Stall);
    held(&sink, &*transport, event(20_000));
    let report = blocking::close(&transport, Deadline::now()).unwrap();
    assert_eq!((report.tally.failed, report.tally.abandoned), (10_051, 1));
    drop(go);
    let lost = heard.wait(10_002);
    assert_eq!(lost.last().unwrap().event.bytes(), event(20_000).bytes(), "what the end abandons always fits");
    assert_eq!(lost[10_000].event.bytes(), event(10_000).bytes());
    assert_eq!(lost.len(), 10_002);
}

/// One hook after the other.
#[derive(Debug)]
struct Both(Arc<Blocks>, Arc<Heard>);

impl Undelivered for Both {
    fn undelivered(&self, lost: &[Lost]) {
        self.0.undelivered(lost);
        self.1.undelivered(lost);
    }
}

/// Waits for a word that must not come while it runs.
#[derive(Debug)]
struct Watches {
    closed: Mutex<Receiver<()>>,
    was_alone: AtomicBool,
}

impl Undelivered for Watches {
    fn undelivered(&self, _lost: &[Lost]) {
        let closed = self.closed.lock().unwrap().recv_timeout(Duration::from_millis(50)).is_ok();
        self.was_alone.store(!closed, Ordering::Release);
    }
}

#[test]
fn a_close_with_time_left_does_not_return_before_the_hook() {
    let (send, closed) = channel();
    let hook = Arc::new(Watches { closed: Mutex::new(closed), was_alone: AtomicBool::new(false) });
    let sink = ScriptedSink::new();
    let transport = Arc::new(over(&sink, hook.clone()).build());
    sink.script(&[], Answer::Permanent);
    assert!(blocking::emit(&transport, event(0), long()).is_err());
    let report = blocking::close(&transport, long()).unwrap();
    let was_alone = hook.was_alone.load(Ordering::Acquire);
    let _ = send.send(());
    assert_eq!((report.ended, report.tally.failed), (Ended::Drained, 1));
    assert!(was_alone, "close came back first");
}

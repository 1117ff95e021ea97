//! Futures dropped at every await point.

use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Wake, Waker};

use openlineage_core::blocking;
use openlineage_core::lifecycle::{Deadline, State};
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::Transport;

use crate::{LONG, assert_settled, direct, event, long};

struct Woken(Sender<()>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

/// Polls `call` once for each time it is woken, at most `polls` times, then drops it. `true` if it ended.
fn poll_times(call: impl Future, polls: usize) -> bool {
    let (send, woken) = channel();
    let waker = Waker::from(Arc::new(Woken(send)));
    let mut call = pin!(call);
    for poll in 1..=polls {
        if call.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return true;
        }
        if poll < polls {
            woken.recv_timeout(LONG).unwrap();
        }
    }
    false
}

/// Tries 0, 1, 2 … polls until the call ends by itself, and says how many it needed.
fn every_await_point(mut scene: impl FnMut(usize) -> bool) -> usize {
    (0..100).find(|polls| scene(*polls)).unwrap()
}

#[test]
fn a_dropped_emit_is_settled_or_never_was() {
    for started in [false, true] {
        let needed = every_await_point(|polls| {
            let sink = ScriptedSink::new();
            let transport = direct(&sink);
            if started {
                let _ack = blocking::emit(&transport, event(0), long()).unwrap();
            }
            let ended = poll_times(transport.emit(event(1), long()), polls);
            let accepted = transport.stats().tally.accepted;
            assert!(blocking::flush(&transport, long()).unwrap().settled);
            assert!(blocking::close(&transport, long()).unwrap().is_clean());
            assert_settled(&transport);
            assert_eq!(sink.log().arrived().count() as u64, accepted);
            ended
        });
        assert!(needed >= 2, "an emit that never waits cannot be dropped in the middle");
    }
}

#[test]
fn a_dropped_flush_changes_nothing() {
    every_await_point(|polls| {
        let sink = ScriptedSink::new();
        let transport = direct(&sink);
        sink.script(&[], Answer::Stall);
        let mut emit = transport.emit(event(1), long());
        while sink.log().attempts.is_empty() {
            let _ = emit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        if polls > 1 {
            sink.script(&[], Answer::Accept);
        }
        let ended = poll_times(transport.flush(long()), polls);
        assert_eq!(transport.state(), State::Active);
        sink.script(&[], Answer::Accept);
        assert!(blocking::flush(&transport, long()).unwrap().settled);
        drop(emit);
        assert!(blocking::close(&transport, long()).unwrap().is_clean());
        ended
    });
}

#[test]
fn a_dropped_close_goes_on() {
    every_await_point(|polls| {
        let sink = ScriptedSink::new();
        let transport = direct(&sink);
        let _ack = blocking::emit(&transport, event(1), long()).unwrap();
        let ended = poll_times(transport.close(long()), polls);
        assert_eq!(transport.state() >= State::Closing, polls > 0);
        let report = blocking::close(&transport, Deadline::never()).unwrap();
        assert!(report.is_clean());
        assert_settled(&transport);
        ended
    });
}

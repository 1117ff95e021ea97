//! Executors, wrappers and secrets: E, W and S.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended};
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport};
use tokio::runtime::Handle;

use crate::bent::{Bent, Inner, Twist, Twisted, good, twisted};
use crate::refused;

/// A wrapper whose emit is this function.
macro_rules! emits {
    ($name:ident, |$inner:ident, $event:ident, $until:ident| $body:expr) => {
        #[derive(Debug)]
        struct $name;

        #[async_trait]
        impl Twist for $name {
            async fn emit(&self, $inner: &Inner, $event: EncodedEvent, $until: Deadline) -> Result<Ack, EmitError> {
                let $inner = Arc::clone($inner);
                $body
            }
        }
    };
}

emits!(NeedsTokio, |inner, event, until| {
    tokio::spawn(async move { inner.emit(event, until).await }).await.unwrap()
});
refused!(e1_needs_tokio, E1, "panicked", twisted(|| NeedsTokio));

emits!(WaitsForItsOwnThread, |inner, event, until| {
    let (send, result) = std::sync::mpsc::channel();
    let emit = async move { send.send(inner.emit(event, until).await).unwrap() };
    drop(Handle::current().spawn(emit));
    result.recv_timeout(Duration::from_millis(500)).unwrap()
});
refused!(e2_waits_for_its_own_thread, E2, "panicked", twisted(|| WaitsForItsOwnThread));

emits!(WorksWhereItIsCalled, |inner, event, until| match Handle::try_current() {
    Ok(here) => here.spawn(async move { inner.emit(event, until).await }).await.unwrap(),
    Err(_) => inner.emit(event, until).await,
});
refused!(e3_works_where_it_is_called, E3, "called from a task", twisted(|| WorksWhereItIsCalled));

emits!(Blocks, |inner, event, until| blocking::emit(&inner, event, until));
refused!(e5_blocks, E5, "one poll of emit", twisted(|| Blocks));

emits!(WaitsUnseen, |inner, event, until| {
    thread::spawn(move || blocking::emit(&inner, event, until)).join().unwrap()
});
refused!(e6_waits_unseen, E6, "error of emit", twisted(|| WaitsUnseen));

#[derive(Debug)]
struct AlwaysDrained;

#[async_trait]
impl Twist for AlwaysDrained {
    async fn close(&self, inner: &Inner, until: Deadline) -> CloseReport {
        let mut report = inner.close(until).await;
        report.ended = Ended::Drained;
        report
    }
}

refused!(e4_always_drained, E4, "Drained instead of Faulted", twisted(|| AlwaysDrained));

/// Tells everyone.
#[derive(Debug)]
struct Indiscreet(#[expect(dead_code, reason = "its Debug is the defect")] String);

impl Twist for Indiscreet {}

refused!(
    s1_indiscreet,
    S1,
    "shows the secret",
    Bent(|sink: &ScriptedSink, setup: Setup| {
        let twist = Indiscreet(setup.secret.clone());
        Arc::new(Twisted { inner: good(sink, setup), twist }) as Inner
    })
);

emits!(OwnClock, |inner, event, _until| inner.emit(event, Deadline::after(Duration::from_secs(10))).await);

/// Wraps with the function it holds.
struct Wraps(fn(Inner) -> Inner);

impl Harness for Wraps {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Inner {
        good(sink, setup)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }

    fn wrap(&self, inner: Inner) -> Option<Inner> {
        Some((self.0)(inner))
    }
}

refused!(
    w1_own_clock,
    W1,
    "deadlines that emit handed on",
    Wraps(|inner| Arc::new(Twisted { inner, twist: OwnClock }))
);

//! Birth, states, races: L and R.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State};
use openlineage_core::testkit::{ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use crate::bent::{Bent, Inner, Twist, Twisted, good, twisted};
use crate::refused;

/// A thread that ends with this value.
#[derive(Debug)]
pub(crate) struct Thread(#[expect(dead_code, reason = "its drop ends the thread")] Mutex<Sender<()>>);

impl Thread {
    pub(crate) fn start() -> Self {
        let (sender, ended) = channel::<()>();
        thread::spawn(move || ended.recv().is_ok());
        Self(Mutex::new(sender))
    }
}

impl Twist for Thread {}

refused!(l1_thread_when_built, L1, "new threads", twisted(Thread::start));

#[derive(Debug)]
struct BornActive;

impl Twist for BornActive {
    fn state(&self, inner: &Inner) -> State {
        inner.state().max(State::Active)
    }
}

refused!(l2_active_before_the_first_event, L2, "before the first event", twisted(|| BornActive));

#[derive(Debug)]
struct EndsWithAFailedStart;

#[async_trait]
impl Twist for EndsWithAFailedStart {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let result = inner.emit(event, until).await;
        if matches!(&result, Err(error) if *error.kind() == EmitErrorKind::Start) {
            let _report = inner.close(until).await;
        }
        result
    }
}

refused!(l3_a_failed_start_is_the_end, L3, "state after a failed start", twisted(|| EndsWithAFailedStart));

#[derive(Debug)]
struct FlushStarts;

#[async_trait]
impl Twist for FlushStarts {
    async fn flush(&self, inner: &Inner, until: Deadline) -> FlushReport {
        let event = EncodedEvent::from_json(
            r#"{"eventType":"START","run":{"runId":"0198b9a1-0000-7000-8000-0000000000ff"},"job":{"namespace":"n","name":"j"}}"#,
        );
        let _sent = inner.emit(event.unwrap(), until).await;
        inner.flush(until).await
    }
}

refused!(l4_flush_starts, L4, "state after flush", twisted(|| FlushStarts));

#[derive(Debug)]
struct NewWhenIdle;

impl Twist for NewWhenIdle {
    fn state(&self, inner: &Inner) -> State {
        if inner.stats().tally.pending() == 0 { State::New } else { inner.state() }
    }
}

refused!(l5_new_when_idle, L5, "the state went", twisted(|| NewWhenIdle));

#[derive(Debug)]
struct FaultsWhenClosed;

#[async_trait]
impl Twist for FaultsWhenClosed {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let failed = |_| EmitError::failed(Fault::new(EmitErrorKind::Unreachable), 1);
        inner.emit(event, until).await.map_err(failed)
    }
}

refused!(r1_another_error_than_closed, R1, "raced with close", twisted(|| FaultsWhenClosed));

/// Makes its transport with the first event, without a guard.
#[derive(Debug)]
struct Racy {
    info: TransportInfo,
    sink: ScriptedSink,
    made: Mutex<Option<Inner>>,
}

impl Racy {
    fn made(&self) -> Option<Inner> {
        self.made.lock().unwrap().clone()
    }

    fn inner(&self) -> Inner {
        self.made().unwrap_or_else(|| good(&self.sink, Setup::default()))
    }
}

#[async_trait]
impl Transport for Racy {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.inner().state()
    }

    fn stats(&self) -> openlineage_core::lifecycle::Stats {
        self.inner().stats()
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let inner = self.inner();
        let result = inner.emit(event, until).await;
        self.made.lock().unwrap().get_or_insert(inner);
        result
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.inner().flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.inner().close(until).await
    }
}

refused!(
    r2_several_starts,
    R2,
    "instead of",
    Bent(|sink: &ScriptedSink, _| {
        Arc::new(Racy { info: TransportInfo::new("racy"), sink: sink.clone(), made: Mutex::default() }) as Inner
    })
);

#[derive(Debug, Default)]
struct FlushMissesTheClose(AtomicBool);

#[async_trait]
impl Twist for FlushMissesTheClose {
    async fn flush(&self, inner: &Inner, until: Deadline) -> FlushReport {
        let report = inner.flush(until).await;
        if self.0.load(Ordering::Acquire) {
            std::future::pending::<()>().await;
        }
        report
    }

    async fn close(&self, inner: &Inner, until: Deadline) -> CloseReport {
        self.0.store(true, Ordering::Release);
        inner.close(until).await
    }
}

refused!(r3_flush_misses_the_close, R3, "flush did not return", twisted(FlushMissesTheClose::default));

/// A good transport behind a wrapper of no defect is not refused, or the tests here would show nothing.
mod control {
    use openlineage_core::testkit::{Check, Verdict, verdict};

    use super::*;
    use crate::queues::Straight;

    #[test]
    fn a_wrapper_without_a_defect_holds() {
        for check in [Check::L2, Check::L3, Check::C2, Check::C3, Check::F1, Check::A1, Check::R1, Check::T1, Check::E6]
        {
            assert_eq!(verdict(check, "", twisted(|| Straight)), Verdict::Holds, "{check:?}");
        }
        let _: fn(Twisted<Straight>) = drop;
    }
}

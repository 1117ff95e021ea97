//! Close and drop: C and D.

use std::mem;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended, State, Tally};
use openlineage_core::testkit::{ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport};

use crate::bent::{Bent, Inner, Twist, Twisted, good, twisted};
use crate::life::Thread;
use crate::refused;

const TOO_LONG: Duration = Duration::from_secs(1);

fn empty(inner: &Inner) -> CloseReport {
    CloseReport::new(inner.info().clone(), Ended::Drained, Tally::default(), Duration::ZERO)
}

/// A wrapper whose close is this function.
macro_rules! closes {
    ($name:ident, |$self:ident, $inner:ident, $until:ident| $body:expr) => {
        #[async_trait]
        impl Twist for $name {
            async fn close(&$self, $inner: &Inner, $until: Deadline) -> CloseReport {
                $body
            }
        }
    };
}

/// A wrapper whose drop does this.
macro_rules! drops {
    ($name:ident, |$inner:ident| $body:expr) => {
        #[derive(Debug)]
        struct $name;

        impl Twist for $name {
            fn dropping(&self, $inner: &Inner) {
                $body
            }
        }
    };
}

#[derive(Debug)]
struct StaysNew;

closes!(StaysNew, |self, inner, until| {
    if inner.state() == State::New { empty(inner) } else { inner.close(until).await }
});

refused!(c1_stays_new, C1, "state", twisted(|| StaysNew));

#[derive(Debug)]
struct DoesNotDrain;

closes!(DoesNotDrain, |self, inner, _until| inner.close(Deadline::now()).await);

refused!(c2_does_not_drain, C2, "every event held back", twisted(|| DoesNotDrain));

#[derive(Debug)]
struct TakesItsTime;

closes!(TakesItsTime, |self, inner, until| inner.close(later(until)).await);

fn later(until: Deadline) -> Deadline {
    Deadline::after(until.remaining().unwrap_or_default() + TOO_LONG)
}

refused!(c3_takes_its_time, C3, "close did not return", twisted(|| TakesItsTime));
refused!(c9_takes_its_time, C9, "close now did not return", twisted(|| TakesItsTime));

#[derive(Debug)]
struct ForgetsItsReport;

closes!(ForgetsItsReport, |self, inner, until| {
    if inner.state() == State::Closed { empty(inner) } else { inner.close(until).await }
});

refused!(c4_forgets_its_report, C4, "report of the same closing", twisted(|| ForgetsItsReport));

#[derive(Debug, Default)]
struct FirstDeadlineRules(OnceLock<Deadline>);

closes!(FirstDeadlineRules, |self, inner, until| inner.close(*self.0.get_or_init(|| until)).await);

refused!(c5_first_deadline_rules, C5, "the earliest deadline", twisted(FirstDeadlineRules::default));

/// Its thread lives as long as the value, not until the close.
#[derive(Debug, Default)]
struct KeepsAThread(OnceLock<Thread>);

#[async_trait]
impl Twist for KeepsAThread {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.0.get_or_init(Thread::start);
        inner.emit(event, until).await
    }
}

refused!(c6_keeps_a_thread, C6, "new threads", twisted(KeepsAThread::default));

/// Begins anew when an event comes after the close.
#[derive(Debug)]
struct Reborn {
    sink: ScriptedSink,
    second: Mutex<Option<Inner>>,
}

#[async_trait]
impl Twist for Reborn {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        if inner.state() < State::Closing {
            return inner.emit(event, until).await;
        }
        let second = good(&self.sink, Setup::default());
        self.second.lock().unwrap().replace(Arc::clone(&second));
        second.emit(event, until).await
    }
}

refused!(
    c7_reborn,
    C7,
    "emit after close",
    Bent(|sink: &ScriptedSink, setup| {
        let twist = Reborn { sink: sink.clone(), second: Mutex::default() };
        Arc::new(Twisted { inner: good(sink, setup), twist }) as Inner
    })
);

#[derive(Debug)]
struct DrainsInTheCaller;

closes!(DrainsInTheCaller, |self, inner, until| {
    let _report = inner.flush(until).await;
    inner.close(Deadline::now()).await
});

refused!(c8_drains_in_the_caller, C8, "a dropped close left", twisted(|| DrainsInTheCaller));

drops!(WaitsWhenDropped, |inner| drop(blocking::flush(inner, Deadline::after(TOO_LONG))));
refused!(d1_waits_when_dropped, D1, "the drop took", twisted(|| WaitsWhenDropped));

drops!(NeverDropped, |inner| mem::forget(Arc::clone(inner)));
refused!(d1_says_nothing, D1, "warnings", twisted(|| NeverDropped));
refused!(d3_keeps_its_worker, D3, "new threads", twisted(|| NeverDropped));

drops!(OwnRuntimeInDrop, |inner| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _report = runtime.block_on(inner.flush(Deadline::now()));
});
refused!(d2_own_runtime_in_drop, D2, "panicked", twisted(|| OwnRuntimeInDrop));

drops!(WaitsForItsDrain, |inner| drop(blocking::close(inner, Deadline::after(TOO_LONG))));
refused!(d4_waits_for_its_drain, D4, "the drop took", twisted(|| WaitsForItsDrain));

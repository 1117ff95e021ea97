//! Flush, counts and retries: F, A and T.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::engine::Deliver;
use openlineage_core::error::{Disposition, EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{ScriptedDeliver, ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport};

use crate::bent::{Bent, Inner, Twist, good, over, twisted};
use crate::refused;

/// A wrapper whose flush is this function.
macro_rules! flushes {
    ($name:ident, |$self:ident, $inner:ident, $until:ident| $body:expr) => {
        #[async_trait]
        impl Twist for $name {
            async fn flush(&$self, $inner: &Inner, $until: Deadline) -> FlushReport {
                $body
            }
        }
    };
}

#[derive(Debug)]
struct FlushDoesNothing;

flushes!(FlushDoesNothing, |self, _inner, _until| FlushReport::new(true, 0));

refused!(f1_flush_does_nothing, F1, "still held back", twisted(|| FlushDoesNothing));

#[derive(Debug)]
struct FlushCloses;

flushes!(FlushCloses, |self, inner, until| {
    let _report = inner.close(until).await;
    FlushReport::new(true, 0)
});

refused!(f2_flush_closes, F2, "state after flush", twisted(|| FlushCloses));

#[derive(Debug, Default)]
struct OneFlushAtATime(AtomicBool);

flushes!(OneFlushAtATime, |self, inner, until| {
    if self.0.swap(true, Ordering::AcqRel) {
        return FlushReport::new(true, 0);
    }
    inner.flush(until).await
});

refused!(f3_one_flush_at_a_time, F3, "every event held back", twisted(OneFlushAtATime::default));

#[derive(Debug)]
struct FlushTakesItsTime;

flushes!(FlushTakesItsTime, |self, inner, _until| inner.flush(Deadline::after(Duration::from_secs(1))).await);

refused!(f4_flush_takes_its_time, F4, "flush did not return", twisted(|| FlushTakesItsTime));

#[derive(Debug)]
struct ForgetsFailures;

#[async_trait]
impl Twist for ForgetsFailures {
    fn stats(&self, inner: &Inner) -> Stats {
        let mut stats = inner.stats();
        stats.tally.failed = 0;
        stats
    }

    async fn close(&self, inner: &Inner, until: Deadline) -> CloseReport {
        let mut report = inner.close(until).await;
        report.tally.failed = 0;
        report
    }
}

refused!(a1_forgets_failures, A1, "seed", twisted(|| ForgetsFailures));

#[derive(Debug)]
struct AcceptsWhenClosed;

#[async_trait]
impl Twist for AcceptsWhenClosed {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let accepted = |_| EmitError::failed(Fault::new(EmitErrorKind::Closed), 0);
        inner.emit(event, until).await.map_err(accepted)
    }
}

refused!(a2_accepts_when_closed, A2, "accepted after close", twisted(|| AcceptsWhenClosed));

/// A destination with a bent attempt.
#[derive(Debug)]
enum Attempt {
    Twice,
    AlwaysTransient,
}

#[derive(Debug)]
struct BentDeliver(ScriptedDeliver, Attempt);

#[async_trait]
impl Deliver for BentDeliver {
    type Connection = <ScriptedDeliver as Deliver>::Connection;

    async fn open(&self, until: Deadline) -> Result<Self::Connection, Fault> {
        self.0.open(until).await
    }

    async fn deliver(&self, to: &Self::Connection, event: &EncodedEvent, until: Deadline) -> Result<(), Fault> {
        let result = self.0.deliver(to, event, until).await;
        match self.1 {
            Attempt::Twice => self.0.deliver(to, event, until).await,
            Attempt::AlwaysTransient => {
                result.map_err(|fault| fault.with_disposition(Disposition::Transient { after: None }))
            }
        }
    }

    async fn shut(&self, to: &Self::Connection, until: Deadline) {
        self.0.shut(to, until).await;
    }
}

refused!(
    a3_sends_twice,
    A3,
    "the events that arrived",
    Bent(|sink: &ScriptedSink, setup| over(BentDeliver(sink.deliver(""), Attempt::Twice), setup))
);
refused!(
    t2_repeats_what_is_refused,
    T2,
    "accept",
    Bent(|sink: &ScriptedSink, setup| over(BentDeliver(sink.deliver(""), Attempt::AlwaysTransient), setup))
);

/// Counts in the caller's future, which may be dropped between the two.
#[derive(Debug, Default)]
struct CountsInTheCaller {
    accepted: AtomicU64,
    delivered: AtomicU64,
}

#[async_trait]
impl Twist for CountsInTheCaller {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.accepted.fetch_add(1, Ordering::AcqRel);
        let ack = inner.emit(event, until).await?;
        self.delivered.fetch_add(1, Ordering::AcqRel);
        Ok(ack)
    }

    async fn close(&self, inner: &Inner, until: Deadline) -> CloseReport {
        let mut report = inner.close(until).await;
        report.tally.accepted = self.accepted.load(Ordering::Acquire);
        report.tally.delivered = self.delivered.load(Ordering::Acquire);
        report
    }
}

refused!(a7_counts_in_the_caller, A7, "", twisted(CountsInTheCaller::default));

fn with_policy(
    policy: impl Fn(RetryPolicy) -> RetryPolicy + Send + Sync + 'static,
) -> impl openlineage_core::testkit::Harness {
    Bent(move |sink: &ScriptedSink, mut setup: Setup| {
        setup.retry = policy(setup.retry);
        good(sink, setup)
    })
}

fn deaf(mut policy: RetryPolicy) -> RetryPolicy {
    policy.respect_retry_after = false;
    policy
}

refused!(t1_never_repeats, T1, "would have been accepted", with_policy(|_| RetryPolicy::never()));
refused!(t4_does_not_listen, T4, "asked for", with_policy(deaf));

#[derive(Debug)]
struct InvitesMore;

#[async_trait]
impl Twist for InvitesMore {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let transient = |error: EmitError| EmitError::failed(Fault::new(error.kind().clone()), error.attempts());
        inner.emit(event, until).await.map_err(transient)
    }
}

refused!(t3_invites_more, T3, "disposition", twisted(|| InvitesMore));

#[derive(Debug)]
struct EndsWithAPanic;

#[async_trait]
impl Twist for EndsWithAPanic {
    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        let result = inner.emit(event, until).await;
        if matches!(&result, Err(error) if *error.kind() == EmitErrorKind::Faulted) {
            let _report = inner.close(until).await;
        }
        result
    }

    fn state(&self, inner: &Inner) -> State {
        inner.state()
    }
}

refused!(t5_ends_with_a_panic, T5, "state", twisted(|| EndsWithAPanic));

//! Queues: what the checks ask only of those that have one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::{Deliver, Queued};
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedDeliver, ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport, TransportInfo};
use tokio::sync::{Notify, watch};

use crate::bent::{Inner, Twist, Twisted};
use crate::refused;

const LONG: Duration = Duration::from_secs(10);

/// The good queue over a destination.
fn before(deliver: impl Deliver, setup: Setup) -> Inner {
    let builder = Queued::builder(TransportInfo::new("bent"), deliver);
    Arc::new(builder.retry(setup.retry).runtime(setup.runtime).limits(setup.limits).build())
}

/// Builds with the function it holds, and says that it is a queue.
pub(crate) struct BentQueue<F>(pub(crate) F);

impl<F: Fn(&ScriptedSink, Setup) -> Inner + Send + Sync + 'static> Harness for BentQueue<F> {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Inner {
        (self.0)(sink, setup)
    }

    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new().answers().queues().orders_by_run().retries().honours_retry_after();
        can.can_fail_start().can_panic().takes_runtime()
    }
}

/// The good queue in a wrapper that is not.
pub(crate) fn twisted<T: Twist>(twist: fn() -> T) -> impl Harness {
    built(|setup| setup, twist)
}

/// The same for a queue with another setup than was asked for.
pub(crate) fn built<T: Twist>(bend: fn(Setup) -> Setup, twist: fn() -> T) -> impl Harness {
    BentQueue(move |sink: &ScriptedSink, setup| {
        let inner = before(sink.deliver(""), bend(setup));
        Arc::new(Twisted { inner, twist: twist() }) as Inner
    })
}

/// A wrapper without a defect.
#[derive(Debug)]
pub(crate) struct Straight;

impl Twist for Straight {}

pub(crate) fn never_repeats(mut setup: Setup) -> Setup {
    setup.retry = RetryPolicy::never();
    setup
}

refused!(l3_loses_the_first_event, L3, "a later start would have", built(never_repeats, || Straight));

/// A wrapper whose emit is this function.
macro_rules! emits {
    ($name:ident, |$self:ident, $inner:ident, $event:ident, $until:ident| $body:expr) => {
        #[async_trait]
        impl Twist for $name {
            async fn emit(&$self, $inner: &Inner, $event: EncodedEvent, $until: Deadline) -> Result<Ack, EmitError> {
                $body
            }
        }
    };
}

fn is_full(error: &EmitError) -> bool {
    matches!(error.kind(), EmitErrorKind::QueueFull { .. })
}

#[derive(Debug)]
struct AcceptsWhenFull;

emits!(AcceptsWhenFull, |self, inner, event, until| {
    let accepted = |error: EmitError| match error {
        full if is_full(&full) => EmitError::failed(Fault::new(full.kind().clone()), 0),
        other => other,
    };
    inner.emit(event, until).await.map_err(accepted)
});

refused!(a2_accepts_when_full, A2, "counts as accepted", twisted(|| AcceptsWhenFull));

/// Refuses, and lets the event wait in line all the same.
#[derive(Debug)]
struct StaysInLine;

emits!(StaysInLine, |self, inner, event, until| {
    let result = inner.emit(event.clone(), until).await;
    if result.as_ref().is_err_and(is_full) {
        let inner = Arc::clone(inner);
        thread::spawn(move || drop(blocking::deliver(&inner, event, Deadline::after(LONG))));
    }
    result
});

refused!(a2_stays_in_line, A2, "has arrived", twisted(|| StaysInLine));

#[derive(Debug)]
struct NeverWaits;

emits!(NeverWaits, |self, inner, event, _until| inner.emit(event, Deadline::now()).await);

refused!(a2_never_waits, A2, "refused after", twisted(|| NeverWaits));

refused!(
    a5_any_number,
    A5,
    "for which there is room",
    built(
        |mut setup| {
            setup.limits.events = Limits::default().events;
            setup
        },
        || Straight
    )
);
refused!(
    a5_any_size,
    A5,
    "for which there is room",
    built(
        |mut setup| {
            setup.limits.bytes = Limits::default().bytes;
            setup
        },
        || Straight
    )
);

/// Puts an event that failed back into the queue, from the place that it still has there.
#[derive(Debug)]
struct PutsBack {
    to: ScriptedDeliver,
    queue: Arc<OnceLock<Weak<dyn Transport>>>,
}

#[async_trait]
impl Deliver for PutsBack {
    type Connection = <ScriptedDeliver as Deliver>::Connection;

    async fn open(&self, until: Deadline) -> Result<Self::Connection, Fault> {
        self.to.open(until).await
    }

    async fn deliver(&self, to: &Self::Connection, event: &EncodedEvent, until: Deadline) -> Result<(), Fault> {
        let result = self.to.deliver(to, event, until).await;
        if !result.as_ref().is_err_and(|fault| matches!(fault.kind(), EmitErrorKind::Unavailable { .. })) {
            return result;
        }
        let queue = self.queue.get().and_then(Weak::upgrade).unwrap();
        queue.emit(event.clone(), until).await.map(drop).map_err(|error| Fault::new(error.kind().clone()))
    }

    async fn shut(&self, to: &Self::Connection, until: Deadline) {
        self.to.shut(to, until).await;
    }
}

refused!(
    a6_waits_for_its_own_place,
    A6,
    "did not return",
    BentQueue(|sink: &ScriptedSink, setup| {
        let queue = Arc::default();
        let transport = before(PutsBack { to: sink.deliver(""), queue: Arc::clone(&queue) }, setup);
        queue.set(Arc::downgrade(&transport)).unwrap();
        transport
    })
);

/// Lets in one caller at a time, and a dropped one never gives up its turn.
#[derive(Debug, Default)]
struct TakesTurns {
    next: AtomicUsize,
    turn: watch::Sender<usize>,
}

emits!(TakesTurns, |self, inner, event, until| {
    let mine = self.next.fetch_add(1, Ordering::AcqRel);
    self.turn.subscribe().wait_for(|turn| *turn == mine).await.unwrap();
    let result = inner.emit(event, until).await;
    self.turn.send_modify(|turn| *turn += 1);
    result
});

refused!(a7_keeps_its_turn, A7, "did not return", twisted(TakesTurns::default));

/// Room goes to whoever came last.
#[derive(Debug, Default)]
struct LastComesFirst(Arc<Notify>);

emits!(LastComesFirst, |self, inner, event, _until| {
    loop {
        let result = inner.emit(event.clone(), Deadline::now()).await;
        if let Ok(Ack::Queued(ticket)) = &result {
            let freed = Arc::clone(&self.0);
            ticket.observe(move |_| freed.notify_last());
        }
        if !result.as_ref().is_err_and(is_full) {
            return result;
        }
        self.0.notified().await;
    }
});

refused!(a8_last_comes_first, A8, "the order in which they got room", twisted(LastComesFirst::default));

/// What is not refused.
mod control {
    use openlineage_core::testkit::{Check, Verdict, verdict};

    use super::*;

    #[test]
    fn a_queue_in_a_wrapper_without_a_defect_holds() {
        for check in [Check::L3, Check::A2, Check::A4, Check::A5, Check::A6, Check::A7, Check::A8] {
            assert_eq!(verdict(check, "", twisted(|| Straight)), Verdict::Holds, "{check:?}");
        }
    }

    #[test]
    fn what_has_no_queue_says_so() {
        for (check, missing) in
            [(Check::A4, "orders_by_run"), (Check::A5, "queues"), (Check::A6, "queues"), (Check::A8, "queues")]
        {
            let found = verdict(check, "", crate::bent::twisted(|| Straight));
            assert_eq!(found, Verdict::NotApplicable(format!("the harness does not declare `{missing}`")), "{check:?}");
        }
    }
}

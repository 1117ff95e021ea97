//! A good transport with something bent: what the defects have in common.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use openlineage_core::engine::{Deliver, Direct};
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

pub(crate) type Inner = Arc<dyn Transport>;

/// What a wrapper does wrong. Whatever is not overridden is right.
#[async_trait]
pub(crate) trait Twist: fmt::Debug + Send + Sync + 'static {
    fn state(&self, inner: &Inner) -> State {
        inner.state()
    }

    fn stats(&self, inner: &Inner) -> Stats {
        inner.stats()
    }

    async fn emit(&self, inner: &Inner, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        inner.emit(event, until).await
    }

    async fn flush(&self, inner: &Inner, until: Deadline) -> FlushReport {
        inner.flush(until).await
    }

    async fn close(&self, inner: &Inner, until: Deadline) -> CloseReport {
        inner.close(until).await
    }

    fn dropping(&self, _inner: &Inner) {}
}

#[derive(Debug)]
pub(crate) struct Twisted<T: Twist> {
    pub(crate) inner: Inner,
    pub(crate) twist: T,
}

#[async_trait]
impl<T: Twist> Transport for Twisted<T> {
    fn info(&self) -> &TransportInfo {
        self.inner.info()
    }

    fn state(&self) -> State {
        self.twist.state(&self.inner)
    }

    fn stats(&self) -> Stats {
        self.twist.stats(&self.inner)
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.twist.emit(&self.inner, event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.twist.flush(&self.inner, until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.twist.close(&self.inner, until).await
    }
}

impl<T: Twist> Drop for Twisted<T> {
    fn drop(&mut self) {
        self.twist.dropping(&self.inner);
    }
}

/// The good transport.
pub(crate) fn good(sink: &ScriptedSink, setup: Setup) -> Inner {
    over(sink.deliver(setup.secret.clone()), setup)
}

pub(crate) fn over(deliver: impl Deliver, setup: Setup) -> Inner {
    let builder = Direct::builder(TransportInfo::new("bent"), deliver);
    Arc::new(builder.retry(setup.retry).runtime(setup.runtime).build())
}

/// Builds with the function it holds.
pub(crate) struct Bent<F>(pub(crate) F);

impl<F: Fn(&ScriptedSink, Setup) -> Inner + Send + Sync + 'static> Harness for Bent<F> {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Inner {
        (self.0)(sink, setup)
    }

    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new().answers().confirms_each().retries().honours_retry_after();
        can.can_fail_start().can_panic().takes_runtime().holds_secret()
    }
}

/// The good transport in a wrapper that is not.
pub(crate) fn twisted<T: Twist>(twist: fn() -> T) -> impl Harness {
    Bent(move |sink: &ScriptedSink, setup| {
        let inner = good(sink, setup);
        Arc::new(Twisted { inner, twist: twist() }) as Inner
    })
}

//! The contract kit on a transport that queues: what it asks must not depend on the answer coming with the call.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use openlineage_core::engine::Direct;
use openlineage_core::error::{EmitError, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::runtime::Runtime;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedDeliver, ScriptedSink, Setup};
use openlineage_core::transport::{Ack, Ticket, Transport, TransportInfo};
use tokio::sync::Mutex;

/// Answers as soon as the engine below has taken the event on. Its queue is what that engine has under way.
#[derive(Debug)]
struct Queue {
    inner: Arc<Direct<ScriptedDeliver>>,
    runtime: Runtime,
    accepting: Mutex<()>,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Queue {
    fn info(&self) -> &TransportInfo {
        self.inner.info()
    }

    fn state(&self) -> State {
        self.inner.state()
    }

    fn stats(&self) -> Stats {
        self.inner.stats()
    }

    async fn emit(&self, event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        let lost =
            |error| EmitError::refused_by(Fault::new(openlineage_core::error::EmitErrorKind::Start).because(error));
        let lease = self.runtime.lease().map_err(lost)?;
        // One at a time: of a transport that is not New any more, a pending emit has been accepted.
        let _alone = self.accepting.lock().await;
        let inner = Arc::clone(&self.inner);
        let mut call = Box::pin(async move { inner.emit(event, Deadline::never()).await });
        let answer = poll_fn(|cx| match call.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if self.inner.state() == State::New => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        });
        if let Some(answer) = answer.await {
            return answer;
        }
        let (settle, ticket) = Ticket::pair();
        drop(lease.spawn(async move {
            match call.await {
                Ok(Ack::Delivered(receipt)) => settle.delivered(receipt),
                Ok(_) => drop(settle),
                Err(error) => settle.lost(error),
            }
        }));
        Ok(Ack::Queued(ticket))
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.inner.flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.inner.close(until).await
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.state() != State::Active {
            return;
        }
        let abandoned = self.stats().tally.pending();
        let _begun = self.inner.close(Deadline::now()).as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if abandoned > 0 {
            tracing::warn!(abandoned, "dropped without close");
        }
    }
}

struct Queueing;

impl Harness for Queueing {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
        let builder = Direct::builder(TransportInfo::new("queue"), sink.deliver(setup.secret));
        let inner = Arc::new(builder.retry(setup.retry).runtime(setup.runtime.clone()).build());
        Arc::new(Queue { inner, runtime: setup.runtime, accepting: Mutex::default() })
    }

    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new().answers().retries().honours_retry_after();
        can.can_fail_start().can_panic().takes_runtime().holds_secret()
    }
}

openlineage_core::contract!(Queueing);

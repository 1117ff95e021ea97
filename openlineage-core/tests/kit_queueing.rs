//! The contract kit on the engine that queues, through both of its doors.

use openlineage_core::engine::Queued;
use openlineage_core::testkit::{Capabilities, ScriptedDeliver, ScriptedSink, Setup};
use openlineage_core::transport::TransportInfo;

fn queue(sink: &ScriptedSink, setup: Setup) -> Queued<ScriptedDeliver> {
    let builder = Queued::builder(TransportInfo::new("queue"), sink.deliver(setup.secret));
    builder.retry(setup.retry).runtime(setup.runtime).limits(setup.limits).build()
}

fn capabilities() -> Capabilities {
    let can = Capabilities::new().answers().queues().orders_by_run().retries().honours_retry_after();
    can.can_fail_start().can_panic().takes_runtime().holds_secret()
}

/// Callers get a ticket.
mod tickets {
    use std::sync::Arc;

    use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
    use openlineage_core::transport::Transport;

    struct Tickets;

    impl Harness for Tickets {
        type Sink = ScriptedSink;

        fn sink(&self) -> ScriptedSink {
            ScriptedSink::new()
        }

        fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
            Arc::new(super::queue(sink, setup))
        }

        fn capabilities(&self) -> Capabilities {
            super::capabilities()
        }
    }

    openlineage_core::contract!(Tickets);
}

/// Callers wait for the answer at the end of the queue.
mod confirmed {
    use std::sync::Arc;

    use async_trait::async_trait;
    use openlineage_core::engine::Queued;
    use openlineage_core::error::EmitError;
    use openlineage_core::event::EncodedEvent;
    use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
    use openlineage_core::testkit::{Capabilities, Harness, ScriptedDeliver, ScriptedSink, Setup};
    use openlineage_core::transport::{Ack, Transport, TransportInfo};

    #[derive(Debug)]
    struct Confirming(Queued<ScriptedDeliver>);

    #[deny(clippy::missing_trait_methods)]
    #[async_trait]
    impl Transport for Confirming {
        fn info(&self) -> &TransportInfo {
            self.0.info()
        }

        fn state(&self) -> State {
            self.0.state()
        }

        fn stats(&self) -> Stats {
            self.0.stats()
        }

        async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
            self.0.emit_confirmed(event, until).await.map(Ack::Delivered)
        }

        async fn flush(&self, until: Deadline) -> FlushReport {
            self.0.flush(until).await
        }

        async fn close(&self, until: Deadline) -> CloseReport {
            self.0.close(until).await
        }
    }

    struct Confirmed;

    impl Harness for Confirmed {
        type Sink = ScriptedSink;

        fn sink(&self) -> ScriptedSink {
            ScriptedSink::new()
        }

        fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
            Arc::new(Confirming(super::queue(sink, setup)))
        }

        fn capabilities(&self) -> Capabilities {
            super::capabilities().confirms_each()
        }
    }

    openlineage_core::contract!(Confirmed);
}

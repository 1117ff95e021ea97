//! The contract kit on the engine that queues.

use std::sync::Arc;

use openlineage_core::engine::Queued;
use openlineage_core::queue::Limits;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Transport, TransportInfo};

struct Queueing;

impl Harness for Queueing {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
        let builder = Queued::builder(TransportInfo::new("queue"), sink.deliver(setup.secret));
        Arc::new(builder.retry(setup.retry).runtime(setup.runtime).limits(Limits::default()).build())
    }

    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new().answers().retries().honours_retry_after();
        can.can_fail_start().can_panic().takes_runtime().holds_secret()
    }
}

openlineage_core::contract!(Queueing);

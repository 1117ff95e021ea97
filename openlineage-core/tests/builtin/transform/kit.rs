//! The contract over a transform that changes every event, round the scripted sink.

use std::sync::Arc;

use openlineage_core::builtin::{Namespaces, Transform};
use openlineage_core::engine::Direct;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Transport, TransportInfo};

struct Wrapped;

impl Harness for Wrapped {
    type Sink = ScriptedSink;

    fn sink(&self) -> ScriptedSink {
        ScriptedSink::new()
    }

    fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
        let builder = Direct::builder(TransportInfo::new("scripted"), sink.deliver(setup.secret));
        let child = Arc::new(builder.retry(setup.retry).runtime(setup.runtime).build());
        Arc::new(Transform::namespaces(child, Namespaces::new().job("kit", "changed")))
    }

    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new().answers().confirms_each().retries().honours_retry_after().can_fail_start();
        can.can_panic().takes_runtime().holds_secret()
    }

    fn wrap(&self, inner: Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(Transform::new(inner, |event| Ok(Some(event)))))
    }
}

openlineage_core::contract!(Wrapped);

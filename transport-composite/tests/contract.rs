//! The contract kit on composites: what one transport promises, several together promise too.

use std::sync::Arc;

use openlineage_core::builtin::Memory;
use openlineage_core::engine::Direct;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Transport, TransportInfo};
use openlineage_transport_composite::{CompositeBuilder, CompositeTransport};

fn leg(sink: &ScriptedSink, setup: &Setup) -> Arc<dyn Transport> {
    let builder = Direct::builder(TransportInfo::new("kit"), sink.deliver(setup.secret.clone()));
    Arc::new(builder.retry(setup.retry.clone()).runtime(setup.runtime.clone()).build())
}

fn capabilities() -> Capabilities {
    let can = Capabilities::new().answers().confirms_each().retries().honours_retry_after();
    can.can_fail_start().can_panic().takes_runtime().holds_secret()
}

macro_rules! composite {
    ($name:ident, $build:expr) => {
        mod $name {
            use super::*;

            struct Composite;

            impl Harness for Composite {
                type Sink = ScriptedSink;

                fn sink(&self) -> ScriptedSink {
                    ScriptedSink::new()
                }

                fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
                    let build: fn(CompositeBuilder, Arc<dyn Transport>) -> CompositeBuilder = $build;
                    let builder = CompositeTransport::builder().runtime(setup.runtime.clone());
                    Arc::new(build(builder, leg(sink, &setup)).build())
                }

                fn capabilities(&self) -> Capabilities {
                    capabilities()
                }
            }

            openlineage_core::contract!(Composite);
        }
    };
}

composite!(one, |builder, leg| builder.leg(leg));

// Where all legs must deliver, what one cannot do the composite cannot do.
composite!(two, |builder, leg| builder.leg(leg).leg(Arc::new(Memory::new().transport())).continue_on_failure(false));

composite!(dead, |builder, leg| {
    let dead = Memory::new().transport();
    let _report = openlineage_core::blocking::close(&dead, Deadline::now());
    builder.leg(Arc::new(dead)).leg(leg)
});

composite!(fallback, |builder, leg| {
    let dead = Memory::new().transport();
    let _report = openlineage_core::blocking::close(&dead, Deadline::now());
    builder.leg(Arc::new(dead)).leg(leg).continue_on_success(false)
});

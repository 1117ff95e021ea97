//! The contract kit on composites whose legs queue, by the engine that transports queue with.

use std::sync::Arc;

use openlineage_core::builtin::{Memory, Noop};
use openlineage_core::engine::Queued;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Transport, TransportInfo};
use openlineage_transport_composite::{CompositeBuilder, CompositeTransport};

fn leg(sink: &ScriptedSink, setup: &Setup) -> Arc<dyn Transport> {
    let builder = Queued::builder(TransportInfo::new("kit"), sink.deliver(setup.secret.clone()));
    Arc::new(builder.retry(setup.retry.clone()).runtime(setup.runtime.clone()).limits(setup.limits).build())
}

/// Not `queues`: an event that waits for room at a leg counts as accepted by the composite.
fn capabilities() -> Capabilities {
    let can = Capabilities::new().answers().orders_by_run().retries().honours_retry_after();
    can.can_fail_start().can_panic().takes_runtime().holds_secret()
}

fn closed() -> Arc<dyn Transport> {
    let dead = Memory::new().transport();
    let _report = openlineage_core::blocking::close(&dead, Deadline::now());
    Arc::new(dead)
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

composite!(two, |builder, leg| builder.leg(leg).leg(Arc::new(Noop::new())));

composite!(dead, |builder, leg| builder.leg(closed()).leg(leg));

composite!(fallback, |builder, leg| builder.leg(closed()).leg(leg).continue_on_success(false));

composite!(nested, |builder, leg| builder.leg(Arc::new(CompositeTransport::builder().leg(leg).build())));

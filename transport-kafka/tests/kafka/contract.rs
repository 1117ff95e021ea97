//! The contract kit.

use std::sync::Arc;

use openlineage_core::testkit::{Capabilities, Setup};
use openlineage_core::transport::Transport;
use openlineage_transport_kafka::KafkaTransport;

use crate::gate::Gate;
use crate::mock::TOPIC;

/// What differs between the harnesses.
#[derive(Clone, Copy)]
struct Way {
    flush: bool,
    /// Without it as many requests as there are records may be under way.
    is_idempotent: bool,
}

fn transport(gate: &Gate, setup: Setup, way: Way) -> Arc<dyn Transport> {
    let kbytes = (setup.limits.bytes / 1024).max(1);
    let builder = KafkaTransport::builder(TOPIC)
        .config("bootstrap.servers", gate.address())
        .config("batch.num.messages", "1")
        .config("compression.type", "none")
        .config("enable.idempotence", way.is_idempotent.to_string())
        .config("queue.buffering.max.kbytes", kbytes.to_string())
        .config("queue.buffering.max.messages", setup.limits.events.to_string())
        .config("reconnect.backoff.ms", "10")
        .config("retry.backoff.ms", "10")
        .config("sasl.password", setup.secret)
        .flush(way.flush)
        .runtime(setup.runtime);
    Arc::new(builder.build().unwrap())
}

/// librdkafka's threads have names that begin with `rdk:`.
fn capabilities() -> Capabilities {
    let can = Capabilities::new().answers().retries_below().takes_runtime().holds_secret().survives_fork();
    can.foreign_threads("rdk:")
}

macro_rules! harness {
    ($module:ident, $way:expr, $capabilities:expr) => {
        mod $module {
            use std::sync::Arc;

            use openlineage_core::testkit::{Capabilities, Harness, Setup};
            use openlineage_core::transport::Transport;

            use super::Way;
            use crate::gate::Gate;

            struct Here;

            impl Harness for Here {
                type Sink = Gate;

                fn sink(&self) -> Gate {
                    Gate::open()
                }

                fn transport(&self, gate: &Gate, setup: Setup) -> Arc<dyn Transport> {
                    super::transport(gate, setup, $way)
                }

                fn capabilities(&self) -> Capabilities {
                    $capabilities
                }
            }

            openlineage_core::contract!(Here);
        }
    };
}

// As it is by default: five requests under way at most, so no more than that can be held back.
harness!(confirming, Way { flush: true, is_idempotent: true }, super::capabilities().confirms_each());
harness!(crowded, Way { flush: true, is_idempotent: false }, super::capabilities().confirms_each().queues());
harness!(tickets, Way { flush: false, is_idempotent: false }, super::capabilities().queues());

//! The contract kit, for callers that wait for reports and for such that get a ticket.

use openlineage_core::engine::{Posted, PostedBuilder};
use openlineage_core::testkit::{Capabilities, ScriptedSink, Setup};
use openlineage_core::transport::TransportInfo;

use crate::broker::Broker;

fn posted(sink: &ScriptedSink, setup: Setup) -> PostedBuilder<Broker> {
    let builder = Posted::builder(TransportInfo::new("broker"), Broker(sink.deliver(setup.secret)));
    builder.runtime(setup.runtime).room(setup.limits.events, setup.limits.bytes)
}

fn capabilities() -> Capabilities {
    Capabilities::new().answers().queues().can_fail_start().can_panic().takes_runtime().holds_secret()
}

mod confirming {
    use std::sync::Arc;

    use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
    use openlineage_core::transport::Transport;

    struct Confirming;

    impl Harness for Confirming {
        type Sink = ScriptedSink;

        fn sink(&self) -> ScriptedSink {
            ScriptedSink::new()
        }

        fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
            Arc::new(super::posted(sink, setup).build())
        }

        fn capabilities(&self) -> Capabilities {
            super::capabilities().confirms_each()
        }
    }

    openlineage_core::contract!(Confirming);
}

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
            Arc::new(super::posted(sink, setup).confirm(false).build())
        }

        fn capabilities(&self) -> Capabilities {
            super::capabilities()
        }
    }

    openlineage_core::contract!(Tickets);
}

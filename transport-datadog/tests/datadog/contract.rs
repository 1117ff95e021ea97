//! The contract kit on each route.

use std::sync::Arc;

use openlineage_core::testkit::{Capabilities, Harness, Setup};
use openlineage_core::transport::Transport;
use openlineage_transport_datadog::{DatadogTransport, Rules};

use crate::sink::HttpSink;

fn build(sink: &HttpSink, setup: Setup, rules: Rules) -> Arc<dyn Transport> {
    let key = if setup.secret.is_empty() { "key".to_owned() } else { setup.secret };
    let builder = DatadogTransport::builder(key).site(format!("http://127.0.0.1:{}", sink.address().port()));
    let builder = builder.retry(setup.retry).runtime(setup.runtime).limits(setup.limits);
    Arc::new(builder.rules(rules).build().unwrap())
}

fn capabilities() -> Capabilities {
    let queue = Capabilities::new().queues().orders_by_run();
    queue.answers().retries().honours_retry_after().takes_runtime().holds_secret().survives_fork()
}

/// Every event is queued.
mod queued {
    use super::*;

    struct EveryEventQueued;

    impl Harness for EveryEventQueued {
        type Sink = HttpSink;

        fn sink(&self) -> HttpSink {
            HttpSink::start().unwrap()
        }

        fn transport(&self, sink: &HttpSink, setup: Setup) -> Arc<dyn Transport> {
            build(sink, setup, Rules::all())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities()
        }
    }

    openlineage_core::contract!(EveryEventQueued);
}

/// Every event is confirmed.
mod confirmed {
    use super::*;

    struct EveryEventConfirmed;

    impl Harness for EveryEventConfirmed {
        type Sink = HttpSink;

        fn sink(&self) -> HttpSink {
            HttpSink::start().unwrap()
        }

        fn transport(&self, sink: &HttpSink, setup: Setup) -> Arc<dyn Transport> {
            build(sink, setup, Rules::none())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities().confirms_each()
        }
    }

    openlineage_core::contract!(EveryEventConfirmed);
}

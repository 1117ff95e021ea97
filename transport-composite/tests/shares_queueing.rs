//! The contract kit on shares of transports that queue, by the engine that transports queue with.

use std::sync::{Arc, LazyLock, Mutex};

use openlineage_core::config::{BuildContext, ConfigError, Factory, Registry, Section, TransportSpec};
use openlineage_core::engine::Queued;
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
use openlineage_core::transport::{Transport, TransportSource};
use openlineage_transport_composite::{CompositeFactory, Retain, TransportCache};

/// Builds transports that queue for one sink.
#[derive(Debug)]
struct ToSink {
    sink: ScriptedSink,
    retry: RetryPolicy,
    limits: Limits,
    secret: String,
}

impl Factory for ToSink {
    fn build(&self, options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        options.finish(&[])?;
        let builder = Queued::builder(context.info().clone(), self.sink.deliver(self.secret.clone()));
        let builder = builder.retry(self.retry.clone()).limits(self.limits).runtime(context.runtime().clone());
        Ok(Arc::new(builder.build()))
    }
}

fn registry(sink: &ScriptedSink, setup: Setup) -> Registry {
    let Setup { runtime, retry, limits, secret, .. } = setup;
    let factory = ToSink { sink: sink.clone(), retry, limits, secret };
    Registry::empty().with("kit", factory).with("composite", CompositeFactory).on(runtime)
}

/// Not `queues`: an event that waits for room counts as accepted by the share.
fn capabilities() -> Capabilities {
    let can = Capabilities::new().answers().orders_by_run().retries().honours_retry_after();
    can.can_fail_start().can_panic().takes_runtime().holds_secret()
}

macro_rules! share {
    ($name:ident, $spec:literal, $retain:expr, $capabilities:expr) => {
        mod $name {
            use super::*;

            /// Outlives the shares, as the cache of a host does.
            static CACHE: LazyLock<Mutex<TransportCache>> = LazyLock::new(|| Mutex::new(TransportCache::new($retain)));

            fn get(registry: &Registry) -> Arc<dyn Transport> {
                let cache = CACHE.lock().unwrap().clone();
                cache.get(&TransportSpec::from_json($spec).unwrap(), registry).unwrap()
            }

            struct Share;

            impl Harness for Share {
                type Sink = ScriptedSink;

                fn sink(&self) -> ScriptedSink {
                    ScriptedSink::new()
                }

                fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
                    get(&registry(sink, setup))
                }

                fn capabilities(&self) -> Capabilities {
                    $capabilities
                }

                fn sharers(&self, sink: &ScriptedSink, setup: Setup) -> Option<[Arc<dyn Transport>; 2]> {
                    let registry = registry(sink, setup);
                    Some([get(&registry), get(&registry)])
                }
            }

            openlineage_core::contract!(Share);
        }
    };
}

share!(last_share, r#"{"type": "kit"}"#, Retain::LastShare, capabilities());
share!(process, r#"{"type": "kit"}"#, Retain::Process, capabilities().outlived());
share!(
    last_share_of_composite,
    r#"{"type": "composite", "transports": [{"type": "kit"}]}"#,
    Retain::LastShare,
    capabilities()
);
share!(
    composite_of_process,
    r#"{"type": "composite", "transports": {"a": {"type": "kit"}}}"#,
    Retain::Process,
    capabilities().outlived()
);

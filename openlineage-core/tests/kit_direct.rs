//! The contract kit on the engine that confirms each event: with and without a hook for those it loses.

/// `Direct` over a sink in this process.
mod scripted {
    use std::sync::Arc;

    use openlineage_core::engine::Direct;
    use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
    use openlineage_core::transport::{Transport, TransportInfo};

    struct Scripted;

    impl Harness for Scripted {
        type Sink = ScriptedSink;

        fn sink(&self) -> ScriptedSink {
            ScriptedSink::new()
        }

        fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
            let builder = Direct::builder(TransportInfo::new("scripted"), sink.deliver(setup.secret));
            Arc::new(builder.retry(setup.retry).runtime(setup.runtime).build())
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities::new()
                .answers()
                .confirms_each()
                .retries()
                .honours_retry_after()
                .can_fail_start()
                .can_panic()
                .takes_runtime()
                .holds_secret()
        }

        fn wrap(&self, inner: Arc<dyn Transport>) -> Option<Arc<dyn Transport>> {
            Some(Arc::new(Box::new(inner)))
        }
    }

    openlineage_core::contract!(Scripted);
}

/// The same with a hook for undelivered events.
mod hooked {
    use std::sync::Arc;

    use openlineage_core::engine::Direct;
    use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
    use openlineage_core::transport::{Transport, TransportInfo};
    use openlineage_core::undelivered::{Lost, Undelivered};

    #[derive(Debug)]
    struct Ignores;

    impl Undelivered for Ignores {
        fn undelivered(&self, _lost: &[Lost]) {}
    }

    struct Hooked;

    impl Harness for Hooked {
        type Sink = ScriptedSink;

        fn sink(&self) -> ScriptedSink {
            ScriptedSink::new()
        }

        fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
            let builder = Direct::builder(TransportInfo::new("hooked"), sink.deliver(setup.secret));
            let builder = builder.retry(setup.retry).runtime(setup.runtime);
            Arc::new(builder.undelivered(Arc::new(Ignores)).build())
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities::new()
                .answers()
                .confirms_each()
                .retries()
                .honours_retry_after()
                .can_fail_start()
                .can_panic()
                .takes_runtime()
                .holds_secret()
        }
    }

    openlineage_core::contract!(Hooked);
}

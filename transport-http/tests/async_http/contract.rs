//! The contract kit on the queue over HTTP.

use std::sync::Arc;

use openlineage_core::queue::Limits;
use openlineage_core::testkit::{Capabilities, Harness, Setup};
use openlineage_core::transport::Transport;
use openlineage_transport_http::{AsyncHttpTransport, Compression, HttpBuilder};

use crate::sink::HttpSink;

fn build(host: &str, sink: &HttpSink, setup: Setup) -> HttpBuilder {
    let builder = AsyncHttpTransport::builder(format!("http://{host}:{}", sink.address().port()));
    let builder = builder.retry(setup.retry).runtime(setup.runtime);
    if setup.secret.is_empty() {
        return builder;
    }
    let endpoint = format!("api/v1/lineage?token={}", setup.secret);
    builder.endpoint(endpoint).api_key(&*setup.secret).header("X-Key", setup.secret)
}

fn capabilities() -> Capabilities {
    Capabilities::new().answers().retries().honours_retry_after().takes_runtime().holds_secret().survives_fork()
}

/// By address, bodies as they are.
mod plain {
    use super::*;

    struct Plain;

    impl Harness for Plain {
        type Sink = HttpSink;

        fn sink(&self) -> HttpSink {
            HttpSink::start().unwrap()
        }

        fn transport(&self, sink: &HttpSink, setup: Setup) -> Arc<dyn Transport> {
            Arc::new(build("127.0.0.1", sink, setup).build_async(Limits::default()).unwrap())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities()
        }
    }

    openlineage_core::contract!(Plain);
}

/// By name, kept and sent compressed.
mod named {
    use super::*;

    struct Named;

    impl Harness for Named {
        type Sink = HttpSink;

        fn sink(&self) -> HttpSink {
            HttpSink::start().unwrap()
        }

        fn transport(&self, sink: &HttpSink, setup: Setup) -> Arc<dyn Transport> {
            let builder = build("localhost", sink, setup).compression(Compression::Gzip);
            Arc::new(builder.build_async(Limits::default()).unwrap())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities()
        }
    }

    openlineage_core::contract!(Named);
}

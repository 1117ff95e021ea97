//! The contract kit on the HTTP transport: every promise, kept over a socket.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sink;

use std::sync::Arc;

use openlineage_core::testkit::{Capabilities, Harness, Setup};
use openlineage_core::transport::Transport;
use openlineage_transport_http::{Compression, HttpTransport};

use sink::HttpSink;

fn capabilities() -> Capabilities {
    Capabilities::new()
        .answers()
        .confirms_each()
        .retries()
        .honours_retry_after()
        .takes_runtime()
        .holds_secret()
        .survives_fork()
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
            let builder = HttpTransport::builder(format!("http://{}", sink.address()));
            let builder = builder.retry(setup.retry).runtime(setup.runtime);
            let secret = setup.secret;
            if secret.is_empty() {
                return Arc::new(builder.build().unwrap());
            }
            let endpoint = format!("api/v1/lineage?token={secret}");
            Arc::new(builder.endpoint(endpoint).api_key(&secret).header("X-Key", secret).build().unwrap())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities()
        }
    }

    openlineage_core::contract!(Plain);
}

/// By name, bodies compressed.
mod named {
    use super::*;

    struct Named;

    impl Harness for Named {
        type Sink = HttpSink;

        fn sink(&self) -> HttpSink {
            HttpSink::start().unwrap()
        }

        fn transport(&self, sink: &HttpSink, setup: Setup) -> Arc<dyn Transport> {
            let builder = HttpTransport::builder(format!("http://localhost:{}", sink.address().port()));
            let builder = builder.compression(Compression::Gzip).retry(setup.retry).runtime(setup.runtime);
            Arc::new(builder.header("X-Key", format!("key {}", setup.secret)).build().unwrap())
        }

        fn capabilities(&self) -> Capabilities {
            capabilities()
        }
    }

    openlineage_core::contract!(Named);
}

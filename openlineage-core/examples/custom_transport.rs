//! A transport of one's own: one line of JSON to a TCP server, one line back as the answer.
//!
//! Run the contract on it with `cargo test -p openlineage-core --features testkit --example custom_transport`.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::{Deliver, Direct};
use openlineage_core::error::{EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::testkit::LineSink;
use openlineage_core::transport::TransportInfo;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[derive(Debug)]
struct Lines {
    to: SocketAddr,
}

#[async_trait]
impl Deliver for Lines {
    type Connection = (); // A connection for each event; a pool would be made in `open`.

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let broke = |error| Fault::new(EmitErrorKind::Unreachable).because(error);
        let stream = TcpStream::connect(self.to).await.map_err(|error| broke(error).sent(Sent::No))?;
        let (mut stream, mut answer) = (BufReader::new(stream), String::new());
        stream.write_all(&event.to_ndjson()).await.map_err(broke)?;
        stream.write_all(b"\n").await.map_err(broke)?;
        stream.read_line(&mut answer).await.map_err(broke)?;
        match answer.trim_end().split_once(' ').unwrap_or((answer.trim_end(), "")) {
            ("ok", _) => Ok(()),
            ("never", _) => Err(Fault::new(EmitErrorKind::Rejected { code: 0 })),
            ("pause", ms) => {
                let retry_after = ms.parse().ok().map(Duration::from_millis);
                Err(Fault::new(EmitErrorKind::Throttled { retry_after }))
            }
            _ => Err(Fault::new(EmitErrorKind::Unavailable { code: 0 })),
        }
    }

    async fn shut(&self, _connection: &(), _until: Deadline) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = LineSink::start()?;
    let transport = Direct::builder(TransportInfo::new("lines"), Lines { to: server.address() }).build();
    let event = EncodedEvent::from_json(
        r#"{"eventType":"START","run":{"runId":"0198b9a1-0000-7000-8000-000000000001"},"job":{"namespace":"n","name":"j"}}"#,
    )?;
    let _delivered = blocking::deliver(&transport, event, Deadline::after(Duration::from_secs(10)))?;
    let report = blocking::close(&transport, Deadline::after(Duration::from_secs(10)))?;
    assert!(report.is_clean());
    Ok(())
}

/// The proof that it keeps the contract.
#[cfg(test)]
mod contract {
    use std::sync::Arc;

    use openlineage_core::engine::Direct;
    use openlineage_core::testkit::{Capabilities, Harness, LineSink, Setup};
    use openlineage_core::transport::{Transport, TransportInfo};

    use super::Lines;

    struct LinesHarness;

    impl Harness for LinesHarness {
        type Sink = LineSink;

        fn sink(&self) -> LineSink {
            LineSink::start().expect("a port on the loopback")
        }

        fn transport(&self, sink: &LineSink, setup: Setup) -> Arc<dyn Transport> {
            let builder = Direct::builder(TransportInfo::new("lines"), Lines { to: sink.address() });
            Arc::new(builder.retry(setup.retry).runtime(setup.runtime).build())
        }

        fn capabilities(&self) -> Capabilities {
            let can = Capabilities::new().answers().confirms_each().retries().honours_retry_after();
            can.takes_runtime().survives_fork()
        }
    }

    openlineage_core::contract!(LinesHarness);
}

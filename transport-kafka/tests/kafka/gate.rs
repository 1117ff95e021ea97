//! A gate before a mock broker: it sees each record that arrives, and lets it pass, holds it back, or has the broker
//! refuse it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use openlineage_core::testkit::{Answer, Arrival, Log, ScriptedSink, Sink};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::mock::Mock;

/// Kafka's number for the request that carries records.
const PRODUCE: i16 = 0;

/// The mock broker behind its gate, as the contract kit wants it. Clients have to send one record a request.
#[derive(Debug)]
pub(crate) struct Gate {
    script: ScriptedSink,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

/// A request on its way through: what it is answered is known when the script lets it.
type Passing = (Vec<u8>, Option<Arrival>);

#[derive(Clone)]
struct Way {
    script: ScriptedSink,
    mock: Arc<Mock>,
    broker: u16,
    port: u16,
}

impl Gate {
    pub(crate) fn open() -> Self {
        let mock = Mock::start();
        let broker = mock.bootstrap().rsplit(':').next().unwrap().parse().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, script) = (listener.local_addr().unwrap(), ScriptedSink::new());
        let way = Way { script: script.clone(), mock: Arc::new(mock), broker, port: address.port() };
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let listener = runtime.block_on(async { TcpListener::from_std(listener).unwrap() });
        thread::spawn(move || {
            runtime.block_on(async {
                let accepting = tokio::spawn(accept(listener, way));
                drop(stopped.await);
                accepting.abort();
            });
        });
        Self { script, address, _stop: stop }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Sink for Gate {
    fn script(&self, first: &[Answer], then: Answer) {
        self.script.script(first, then);
    }

    fn fail_start(&self) {
        self.script.fail_start();
    }

    fn log(&self) -> Log {
        self.script.log()
    }

    fn wait(&self, enough: &mut dyn FnMut(&Log) -> bool, limit: Duration) -> bool {
        self.script.wait(enough, limit)
    }
}

async fn accept(listener: TcpListener, way: Way) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(converse(client, way.clone()));
    }
}

/// Serves one client until either side closes its connection.
async fn converse(client: TcpStream, way: Way) -> io::Result<()> {
    let _open = way.script.connected();
    let broker = TcpStream::connect(("127.0.0.1", way.broker)).await?;
    let ((from_client, to_client), (from_broker, to_broker)) = (client.into_split(), broker.into_split());
    let (pass, passing) = unbounded_channel();
    tokio::select! {
        done = take_in(from_client, way.clone(), pass) => done,
        done = forward(passing, to_broker, &way) => done,
        done = relay(from_broker, to_client, &way) => done,
    }
}

/// Reads requests, and notes the records in them as soon as they are here.
async fn take_in(mut client: OwnedReadHalf, way: Way, pass: UnboundedSender<Passing>) -> io::Result<()> {
    loop {
        let request = frame(&mut client).await?;
        let is_produce = i16::from_be_bytes([request[4], request[5]]) == PRODUCE;
        let arrival = is_produce.then(|| way.script.arrive(event(&request).unwrap().into()));
        let _gone = pass.send((request, arrival));
    }
}

/// Hands requests to the broker, in their order, each when it has its answer.
async fn forward(mut passing: UnboundedReceiver<Passing>, mut broker: OwnedWriteHalf, way: &Way) -> io::Result<()> {
    while let Some((request, arrival)) = passing.recv().await {
        let refusal = match arrival {
            None => None,
            Some(arrival) => match arrival.answer().await {
                Answer::Accept => None,
                Answer::Permanent => Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE),
                _ => Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS),
            },
        };
        if let Some(error) = refusal {
            way.mock.with(move |cluster| cluster.request_errors(RDKafkaApiKey::Produce, &[error]));
        }
        broker.write_all(&request).await?;
    }
    Ok(())
}

/// Hands answers to the client. Where the broker says where it is, the gate says where the gate is.
async fn relay(mut broker: OwnedReadHalf, mut client: OwnedWriteHalf, way: &Way) -> io::Result<()> {
    let place = |port: u16| [b"127.0.0.1".as_slice(), &i32::from(port).to_be_bytes()].concat();
    let (real, ours) = (place(way.broker), place(way.port));
    loop {
        let mut answer = frame(&mut broker).await?;
        let places = answer.windows(real.len()).enumerate().filter(|(_, window)| *window == real);
        let places: Vec<_> = places.map(|(at, _)| at).collect();
        for at in places {
            answer[at..at + ours.len()].copy_from_slice(&ours);
        }
        client.write_all(&answer).await?;
    }
}

/// One request or answer, with its length before it.
async fn frame(stream: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    stream.read_exact(&mut frame).await?;
    let length = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    frame.resize(4 + length, 0);
    stream.read_exact(&mut frame[4..]).await?;
    Ok(frame)
}

/// The event in a request that carries one record, which is not compressed. What looks like the beginning of an event may
/// stand in the numbers before it, such as the checksum.
fn event(request: &[u8]) -> Option<Vec<u8>> {
    let starts = request.windows(2).enumerate().filter(|(_, window)| window == b"{\"").map(|(start, _)| start);
    let read =
        |start: usize| serde_json::Deserializer::from_slice(&request[start..]).into_iter::<Box<RawValue>>().next();
    let value = starts.map(read).find_map(|read| read?.ok())?;
    Some(value.get().as_bytes().to_vec())
}

#[test]
fn the_event_of_a_request_is_found_behind_whatever_looks_like_one() {
    for before in [b"".as_slice(), b"\x00{\"", b"{\"\xff\x00\x01", b"{\"{\"\x02"] {
        assert_eq!(event(&[before, br#"{"a": {"b": 1}}"#, b"\x04\x18"].concat()).unwrap(), br#"{"a": {"b": 1}}"#);
    }
    assert_eq!(event(b"\x00{\"\x01"), None);
}

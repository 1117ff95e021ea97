//! librdkafka reads the text of an event where it is: how long the text is kept for that.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use bytes::Bytes;
use openlineage_core::blocking;
use openlineage_core::error::{Disposition, EmitErrorKind};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::Ack;
use openlineage_transport_kafka::KafkaTransport;

use crate::mock::Mock;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(200);

/// Says when nobody has it any more.
struct Text {
    json: String,
    _gone: Gone,
}

struct Gone(Sender<()>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.send(()).unwrap();
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.json.as_bytes()
    }
}

fn event(name: &str) -> (EncodedEvent, Receiver<()>) {
    let (tell, gone) = channel();
    let json = format!(r#"{{"job": {{"namespace": "n", "name": "{name}"}}}}"#);
    (EncodedEvent::from_json(Bytes::from_owner(Text { json, _gone: Gone(tell) })).unwrap(), gone)
}

/// A cluster that takes nothing, a transport to it, and an event that it has, which nobody else has any more.
fn pending(mock: &Mock) -> (KafkaTransport, Receiver<()>) {
    mock.with(|cluster| cluster.broker_down(1)).unwrap();
    let kafka = mock.transport().flush(false).build().unwrap();
    let (event, gone) = event("pending");
    assert!(matches!(blocking::emit(&kafka, event, Deadline::after(LONG)), Ok(Ack::Queued(_))));
    assert_eq!(gone.try_recv(), Err(TryRecvError::Empty), "it is not sent yet");
    (kafka, gone)
}

#[test]
fn a_text_is_kept_until_its_record_is_acknowledged() {
    let mock = Mock::start();
    let (kafka, gone) = pending(&mock);
    mock.with(|cluster| cluster.broker_up(1)).unwrap();
    gone.recv_timeout(LONG).unwrap();
    assert!(blocking::close(&kafka, Deadline::after(LONG)).unwrap().is_clean());
}

#[test]
fn a_text_is_kept_even_if_its_event_has_met_its_fate() {
    let mock = Mock::start();
    let kafka = mock.transport().build().unwrap();
    // So that there is a producer by now, however long it takes to make one.
    blocking::deliver(&kafka, event("first").0, Deadline::after(LONG)).unwrap();
    mock.with(|cluster| cluster.broker_down(1)).unwrap();
    let (event, gone) = event("late");
    let error = blocking::emit(&kafka, event, Deadline::after(SHORT)).unwrap_err();
    assert!(error.accepted(), "{error}");
    assert_eq!(gone.try_recv(), Err(TryRecvError::Empty), "librdkafka still has it");
    mock.with(|cluster| cluster.broker_up(1)).unwrap();
    gone.recv_timeout(LONG).unwrap();
    drop(blocking::close(&kafka, Deadline::after(LONG)).unwrap());
}

#[test]
fn a_text_is_let_go_when_closing_gives_its_event_up() {
    let mock = Mock::start();
    let (kafka, gone) = pending(&mock);
    assert_eq!(blocking::close(&kafka, Deadline::after(SHORT)).unwrap().tally.abandoned, 1);
    gone.recv_timeout(LONG).unwrap();
}

#[test]
fn a_text_is_let_go_with_a_transport_that_is_dropped() {
    let mock = Mock::start();
    let (kafka, gone) = pending(&mock);
    drop(kafka);
    gone.recv_timeout(LONG).unwrap();
}

#[test]
fn a_text_that_librdkafka_does_not_take_is_let_go_at_once() {
    let mock = Mock::start();
    let kafka = mock.transport().config("message.max.bytes", "1000").build().unwrap();
    // What librdkafka adds to a record makes it too large, not the event and its key.
    let (event, gone) = event(&"x".repeat(470));
    let error = blocking::emit(&kafka, event, Deadline::after(LONG)).unwrap_err();
    assert_eq!((error.kind(), error.disposition()), (&EmitErrorKind::Rejected { code: 10 }, Disposition::Permanent));
    gone.recv_timeout(LONG).unwrap();
    assert_eq!(blocking::close(&kafka, Deadline::after(LONG)).unwrap().tally.failed, 1);
}

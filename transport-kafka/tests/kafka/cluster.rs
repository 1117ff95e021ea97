//! What the mock cluster does to events.

use std::time::Duration;

use openlineage_core::blocking;
use openlineage_core::error::{Disposition, EmitErrorKind};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Ended, State};
use openlineage_core::transport::{Ack, Transport};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::mock::Mock;

const LONG: Duration = Duration::from_secs(20);

fn event(number: usize) -> EncodedEvent {
    EncodedEvent::from_json(format!(r#"{{"job": {{"namespace": "n", "name": "job-{number}"}}}}"#)).unwrap()
}

fn refuse(mock: &Mock, errors: &'static [RDKafkaRespErr]) {
    mock.with(|cluster| cluster.request_errors(RDKafkaApiKey::Produce, errors));
}

#[test]
fn what_a_broker_refuses_for_now_is_repeated_by_librdkafka() {
    let mock = Mock::start();
    let kafka = mock.transport().build().unwrap();
    refuse(&mock, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS; 2]);
    assert!(matches!(blocking::emit(&kafka, event(1), Deadline::after(LONG)), Ok(Ack::Delivered(_))));
    assert!(blocking::close(&kafka, Deadline::after(LONG)).unwrap().is_clean());
}

#[test]
fn what_a_broker_refuses_for_good_is_told_by_its_code() {
    for (error, kind) in [
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, EmitErrorKind::Unauthorized { code: 29 }),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, EmitErrorKind::Rejected { code: 10 }),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD, EmitErrorKind::Rejected { code: 87 }),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_POLICY_VIOLATION, EmitErrorKind::Rejected { code: 44 }),
    ] {
        let mock = Mock::start();
        let kafka = mock.transport().build().unwrap();
        mock.with(move |cluster| cluster.request_errors(RDKafkaApiKey::Produce, &[error]));
        let error = blocking::deliver(&kafka, event(1), Deadline::after(LONG)).unwrap_err();
        assert_eq!((error.kind(), error.disposition()), (&kind, Disposition::Permanent), "{error}");
        // librdkafka remembers for a while that it may not write to the topic.
        if !matches!(kind, EmitErrorKind::Unauthorized { .. }) {
            blocking::deliver(&kafka, event(2), Deadline::after(LONG)).unwrap();
        }
    }
}

#[test]
fn a_producer_that_has_failed_for_good_is_made_again() {
    let mock = Mock::start();
    let kafka = mock.transport().build().unwrap();
    blocking::deliver(&kafka, event(1), Deadline::after(LONG)).unwrap();
    refuse(&mock, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING; 1]);
    refuse(&mock, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER; 1]);
    let (mut failures, until) = (0, Deadline::after(LONG));
    let seen = loop {
        match blocking::deliver(&kafka, event(failures), until) {
            Err(error) => failures += usize::from(matches!(error.kind(), EmitErrorKind::Unavailable { .. })),
            Ok(receipt) => break receipt,
        }
        assert!(!until.has_passed(), "{failures} events have failed and no new producer is there");
    };
    assert!(seen.is_some() && failures >= 2, "{failures} events have failed, so the errors were not fatal");
    assert_eq!(kafka.state(), State::Active);
    let report = blocking::close(&kafka, Deadline::after(LONG)).unwrap();
    assert_eq!((report.ended, report.tally.delivered), (Ended::Drained, 2));
}

#[test]
fn a_full_queue_makes_callers_wait_and_then_refuses() {
    let mock = Mock::start();
    mock.with(|cluster| cluster.broker_down(1)).unwrap();
    let kafka = mock.transport().config("queue.buffering.max.messages", "2").flush(false).build().unwrap();
    for number in 0..2 {
        assert!(matches!(blocking::emit(&kafka, event(number), Deadline::after(LONG)), Ok(Ack::Queued(_))));
    }
    let error = blocking::emit(&kafka, event(2), Deadline::after(Duration::from_millis(100))).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::QueueFull { capacity: 2 });
    assert!(!error.accepted());
    mock.with(|cluster| cluster.broker_up(1)).unwrap();
    assert!(matches!(blocking::emit(&kafka, event(3), Deadline::after(LONG)), Ok(Ack::Queued(_))));
    let tally = blocking::close(&kafka, Deadline::after(LONG)).unwrap().tally;
    assert_eq!((tally.delivered, tally.refused), (3, 1));
}

#[test]
fn events_outlive_no_message_timeout() {
    let mock = Mock::start();
    mock.with(|cluster| cluster.broker_down(1)).unwrap();
    let kafka = mock.transport().config("message.timeout.ms", "500").flush(false).build().unwrap();
    let Ok(Ack::Queued(ticket)) = blocking::emit(&kafka, event(1), Deadline::after(LONG)) else { panic!("not queued") };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(ticket).unwrap_err();
    // The mock closes its port, so librdkafka knows why.
    assert!(matches!(error.kind(), EmitErrorKind::Unreachable | EmitErrorKind::Timeout), "{error}");
    assert_eq!(kafka.stats().tally.failed, 1);
}

use std::time::{SystemTime, UNIX_EPOCH};

use openlineage_core::event::EncodedEvent;
use rdkafka::message::{Header, OwnedHeaders, ToBytes};
use rdkafka::producer::BaseRecord;

/// Names of the headers that each record has.
pub(crate) const CONTENT_TYPE: &str = "content-type";
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

const JSON: &str = "application/json";

/// An event as a record: what can be made of it before there is a producer.
pub(crate) struct Record {
    event: EncodedEvent,
    key: String,
    idempotency_key: [u8; 32],
    timestamp: Option<i64>,
}

impl Record {
    pub(crate) fn new(event: &EncodedEvent, key: String) -> Self {
        let timestamp = event.event_time_nanos().and_then(millis_until_now);
        Self { event: event.clone(), key, idempotency_key: event.idempotency_key().to_hex(), timestamp }
    }

    /// Bytes that count against `message.max.bytes`.
    pub(crate) fn len(&self) -> usize {
        self.event.bytes().len() + self.key.len()
    }

    pub(crate) fn to<'a>(&'a self, topic: &'a str, number: usize) -> BaseRecord<'a, str, [u8], usize> {
        let headers = OwnedHeaders::new_with_capacity(2)
            .insert(Header { key: CONTENT_TYPE, value: Some(JSON) })
            .insert(Header { key: IDEMPOTENCY_KEY, value: Some(self.idempotency_key.as_slice()) });
        let payload: &[u8] = self.event.bytes().to_bytes();
        let record = BaseRecord::with_opaque_to(topic, number).key(self.key.as_str()).payload(payload).headers(headers);
        match self.timestamp {
            Some(timestamp) => record.timestamp(timestamp),
            None => record,
        }
    }
}

/// Milliseconds since 1970. A time that is still to come counts as now, because brokers refuse records from the future;
/// one before 1970 as none, because Kafka has no word for it.
fn millis_until_now(nanos: i128) -> Option<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
    let millis = i64::try_from(nanos / 1_000_000).ok()?.min(i64::try_from(now).ok()?);
    (millis > 0).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(time: &str) -> Option<i64> {
        let json = format!(r#"{{"eventTime": "{time}", "job": {{"namespace": "n", "name": "j"}}}}"#);
        Record::new(&EncodedEvent::from_json(json).unwrap(), "k".to_owned()).timestamp
    }

    #[test]
    fn the_time_of_the_event_is_the_time_of_the_record() {
        assert_eq!(timestamp("2025-01-01T00:00:00.123456+01:00"), Some(1_735_686_000_123));
        assert_eq!(timestamp("1970-01-01T00:00:00.001Z"), Some(1));
    }

    #[test]
    fn a_time_that_kafka_cannot_have_is_left_to_the_producer() {
        for time in ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2025-01-01", "yesterday", ""] {
            assert_eq!(timestamp(time), None, "{time}");
        }
    }

    #[test]
    fn a_time_in_the_future_counts_as_now() {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let given = timestamp("9999-01-01T00:00:00Z").unwrap();
        assert!((now..now + 60_000).contains(&given), "{given} instead of {now}");
    }
}

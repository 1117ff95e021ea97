use std::ffi::CStr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use openlineage_core::event::EncodedEvent;

/// Names of the headers that each record has.
pub(crate) const CONTENT_TYPE: &CStr = c"content-type";
pub(crate) const IDEMPOTENCY_KEY: &CStr = c"idempotency-key";

/// Half of the time for which a broker, as it is by default, remembers a producer.
const OLDEST_MILLIS: i64 = 12 * 60 * 60 * 1000;

/// The content type.
pub(crate) const JSON: &str = "application/json";

/// An event as a record: what can be made of it before there is a producer, and the number under which it is reported.
///
/// librdkafka reads the event's text where it is, from when it is handed the record until it reports it.
pub(crate) struct Record {
    pub(crate) event: EncodedEvent,
    pub(crate) key: Arc<str>,
    pub(crate) idempotency_key: [u8; 32],
    /// Milliseconds since 1970; none for the time of sending.
    pub(crate) timestamp: Option<i64>,
    pub(crate) number: usize,
}

impl Record {
    pub(crate) fn new(event: &EncodedEvent, key: Arc<str>) -> Self {
        let timestamp = event.event_time_nanos().and_then(millis_of_today);
        Self { event: event.clone(), key, idempotency_key: event.idempotency_key().to_hex(), timestamp, number: 0 }
    }

    /// Bytes that count against `message.max.bytes`.
    pub(crate) fn len(&self) -> usize {
        self.event.bytes().len() + self.key.len()
    }
}

/// Milliseconds since 1970, where they may stand in a record.
///
/// A time that is still to come counts as now, because brokers refuse records from the future. One that is long past is
/// left to the producer, which takes the time of sending: brokers forget a producer a day after the timestamp of its last
/// record (`producer.id.expiration.ms`), and then take a repeated record for a new one; and they delete records by their
/// timestamps, even those that have just come.
fn millis_of_today(nanos: i128) -> Option<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
    let now = i64::try_from(now).ok()?;
    let millis = i64::try_from(nanos / 1_000_000).ok()?;
    (millis > now - OLDEST_MILLIS).then_some(millis.min(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(time: &str) -> Option<i64> {
        let json = format!(r#"{{"eventTime": "{time}", "job": {{"namespace": "n", "name": "j"}}}}"#);
        Record::new(&EncodedEvent::from_json(json).unwrap(), "k".into()).timestamp
    }

    #[test]
    fn the_time_of_an_event_of_today_is_the_time_of_its_record() {
        let hour_ago = SystemTime::now() - std::time::Duration::from_secs(3600);
        let millis = i64::try_from(hour_ago.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        assert_eq!(timestamp(openlineage_core::model::Timestamp::from(hour_ago).as_str()), Some(millis));
    }

    #[test]
    fn a_time_that_brokers_would_act_on_is_left_to_the_producer() {
        let yesterday = SystemTime::now() - std::time::Duration::from_secs(24 * 3600);
        let yesterday = openlineage_core::model::Timestamp::from(yesterday).to_string();
        for time in [&yesterday, "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2025-01-01", "yesterday", ""] {
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

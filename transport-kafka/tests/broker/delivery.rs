//! What arrives, as another client reads it.

use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use openlineage_core::blocking;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Ended;
use openlineage_core::model::Timestamp;
use openlineage_core::transport::{Ack, Transport};
use rdkafka::message::{Message, OwnedMessage};

use crate::real::{broker, event, event_at, header, long, make_topic, read_all, reader, transport};

const RUNS: usize = 500;
const STEPS: usize = 20;

/// Every second run is of now, the others of long ago.
fn sent(now: &str, run: usize, step: usize) -> EncodedEvent {
    if run.is_multiple_of(2) { event(run, step) } else { event_at(now, run, step) }
}

fn millis() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Run and step of the event in a record.
fn of(message: &OwnedMessage) -> (usize, usize) {
    let json: serde_json::Value = serde_json::from_slice(message.payload().unwrap()).unwrap();
    let run = json["run"]["runId"].as_str().unwrap().rsplit('-').next().unwrap();
    let step = json["run"]["facets"]["step"].as_u64().unwrap();
    (usize::from_str_radix(run, 16).unwrap(), usize::try_from(step).unwrap())
}

#[test]
fn ten_thousand_events_arrive_once_each_in_the_order_of_their_run() {
    let Some((address, _turn)) = broker() else { return };
    let (topic, began, now) = ("delivery.many", millis(), Timestamp::now().to_string());
    make_topic(&address, topic, 4, &[]);
    let kafka = transport(&address, topic).flush(false).build().unwrap();
    for (step, run) in (0..STEPS).flat_map(|step| (0..RUNS).map(move |run| (step, run))) {
        let ack = blocking::emit(&kafka, sent(&now, run, step), long()).unwrap();
        assert!(matches!(ack, Ack::Queued(_)));
    }
    let report = blocking::close(&kafka, long()).unwrap();
    assert_eq!((report.ended, report.tally.delivered), (Ended::Drained, (RUNS * STEPS) as u64), "{report:?}");

    let found = read_all(&reader(&address), topic);
    assert_eq!(found.len(), RUNS * STEPS);
    let (mut next, mut partitions) = (HashMap::new(), HashMap::new());
    for message in &found {
        let (run, step) = of(message);
        let expected = next.entry(run).or_insert(0);
        assert_eq!(step, *expected, "run {run}");
        *expected += 1;
        is_record_of(message, &sent(&now, run, step), run);
        let timestamp = message.timestamp().to_millis().unwrap();
        match run % 2 {
            0 => assert!((began..=millis()).contains(&timestamp), "{timestamp} is not the time of sending"),
            _ => assert_eq!(i128::from(timestamp), Timestamp::from(now.as_str()).to_unix_nanos().unwrap() / 1_000_000),
        }
        assert_eq!(*partitions.entry(run).or_insert(message.partition()), message.partition(), "run {run} is split");
    }
    assert!(partitions.values().collect::<HashSet<_>>().len() > 1, "every run is in one partition");
}

/// librdkafka reads a text where it is, and puts what is longer than `message.copy.max.bytes`, 65,535, on the wire from
/// there.
#[test]
fn texts_of_every_length_arrive_byte_for_byte() {
    let Some((address, _turn)) = broker() else { return };
    for compression in ["none", "lz4", "gzip"] {
        let topic = format!("delivery.lengths.{compression}");
        make_topic(&address, &topic, 1, &[]);
        let kafka = transport(&address, &topic).flush(false).config("compression.type", compression).build().unwrap();
        let texts: Vec<String> = [0, 1, 4_000, 65_400, 65_500, 65_600, 300_000, 900_000].map(text).into();
        for text in &texts {
            let event = EncodedEvent::from_json(text.clone()).unwrap();
            drop(blocking::emit(&kafka, event, long()).unwrap());
        }
        assert!(blocking::close(&kafka, long()).unwrap().is_clean());
        let found = read_all(&reader(&address), &topic);
        let found: Vec<_> = found.iter().map(|message| message.payload().unwrap()).collect();
        assert!(found == texts.iter().map(String::as_bytes).collect::<Vec<_>>(), "{compression}");
    }
}

/// An event with so many letters more than the shortest, no two next to each other alike.
fn text(letters: usize) -> String {
    let note: String = ('a'..='z').cycle().take(letters).collect();
    format!(r#"{{"job":{{"namespace":"n","name":"j"}},"note":"{note}"}}"#)
}

fn is_record_of(message: &OwnedMessage, event: &EncodedEvent, run: usize) {
    assert_eq!(message.payload(), Some(&event.bytes()[..]), "byte for byte");
    assert_eq!(message.key(), Some(format!("run:etl/job-{run}").as_bytes()));
    assert_eq!(header(message, "content-type").as_deref(), Some("application/json"));
    assert_eq!(header(message, "idempotency-key"), Some(event.idempotency_key().to_string()));
}

#[test]
fn an_event_that_is_waited_for_is_there_when_emit_returns() {
    let Some((address, _turn)) = broker() else { return };
    let kafka = transport(&address, "delivery.one").message_key("fixed").build().unwrap();
    for step in 1..=3 {
        let ack = blocking::emit(&kafka, event(1, step), long()).unwrap();
        assert!(matches!(ack, Ack::Delivered(_)));
        let found = read_all(&reader(&address), "delivery.one");
        assert_eq!((found.len(), found[0].key()), (step, Some(b"fixed".as_slice())));
    }
    assert_eq!(kafka.stats().tally.delivered, 3);
    assert!(blocking::close(&kafka, long()).unwrap().is_clean());
}

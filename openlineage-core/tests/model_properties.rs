//! Laws that hold for any input.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openlineage_core::event::EncodedEvent;
use openlineage_core::facets::{JobTypeJobFacet, ParentJob, ParentRun, ParentRunFacet, SqlJobFacet};
use openlineage_core::model::{
    DatasetEvent, Event, Facets, JobPlace, JobRef, RunEvent, RunId, RunRef, StaticDataset, Timestamp, Uri,
};
use proptest::prelude::*;

/// Any text, with a bent towards what JSON has to escape.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(prop::sample::select(ODD.to_vec()), 0..12).prop_map(|odd| odd.concat())
    ]
}

const ODD: [&str; 12] = ["\"", "\\", "\n", "\r", "\0", "\u{1f}", "\u{7f}", "\u{2028}", "é", "😀", "a", "\\u0041"];

proptest! {
    #[test]
    fn the_head_noted_while_writing_is_the_head_found_by_reading(
        namespace in text(), name in text(), time in text(), query in text(), producer in text(), parent in text(),
    ) {
        let facet = ParentRunFacet::new(ParentRun::new(RunId::new()), ParentJob::new(parent.as_str(), name.as_str()));
        let job = JobRef::new(namespace.as_str(), name.as_str());
        let made = RunEvent::start(RunRef::new(RunId::new()), job)
            .at(time.as_str())
            .run_facet(facet)
            .job_facet(SqlJobFacet::new(query))
            .job_facet(JobTypeJobFacet::new("BATCH", parent.as_str()))
            .build(&Uri::from(producer))
            .encode()
            .unwrap();
        let found = EncodedEvent::from_json(made.bytes().clone()).unwrap();
        assert_same_head(&made, &found);
        prop_assert_eq!(made.job_namespace().unwrap(), &*namespace);
        prop_assert_eq!(made.job_name().unwrap(), &*name);
        prop_assert_eq!(made.event_time().unwrap(), &*time);
        prop_assert_eq!(made.parent_job().unwrap().namespace, &*parent);
        prop_assert_eq!(made.job_type().unwrap().integration, &*parent);
        let again = found.decode().unwrap().encode().unwrap();
        prop_assert_eq!(again.bytes(), made.bytes());
    }

    #[test]
    fn the_head_of_a_dataset_event_is_found_too(namespace in text(), name in text()) {
        let dataset = StaticDataset::new(namespace.as_str(), name.as_str());
        let made = DatasetEvent::of(dataset).build(&Uri::from_static("p")).encode().unwrap();
        assert_same_head(&made, &EncodedEvent::from_json(made.bytes().clone()).unwrap());
        prop_assert_eq!(made.dataset_namespace().unwrap(), &*namespace);
        prop_assert_eq!(made.dataset_name().unwrap(), &*name);
    }

    #[test]
    fn one_line_is_the_same_json(namespace in text(), name in text()) {
        let job = serde_json::json!({ "job": { "namespace": namespace, "name": name }, "list": [1, 2.5, null] });
        let event = EncodedEvent::from_json(serde_json::to_string_pretty(&job).unwrap()).unwrap();
        let line = event.to_ndjson();
        prop_assert!(!line.contains(&b'\n') && !line.contains(&b'\r'));
        prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&line).unwrap(), job);
    }

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Event::from_json(&bytes);
        let _ = EncodedEvent::from_json(bytes);
    }

    #[test]
    fn a_damaged_event_is_read_or_refused_without_a_panic(at in 0..DAMAGED.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = DAMAGED.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte };
        let typed = Event::from_json(&bytes).and_then(|event| event.encode());
        let raw = EncodedEvent::from_json(bytes.clone());
        prop_assert!(typed.is_err() || raw.is_ok(), "what is read as a type is taken as text");
        if let Ok(raw) = raw {
            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok());
            let _ = (raw.parent_job(), raw.job_type(), raw.job_name(), raw.to_ndjson());
        }
    }

    #[test]
    fn any_text_is_a_facet_or_an_error(text in text()) {
        if let Ok(facets) = serde_json::from_str::<Facets<JobPlace>>(&format!("{{\"sql\":{text}}}")) {
            let _ = facets.get::<SqlJobFacet>();
        }
        let _ = text.parse::<RunId>();
        let _ = Timestamp::from(text).to_unix_nanos();
    }

    #[test]
    fn a_time_of_the_system_reads_as_jiff_reads_it(micros in -62_000_000_000_000_000i64..253_000_000_000_000_000) {
        let time = Timestamp::from(system_time(micros));
        let peer: jiff::Timestamp = time.as_str().parse().unwrap();
        prop_assert_eq!(peer.as_microsecond(), micros);
        prop_assert_eq!(time.to_unix_nanos(), Ok(peer.as_nanosecond()));
    }

    #[test]
    fn a_written_time_reads_as_jiff_reads_it(
        year in 1..=9998u16, month in 0..=13u8, day in 0..=32u8, hour in 0..=24u8, minute in 0..=60u8, second in 0..=59u8,
        fraction in prop_oneof![Just(String::new()), "\\.[0-9]{1,9}"],
        offset in prop_oneof![Just("Z".to_owned()), "[+-][01][0-9]:[0-6][0-9]"],
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        let peer = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_nanosecond);
        prop_assert_eq!(Timestamp::from(text).to_unix_nanos().ok(), peer);
    }
}

#[test]
fn times_at_the_edges() {
    let nanos = |text: &str| Timestamp::from(text).to_unix_nanos().map_err(|error| error.to_string());
    assert_eq!(nanos("1969-12-31T23:59:59.999999999Z"), Ok(-1));
    assert_eq!(nanos("9999-12-31T23:59:59.999999999999Z"), Ok(253_402_300_799_999_999_999));
    assert_eq!(nanos("2016-12-31T23:59:60Z"), nanos("2017-01-01T00:00:00Z"));
    assert_eq!(nanos("2017-01-01T00:59:60+01:00"), nanos("2017-01-01T00:00:00Z"));
    assert_eq!(nanos("2000-02-29t00:00:00z"), nanos("2000-02-29T00:00:00+00:00"));
    let malformed = "time is not RFC 3339, write it as `2024-05-01T12:00:00.123Z`";
    for text in [
        "",
        "2024-05-01",
        "2024-05-01 12:00:00Z",
        "2024-05-01T12:00Z",
        "2024-05-01T12:00:00.Z",
        "1900-02-29T00:00:00Z",
        "2016-12-31T12:00:60Z",
        "2024-05-01T12:00:00+0100",
        "2024-05-01T12:00:00Z ",
        "2024-05-01T12:00:00+24:00",
        "+2024-05-01T12:00:00Z",
    ] {
        assert_eq!(nanos(text), Err(malformed.to_owned()), "{text}");
    }
    assert_eq!(nanos("2024-05-01T12:00:00").unwrap_err(), "time has no offset from UTC, end it with `Z` or `+01:00`");
}

#[test]
fn times_of_the_system_stay_within_four_digits_of_a_year() {
    let far = UNIX_EPOCH + Duration::from_secs(1 << 40);
    assert_eq!(Timestamp::from(far).as_str(), "9999-12-31T23:59:59.999999Z");
    let before = UNIX_EPOCH - Duration::from_nanos(1);
    assert_eq!(Timestamp::from(before).as_str(), "1969-12-31T23:59:59.999999Z");
}

#[test]
fn new_run_ids_are_of_version_7_and_rise() {
    let ids: Vec<RunId> = (0..1000).map(|_| RunId::new()).collect();
    assert!(ids.is_sorted() && ids.iter().all(|id| id.as_uuid().get_version_num() == 7));
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), ids.len());
}

const DAMAGED: &str = r#"{"eventType":"START","eventTime":"2024-05-01T12:00:00Z","run":{"runId":"0189637c-ac93-7913-8279-23a8b998f4ab","facets":{"parent":{"job":{"namespace":"a","name":"\u00e4\n"}}}},"job":{"namespace":"n","name":"j","facets":{}},"inputs":[],"producer":"p","schemaURL":"s","x":[1.5e3,null,true,"\\\""]}"#;

fn assert_same_head(made: &EncodedEvent, found: &EncodedEvent) {
    assert_eq!(format!("{made:?}"), format!("{found:?}"));
    assert_eq!(made.event_time(), found.event_time());
    assert_eq!((made.job_namespace(), made.job_name()), (found.job_namespace(), found.job_name()));
    assert_eq!((made.dataset_namespace(), made.dataset_name()), (found.dataset_namespace(), found.dataset_name()));
    assert_eq!((made.parent_job(), made.root_parent_job()), (found.parent_job(), found.root_parent_job()));
    assert_eq!(made.job_type(), found.job_type());
}

fn system_time(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
}

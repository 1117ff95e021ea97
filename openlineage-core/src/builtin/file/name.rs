//! Names of files: by the time, and where asked by what the event is about.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::event::EncodedEvent;
use crate::model::{EventType, Timestamp};

/// Bytes of a job's name that go into a file's; systems allow 255 for the whole.
const LONGEST_NAME: usize = 120;

/// `20240501-120000.123456`, in UTC.
pub(super) fn stamp(time: SystemTime) -> String {
    let [date, clock] = digits(time);
    format!("{date}-{clock}")
}

/// `-20240501-120000.123456`, what upstream's file transport puts between its path and `.json`, but in UTC.
pub(super) fn plain(time: SystemTime) -> String {
    format!("-{}", stamp(time))
}

/// `-240501T120000.123456-daily_orders-START`, as upstream in its debug mode, but in UTC and cut where it gets too long.
pub(super) fn speaking(time: SystemTime, event: &EncodedEvent) -> String {
    let [date, clock] = digits(time);
    let name = event.job_name().or_else(|| event.dataset_name());
    let name = name.map_or_else(|| "unknown_job_name".to_owned(), |name| safe(&name));
    let event_type = event.event_type().map_or("unknown_event_type", EventType::as_str);
    format!("-{}T{clock}-{name}-{event_type}", &date[2..])
}

/// `path` with `end` added to its last part.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// Is `end` what [`stamp`] makes, with or without the `_1` of a second one in the same microsecond?
pub(super) fn is_stamp(end: &str) -> bool {
    let (time, number) = end.split_at_checked(22).unwrap_or((end, "_"));
    let shaped = time.bytes().zip(b"00000000-000000.000000").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        mark => byte == *mark,
    });
    let digits = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    shaped && (number.is_empty() || number.strip_prefix('_').is_some_and(digits))
}

/// Date and time of day, without the marks between their digits.
fn digits(time: SystemTime) -> [String; 2] {
    let text = Timestamp::from(time);
    let bare = |part: &str| part.replace(['-', ':', 'Z'], "");
    text.as_str().split_once('T').map(|(date, clock)| [bare(date), bare(clock)]).unwrap_or_default()
}

fn safe(name: &str) -> String {
    let mut safe = String::new();
    for char in name.chars() {
        let kept = char.is_alphanumeric() || matches!(char, '_' | '.' | '-');
        let mut buffer = [0; 4];
        let piece = if kept { &*char.encode_utf8(&mut buffer) } else { "__" };
        if safe.len() + piece.len() > LONGEST_NAME {
            break;
        }
        safe.push_str(piece);
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn noon() -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(1_714_564_800_000_042)
    }

    fn event(json: &str) -> EncodedEvent {
        EncodedEvent::from_json(json.to_owned()).unwrap()
    }

    #[test]
    fn the_names_are_upstreams_in_utc() {
        assert_eq!(plain(noon()), "-20240501-120000.000042");
        let run = event(r#"{"eventType":"START","run":{"runId":"r"},"job":{"namespace":"n","name":"a/b c.d-ä_"}}"#);
        assert_eq!(speaking(noon(), &run), "-240501T120000.000042-a__b__c.d-ä_-START");
        let dataset = event(r#"{"dataset":{"namespace":"n","name":"s3://b"}}"#);
        assert_eq!(speaking(noon(), &dataset), "-240501T120000.000042-s3______b-unknown_event_type");
        let nameless = event(r#"{"job":{"namespace":"n"}}"#);
        assert_eq!(speaking(noon(), &nameless), "-240501T120000.000042-unknown_job_name-unknown_event_type");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let job = event(&format!(r#"{{"job":{{"namespace":"n","name":"x{}"}}}}"#, "ä".repeat(300)));
        let name = speaking(noon(), &job);
        assert_eq!(name, format!("-240501T120000.000042-x{}-unknown_event_type", "ä".repeat(59)));
    }

    #[test]
    fn a_stamp_is_known_again() {
        for end in [stamp(noon()), format!("{}_1", stamp(noon())), format!("{}_27", stamp(noon()))] {
            assert!(is_stamp(&end), "{end}");
        }
        for end in [
            "",
            "gz",
            "20240501-120000",
            "20240501-120000.000042.gz",
            "20240501-120000.000042_",
            "2024050é-120000.000042",
        ] {
            assert!(!is_stamp(end), "{end}");
        }
    }
}

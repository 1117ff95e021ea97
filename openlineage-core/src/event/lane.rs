//! By what a queue keeps events in order.

use twox_hash::XxHash3_128;
use uuid::Uuid;

use super::{EncodedEvent, EventKind};
use crate::model::Event;

impl Event {
    /// The same key as that of the encoded event: see [`EncodedEvent::lane`].
    #[must_use]
    pub fn lane(&self) -> u128 {
        match self {
            Self::Run(event) => of_run(&event.run.run_id.to_string()),
            Self::Job(event) => hash(b'j', &event.job.namespace, &event.job.name),
            Self::Dataset(event) => hash(b'd', &event.dataset.namespace, &event.dataset.name),
        }
    }
}

impl EncodedEvent {
    /// The key of those events that must arrive in order: of one run, or of one job or dataset outside of any run.
    ///
    /// The value of a run id that is a UUID in whatever spelling; else a hash of 128 bits, of the run id without regard
    /// to the case of ASCII letters, or of kind, namespace and name. A run event without an id goes by its job.
    #[must_use]
    pub fn lane(&self) -> u128 {
        if self.kind() == EventKind::Dataset {
            let (namespace, name) = (self.dataset_namespace(), self.dataset_name());
            return hash(b'd', &namespace.unwrap_or_default(), &name.unwrap_or_default());
        }
        match self.run_id().filter(|id| !id.is_empty()) {
            Some(id) => of_run(&id),
            None => hash(b'j', &self.job_namespace().unwrap_or_default(), &self.job_name().unwrap_or_default()),
        }
    }
}

fn of_run(id: &str) -> u128 {
    match Uuid::try_parse(id) {
        Ok(id) => id.as_u128(),
        Err(_) => hash(b'r', "", &id.to_ascii_lowercase()),
    }
}

/// The length of the namespace says where the name begins, whatever characters the two hold.
fn hash(kind: u8, namespace: &str, name: &str) -> u128 {
    let mut key = Vec::with_capacity(1 + size_of::<u64>() + namespace.len() + name.len());
    key.push(kind);
    key.extend_from_slice(&(namespace.len() as u64).to_le_bytes());
    key.extend_from_slice(namespace.as_bytes());
    key.extend_from_slice(name.as_bytes());
    XxHash3_128::oneshot(&key)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const RUN: &str = "0189637c-ac93-7913-8279-23a8b998f4ab";

    fn lane(event: &Value) -> u128 {
        EncodedEvent::from_json(event.to_string()).unwrap().lane()
    }

    fn of_run(id: &str) -> u128 {
        lane(&json!({ "run": { "runId": id }, "job": { "namespace": "n", "name": "j" } }))
    }

    /// `text` as a JSON string without a character that stands for itself.
    fn escaped(text: &str) -> String {
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        format!("\"{units}\"")
    }

    #[test]
    fn a_uuid_is_its_own_lane_in_every_spelling() {
        let value = 0x0189_637c_ac93_7913_8279_23a8_b998_f4ab;
        for spelling in [RUN, &RUN.to_uppercase(), &RUN.replace('-', ""), &format!("urn:uuid:{RUN}")] {
            assert_eq!(of_run(spelling), value, "{spelling}");
        }
    }

    #[test]
    fn any_other_run_id_is_told_without_case() {
        assert_eq!(of_run("Nightly É"), of_run("nIGHTLY É"));
        assert_ne!(of_run("Nightly É"), of_run("Nightly é"));
        assert_ne!(of_run(&RUN[1..]), of_run(RUN));
    }

    #[test]
    fn a_run_without_an_id_goes_by_its_job() {
        let job = json!({ "namespace": "n", "name": "j" });
        let by_job = lane(&json!({ "job": job }));
        for run in [json!({}), json!({ "runId": 7 }), json!({ "runId": "" })] {
            assert_eq!(lane(&json!({ "run": run, "job": job })), by_job);
        }
        assert_ne!(of_run(RUN), by_job);
    }

    #[test]
    fn kind_namespace_and_name_tell_lanes_apart() {
        let named = |namespace, name| json!({ "namespace": namespace, "name": name });
        let names =
            [named("", "ab"), named("a", "b"), named("ab", ""), named("a\0", "b"), named("a", "\0b"), json!({})];
        let jobs = names.iter().map(|name| lane(&json!({ "job": name })));
        let datasets = names.iter().map(|name| lane(&json!({ "dataset": name })));
        let lanes: HashSet<u128> = jobs.chain(datasets).chain([of_run("ab"), of_run("j")]).collect();
        assert_eq!(lanes.len(), 2 * names.len() + 2);
    }

    proptest! {
        #[test]
        fn escapes_do_not_change_the_lane(id in any::<String>(), name in any::<String>(), of in 0..3_usize) {
            let written = |id: &str, name: &str| {
                let kind = [r#""run":{"runId":$},"job""#, r#""job""#, r#""dataset""#][of].replace('$', id);
                EncodedEvent::from_json(format!(r#"{{{kind}:{{"namespace":{name},"name":{name}}}}}"#)).unwrap().lane()
            };
            let plain = |text: &str| serde_json::to_string(text).unwrap();
            prop_assert_eq!(written(&plain(&id), &plain(&name)), written(&escaped(&id), &escaped(&name)));
        }

        #[test]
        fn different_names_have_different_lanes(a in any::<[String; 2]>(), b in any::<[String; 2]>()) {
            let of = |[namespace, name]: &[String; 2]| lane(&json!({ "job": { "namespace": namespace, "name": name } }));
            prop_assert_eq!(of(&a) == of(&b), a == b);
        }

        #[test]
        fn any_uuid_is_its_own_lane(value in any::<u128>(), upper in any::<bool>()) {
            let id = Uuid::from_u128(value).to_string();
            prop_assert_eq!(of_run(&if upper { id.to_uppercase() } else { id }), value);
        }
    }

    #[test]
    fn a_value_and_its_text_are_in_the_same_lane() {
        let run = r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","run":{"runId":"0198B9A1-0000-7000-8000-00000000000a"},"job":{"namespace":"n","name":"j"}}"#;
        let job =
            r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","job":{"namespace":"n","name":"j"}}"#;
        let dataset = r#"{"eventTime":"2024-05-01T00:00:00Z","producer":"p","schemaURL":"s","dataset":{"namespace":"n","name":"d"}}"#;
        for json in [run, job, dataset] {
            let value = Event::from_json(json.as_bytes()).unwrap();
            assert_eq!(EncodedEvent::from_json(json).unwrap().lane(), value.lane());
        }
    }
}

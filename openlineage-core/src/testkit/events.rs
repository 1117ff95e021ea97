use super::verdict::{Outcome, broken};
use crate::event::EncodedEvent;

/// The events of one run, in their order.
pub(super) const LIFE: [&str; 3] = ["START", "RUNNING", "COMPLETE"];

/// Bytes of a [bulky] event that no compression saves.
pub(super) const BULK: usize = 1024;

/// The event of this number: a START of a run whose id ends with it.
pub(super) fn event(number: u64) -> Outcome<EncodedEvent> {
    run_event(number, LIFE[0])
}

/// An event of this type, of the run whose id ends with this number.
pub(super) fn run_event(number: u64, kind: &str) -> Outcome<EncodedEvent> {
    encoded(number, kind, &format!("job-{number}"))
}

/// The event of this number, larger than [`BULK`] however it is packed.
pub(super) fn bulky(number: u64) -> Outcome<EncodedEvent> {
    let mut random = fastrand::Rng::with_seed(number);
    // An alphanumeric character carries more than five bits of chance.
    let name: String = (0..BULK * 8 / 5).map(|_| random.alphanumeric()).collect();
    encoded(number, LIFE[0], &name)
}

fn encoded(number: u64, kind: &str, job: &str) -> Outcome<EncodedEvent> {
    let json = format!(
        r#"{{"eventTime":"2025-01-01T00:00:00Z","eventType":"{kind}","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"kit","name":"{job}"}},"inputs":[],"outputs":[],"producer":"https://example.com/kit","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"}}"#
    );
    EncodedEvent::from_json(json).or_else(|error| broken(format!("the kit's own event: {error}")))
}

/// The number of the event in this body.
pub(super) fn number(body: &[u8]) -> Option<u64> {
    let event: serde_json::Value = serde_json::from_slice(body).ok()?;
    let run = event.get("run")?.get("runId")?.as_str()?;
    u64::from_str_radix(run.rsplit('-').next()?, 16).ok()
}

/// How far its run has come with the event in this body: its place in [`LIFE`].
pub(super) fn stage_of_life(body: &[u8]) -> Option<usize> {
    let event: serde_json::Value = serde_json::from_slice(body).ok()?;
    let kind = event.get("eventType")?.as_str()?;
    LIFE.iter().position(|known| *known == kind)
}

//! The direct engine where it is most likely to go wrong: races, dropped futures, hanging starts, dying runtimes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cancel;
mod lent;
mod races;
mod starts;

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::engine::{Deliver, Direct, DirectBuilder};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, State};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{ScriptedDeliver, ScriptedSink};
use openlineage_core::transport::{Transport, TransportInfo};

/// A deadline that no test means to reach.
const LONG: Duration = Duration::from_secs(20);

fn long() -> Deadline {
    Deadline::after(LONG)
}

fn event(number: u64) -> EncodedEvent {
    let json = format!(
        r#"{{"eventType":"START","run":{{"runId":"0198b9a1-0000-7000-8000-{number:012x}"}},"job":{{"namespace":"n","name":"j"}}}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

fn over<D: Deliver>(deliver: D) -> DirectBuilder<D> {
    Direct::builder(TransportInfo::new("stressed"), deliver).retry(RetryPolicy::never())
}

fn direct(sink: &ScriptedSink) -> Arc<Direct<ScriptedDeliver>> {
    Arc::new(over(sink.deliver("")).build())
}

/// Closed, and every accepted event has a fate.
fn assert_settled(transport: &dyn Transport) {
    let tally = transport.stats().tally;
    assert_eq!(transport.state(), State::Closed);
    assert_eq!(tally.accepted, tally.delivered + tally.failed + tally.abandoned, "{tally:?}");
}

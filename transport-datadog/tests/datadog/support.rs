//! What the tests share.

use std::io::Read;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use openlineage_core::blocking;
use openlineage_core::config::{ConfigError, ConfigValue, Environment, Loader, Registry, Source};
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline};
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::server::{Request, Server};
use openlineage_core::transport::{Ack, Fresh, Receipt, Ticket, Transport, TransportSource};
use openlineage_transport_datadog::{DatadogBuilder, DatadogFactory, DatadogTransport};
use serde_json::Value;

/// Longer than anything that works takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// How long nothing must happen that would be wrong.
pub(crate) const QUIET: Duration = Duration::from_millis(100);

pub(crate) type Outcome = Result<Receipt, EmitError>;

/// The `number`-th event of a run; with an integration it has the facet `jobType`.
pub(crate) fn event(run: usize, number: usize, integration: Option<&str>) -> EncodedEvent {
    let facet = |name| format!(r#","facets":{{"jobType":{{"integration":"{name}","jobType":"MODEL"}}}}"#);
    let facets = integration.map(facet).unwrap_or_default();
    let job = format!(r#"{{"namespace":"n","name":"j"{facets}}}"#);
    let json = format!(r#"{{"n":{number},"run":{{"runId":"0198b9a1-0000-7000-8000-{run:012}"}},"job":{job}}}"#);
    EncodedEvent::from_json(json).unwrap()
}

/// Goes to the queue by the default rules.
pub(crate) fn queued(run: usize, number: usize) -> EncodedEvent {
    event(run, number, Some("DBT"))
}

/// Is confirmed by the default rules.
pub(crate) fn confirmed(run: usize, number: usize) -> EncodedEvent {
    event(run, number, None)
}

/// The body of a request, unpacked.
pub(crate) fn body(request: &Request) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
    plain
}

/// Run and number of the event in a request.
pub(crate) fn what(request: &Request) -> (usize, usize) {
    let event: Value = serde_json::from_slice(&body(request)).unwrap();
    let run = event["run"]["runId"].as_str().unwrap().rsplit('-').next().unwrap();
    (run.parse().unwrap(), event["n"].as_u64().unwrap() as usize)
}

/// So many repetitions with pauses of milliseconds.
pub(crate) fn repeating(times: u32) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    (policy.total, policy.connect, policy.read) = (Some(times), Some(times), Some(times));
    (policy.backoff_factor, policy.backoff_max) = (Duration::from_millis(1), Duration::from_millis(20));
    policy.jitter = false;
    policy
}

pub(crate) fn to(server: &Server) -> DatadogBuilder {
    DatadogTransport::builder("key").site(server.url()).retry(repeating(3)).timeout(LIMIT)
}

/// What these options make, the entries of a JSON object, for a loader that sees these variables and no others.
pub(crate) fn build(options: &str, variables: &[(&str, &str)]) -> Result<Arc<dyn Transport>, ConfigError> {
    let comma = if options.is_empty() { "" } else { "," };
    let tree = format!(r#"{{"transport": {{"type": "datadog"{comma} {options}}}}}"#);
    let tree = ConfigValue::from_json(&tree, &Source::Code).unwrap();
    built(&Loader::new(Environment::of(variables.iter().copied())).config(tree))
}

/// What this loader finds.
pub(crate) fn built(loader: &Loader) -> Result<Arc<dyn Transport>, ConfigError> {
    let spec = loader.load().unwrap().settings.transport_or_console();
    Fresh.get(&spec, &Registry::empty().with("datadog", DatadogFactory))
}

pub(crate) fn emit(transport: &dyn Transport, event: EncodedEvent) -> Result<Ack, EmitError> {
    blocking::emit(transport, event, Deadline::after(LIMIT))
}

/// Emits what must be queued.
pub(crate) fn submit(transport: &dyn Transport, event: EncodedEvent) -> Ticket {
    match emit(transport, event).unwrap() {
        Ack::Queued(ticket) => ticket,
        ack => panic!("{ack:?}"),
    }
}

/// Emits what must be confirmed.
pub(crate) fn confirm(transport: &dyn Transport, event: EncodedEvent) -> Outcome {
    match emit(transport, event)? {
        Ack::Delivered(receipt) => Ok(receipt),
        ack => panic!("{ack:?}"),
    }
}

/// What becomes of an event.
pub(crate) fn fate(ticket: Ticket) -> Outcome {
    let (tell, told) = mpsc::channel();
    ticket.observe(move |outcome| tell.send(outcome.clone()).unwrap());
    told.recv_timeout(LIMIT).unwrap()
}

pub(crate) fn close(transport: &dyn Transport) -> CloseReport {
    let report = blocking::close(transport, Deadline::after(LIMIT)).unwrap();
    assert_eq!(report.tally.pending(), 0, "{report:?}");
    report
}

/// Lets time pass, where a time is what the test is about.
pub(crate) fn pass(time: Duration) {
    let (_nothing_comes, receive) = mpsc::channel::<()>();
    assert!(receive.recv_timeout(time).is_err());
}

/// Waits for what nobody tells.
pub(crate) fn eventually(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT);
        pass(Duration::from_millis(1));
    }
}

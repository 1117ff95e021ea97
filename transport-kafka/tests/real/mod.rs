//! The broker that the test command has started, what it holds, and what befalls it.

use std::io::Write;
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_transport_kafka::{KafkaBuilder, KafkaTransport};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message, OwnedMessage};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// A time that no test means to use up.
pub(crate) const LONG: Duration = Duration::from_secs(40);

/// Whoever disturbs the broker has it alone.
static TURN: RwLock<()> = RwLock::new(());

/// Where the broker listens; `None`, with a word of why, where there is none.
pub(crate) fn address(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        // Not by a macro: what that prints is hidden while the test passes.
        let mut seen = std::io::stderr();
        writeln!(seen, "skipped: {variable} is not set, `cargo xtask test` starts a broker").unwrap();
    }
    address
}

/// The plain listener of the broker, which nobody disturbs meanwhile.
pub(crate) fn broker() -> Option<(String, RwLockReadGuard<'static, ()>)> {
    let turn = TURN.read().unwrap_or_else(PoisonError::into_inner);
    address("OPENLINEAGE_KAFKA").map(|address| (address, turn))
}

/// The same for a test that disturbs it.
pub(crate) fn broker_alone() -> Option<(String, RwLockWriteGuard<'static, ()>)> {
    let turn = TURN.write().unwrap_or_else(PoisonError::into_inner);
    address("OPENLINEAGE_KAFKA").map(|address| (address, turn))
}

/// Inflicts a fault on the broker and returns when it is done.
pub(crate) fn fault(address: &str, fault: &str) {
    let xtask = std::env::var_os("OPENLINEAGE_XTASK").unwrap();
    let port = address.rsplit(':').next().unwrap();
    let status = Command::new(xtask).args(["kafka", "fault", fault, "--port", port]).status().unwrap();
    assert!(status.success(), "{fault}: {status}");
}

pub(crate) fn transport(address: &str, topic: &str) -> KafkaBuilder {
    KafkaTransport::builder(topic).config("bootstrap.servers", address)
}

pub(crate) fn long() -> Deadline {
    Deadline::after(LONG)
}

/// Makes a topic, and waits until it is there.
pub(crate) fn make_topic(address: &str, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", address).create().unwrap();
    let mut wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (name, value) in settings {
        wanted = wanted.set(name, value);
    }
    let options = AdminOptions::new().operation_timeout(Some(LONG));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(admin.create_topics([&wanted], &options)).unwrap()[0].as_ref().unwrap();
}

/// An event of long ago, of this run of this job, with a number to know it by.
pub(crate) fn event(run: usize, step: usize) -> EncodedEvent {
    event_at("2025-03-01T00:00:00Z", run, step)
}

pub(crate) fn event_at(time: &str, run: usize, step: usize) -> EncodedEvent {
    let json = format!(
        r#"{{"eventTime":"{time}","eventType":"RUNNING","run":{{"runId":"0198b9a1-0000-7000-8000-{run:012x}","facets":{{"step":{step}}}}},"job":{{"namespace":"etl","name":"job-{run}"}},"producer":"https://example.com/test","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"}}"#
    );
    EncodedEvent::from_json(json).unwrap()
}

/// Everything that a topic holds, partition after partition, each in its order.
pub(crate) fn read_all(config: &ClientConfig, topic: &str) -> Vec<OwnedMessage> {
    let mut config = config.clone();
    let consumer: BaseConsumer = config.set("group.id", "test").set("enable.auto.commit", "false").create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), LONG).unwrap();
    let (mut wanted, mut list) = (0, TopicPartitionList::new());
    for partition in metadata.topics()[0].partitions() {
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), LONG).unwrap();
        wanted += usize::try_from(high - low).unwrap();
        list.add_partition_offset(topic, partition.id(), Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let (mut found, until) = (Vec::new(), Instant::now() + LONG);
    while found.len() < wanted {
        let left = until.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "{} of {wanted} records came", found.len());
        if let Some(message) = consumer.poll(left) {
            found.push(message.unwrap().detach());
        }
    }
    found.sort_by_key(|message| (message.partition(), message.offset()));
    found
}

pub(crate) fn reader(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address);
    config
}

pub(crate) fn header(message: &OwnedMessage, name: &str) -> Option<String> {
    let headers = message.headers()?;
    let header = headers.iter().find(|header| header.key == name)?;
    Some(String::from_utf8(header.value?.to_vec()).unwrap())
}

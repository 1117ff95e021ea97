//! OpenLineage events to Kafka, over librdkafka.
//!
//! ```
//! use openlineage_transport_kafka::KafkaTransport;
//!
//! let transport = KafkaTransport::builder("openlineage.events").config("bootstrap.servers", "localhost:9092").build()?;
//! # Ok::<_, openlineage_core::config::ConfigError>(())
//! ```
//!
//! # What it sends
//!
//! A record an event. Its value is the event's JSON, byte for byte, which librdkafka reads where it is: an event stays in
//! memory until its record is acknowledged or given up, and is not copied. Its key is the one that the Python client gives:
//!
//! | event | key |
//! | --- | --- |
//! | of a dataset | `dataset:NAMESPACE/NAME` |
//! | of a job | `job:NAMESPACE/NAME` |
//! | of a run | `run:NAMESPACE/NAME` of the job at the top of its chain of parents, else of its parent, else of its own |
//!
//! The first job that is there counts for a run; if its namespace or name is empty, the run's own job does instead. So all
//! runs below one job stand in one partition, in their order. The Python client sends nothing else; here each record also
//! has the headers `content-type` (`application/json`) and `idempotency-key`
//! ([`IdempotencyKey`](openlineage_core::event::IdempotencyKey)), and the event's time as its timestamp, if it is of the
//! last twelve hours. An older event has the time of sending, because of what brokers do with old timestamps: they forget
//! the producer, and then take a repeated record for a new one, and they delete the record. A time that is still to come
//! counts as now.
//!
//! # When an event is delivered
//!
//! When the broker has acknowledged that record. The Python client only logs what fails to be delivered. With
//! [`flush`](KafkaBuilder::flush), the default, `emit` waits for it until its deadline. Without, `emit` answers with a ticket
//! as soon as librdkafka has the record; then the record has `message.timeout.ms`, 30 s unless configured. What librdkafka
//! deems worth repeating it repeats within that time, without copies and in order, because `enable.idempotence` is on.
//!
//! | what happened | [kind](openlineage_core::error::EmitErrorKind) | can another attempt help? |
//! | --- | --- | --- |
//! | no acknowledgement in time, for no known reason | `Timeout` | yes |
//! | the same, and the credentials were refused meanwhile | `Unauthorized` | no |
//! | the same, and no broker could be reached | `Unreachable` | yes |
//! | larger than `message.max.bytes` | `TooLarge`, refused before it is sent | no |
//! | larger than the topic allows, no such topic, not a valid record | `Rejected` | no |
//! | not allowed to write to the topic | `Unauthorized` | no |
//! | too few replicas, no leader | `Unavailable` | yes |
//! | no room within the deadline | `QueueFull`, refused | yes |
//!
//! `code` in these kinds is Kafka's error code where it is above zero, and librdkafka's own below.
//!
//! # What runs
//!
//! Nothing before the first event. With it a producer is made, on a thread for work that blocks; it has the threads of
//! librdkafka, one for itself and one for each broker, which wake once a second each. Nothing of ours wakes while nothing
//! is in flight: librdkafka calls when there is something to serve. A forked child makes a producer of its own.
//!
//! Closing waits for acknowledgements until the deadline, then tells librdkafka to forget the rest.
//!
//! # TLS
//!
//! The default features need a C and a C++ compiler and make. TLS, SCRAM and OAUTHBEARER need feature `tls`, which links the
//! system's OpenSSL, or `tls-vendored`, which compiles one. A configuration that asks for them is refused without.
//!
//! Tokens for OAUTHBEARER come from a [`TokenProvider`](openlineage_core::auth::TokenProvider) that is given to the
//! [builder](KafkaBuilder::tokens) or to the [factory](KafkaFactory::tokens). Feature `msk-iam` has one for Amazon MSK, and
//! the factory of kind `msk-iam`.

mod builder;
mod connection;
mod context;
mod factory;
mod fault;
mod key;
#[cfg(feature = "msk-iam")]
mod msk;
mod post;
mod produce;
mod properties;
mod reach;
mod record;
mod security;
mod tokens;
mod transport;
mod wake;

pub use builder::KafkaBuilder;
pub use factory::{KafkaFactory, KafkaTokenFactory};
#[cfg(feature = "msk-iam")]
pub use msk::{MskIamFactory, MskIamTokens};
pub use transport::KafkaTransport;

//! OpenLineage for Rust programs: build events about runs, jobs and datasets, hand them over, know what became of them.
//!
//! This crate gathers the others under one name: the model and the contract of `openlineage-core`, and one transport for
//! each feature that is switched on. A feature adds names and never changes how anything behaves.
//!
//! | feature | adds | default |
//! | --- | --- | --- |
//! | `datadog` | module [`datadog`], and kind `datadog` in [`registry`] | yes |
//! | `http` | module [`http`], and kinds `http` and `async_http` in [`registry`] | yes |
//! | `kafka` | module `kafka`, and kind `kafka` in [`registry`]; compiles librdkafka | no |
//! | `msk-iam` | `kafka-tls`, and kind `msk-iam` in [`registry`], for Amazon MSK | no |
//! | `kafka-tls` | `kafka` with TLS, SCRAM and OAUTHBEARER, by the system's OpenSSL | no |
//!
//! ```no_run
//! use openlineage::prelude::*;
//!
//! // From openlineage.yml and the variables OPENLINEAGE__*; what was emitted is delivered before `main` returns.
//! let client = openlineage::from_env_or_noop();
//! let _guard = openlineage::init(Guard::WITHIN).closing(&client);
//!
//! let run = client
//!     .run("warehouse", "daily_orders")
//!     .input(InputDataset::new("postgres://db:5432", "shop.public.orders"))
//!     .output(OutputDataset::new("postgres://db:5432", "shop.public.daily"))
//!     .start()
//!     .wait();
//! let _ack = run.complete().wait()?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! In async code `.await` stands in the place of `.wait()`.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::time::Duration;

use openlineage_transport_composite::TransportCache;

pub use openlineage_core::client::{Client, ClientBuilder, Guard};
pub use openlineage_core::{
    auth, blocking, builtin, client, config, engine, error, event, facets, lifecycle, model, queue, retry, runtime,
    transport, undelivered,
};
pub use openlineage_emit_modes as modes;
#[cfg(feature = "datadog")]
pub use openlineage_transport_datadog as datadog;
#[cfg(feature = "http")]
pub use openlineage_transport_http as http;
#[cfg(feature = "kafka")]
pub use openlineage_transport_kafka as kafka;

pub use openlineage_transport_composite as composite;

/// What most programs that emit events need.
pub mod prelude {
    pub use openlineage_core::blocking;
    pub use openlineage_core::client::{Client, Guard};
    pub use openlineage_core::event::EncodedEvent;
    pub use openlineage_core::lifecycle::{CloseReport, Deadline};
    pub use openlineage_core::model::{
        Event, InputDataset, JobEvent, JobRef, OutputDataset, RunEvent, RunId, RunRef, Timestamp, Uri,
    };
    pub use openlineage_core::transport::{Ack, Transport, TransportExt};
}

/// A client as files and variables configure it, with every kind of transport that this build knows.
///
/// Clients of the same configuration share one transport: see [`builder`].
///
/// # Errors
///
/// As [`ClientBuilder::from_env`].
pub fn from_env() -> Result<Client, config::ConfigError> {
    builder().from_env()
}

/// The same for programs that must not fail over their lineage: see [`ClientBuilder::from_env_or_noop`].
#[must_use]
pub fn from_env_or_noop() -> Client {
    builder().from_env_or_noop()
}

/// A client from parts, with every kind of transport that this build knows, and transports from the cache of the process.
///
/// However many clients are built from one configuration, there is one transport with one set of connections behind them.
/// Each client has counts and a close of its own; the transport stays until the guard of [`init`] is dropped.
/// [`ClientBuilder::private`] opts out.
pub fn builder() -> ClientBuilder {
    Client::builder().registry(registry()).source(Arc::new(TransportCache::process().clone()))
}

/// A guard that closes the cache of the process when it is dropped, and the clients that it is given.
///
/// Keep it in `main`: what clients have handed over and what is queued is delivered within this limit before the program
/// ends. Without it, the first event to be queued logs a warning.
pub fn init(within: Duration) -> Guard {
    let cache = TransportCache::process();
    cache.expect_shutdown();
    client::init(within).shutting_down(Arc::new(cache.clone()))
}

/// Every kind of transport this build knows: `composite`, `console`, `file`, `noop`, `transform`, and one for each feature
/// that is on.
#[must_use]
pub fn registry() -> config::Registry {
    let registry = config::Registry::builtin().with("composite", composite::CompositeFactory);
    #[cfg(feature = "datadog")]
    let registry = registry.with("datadog", datadog::DatadogFactory);
    #[cfg(feature = "http")]
    let registry = registry.with("http", http::HttpFactory).with("async_http", http::AsyncHttpFactory);
    #[cfg(feature = "kafka")]
    let registry = registry.with("kafka", kafka::KafkaFactory);
    #[cfg(feature = "msk-iam")]
    let registry = registry.with("msk-iam", kafka::MskIamFactory);
    registry
}

/// The programs in the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

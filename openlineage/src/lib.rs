//! OpenLineage for Rust programs: build events about runs, jobs and datasets, hand them over, know what became of them.
//!
//! This crate gathers the others under one name: the model and the contract of `openlineage-core`, and one transport for
//! each feature that is switched on. A feature adds names and never changes how anything behaves.
//!
//! | feature | adds | default |
//! | --- | --- | --- |
//! | `datadog` | module [`datadog`], and kind `datadog` in [`registry`] | yes |
//! | `http` | module [`http`], and kinds `http` and `async_http` in [`registry`] | yes |
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

pub use openlineage_core::client::{Client, Guard, init};
pub use openlineage_core::{
    blocking, builtin, client, config, engine, error, event, facets, lifecycle, model, queue, retry, runtime,
    transport, undelivered,
};
#[cfg(feature = "datadog")]
pub use openlineage_transport_datadog as datadog;
pub use openlineage_emit_modes as modes;
#[cfg(feature = "http")]
pub use openlineage_transport_http as http;

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
/// # Errors
///
/// As [`Client::from_env`].
pub fn from_env() -> Result<Client, config::ConfigError> {
    Client::from_env(registry())
}

/// The same for programs that must not fail over their lineage: see [`Client::from_env_or_noop`].
#[must_use]
pub fn from_env_or_noop() -> Client {
    Client::from_env_or_noop(registry())
}

/// Every kind of transport this build knows: `console`, `file`, `noop`, `transform`, and one for each feature that is on.
#[must_use]
pub fn registry() -> config::Registry {
    let registry = config::Registry::builtin();
    #[cfg(feature = "datadog")]
    let registry = registry.with("datadog", datadog::DatadogFactory);
    #[cfg(feature = "http")]
    let registry = registry.with("http", http::HttpFactory).with("async_http", http::AsyncHttpFactory);
    registry
}

/// The programs in the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

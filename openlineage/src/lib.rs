//! OpenLineage for Rust programs: build events about runs, jobs and datasets, hand them over, know what became of them.
//!
//! This crate gathers the others under one name: the model and the contract of `openlineage-core`, and one transport for
//! each feature that is switched on. A feature adds names and never changes how anything behaves.
//!
//! | feature | adds | default |
//! | --- | --- | --- |
//! | `http` | module [`http`] and kind `http` in [`registry`] | yes |
//!
//! ```
//! use std::time::Duration;
//! use openlineage::builtin::Memory;
//! use openlineage::prelude::*;
//!
//! let memory = Memory::new();
//! let transport = memory.transport();
//!
//! let event = RunEvent::start(RunRef::new(RunId::new()), JobRef::new("warehouse", "daily_orders"))
//!     .build(&Uri::from_static("https://acme.example/scheduler/1.2.0"));
//! blocking::emit(&transport, event.encode()?, Deadline::after(Duration::from_secs(10)))?;
//!
//! let report = blocking::close(&transport, Deadline::after(Duration::from_secs(10)))?;
//! assert_eq!(report.tally.delivered, 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub use openlineage_core::{
    blocking, builtin, config, engine, error, event, facets, lifecycle, model, retry, runtime, transport,
};
#[cfg(feature = "http")]
pub use openlineage_transport_http as http;

/// What most programs that emit events need.
pub mod prelude {
    pub use openlineage_core::blocking;
    pub use openlineage_core::event::EncodedEvent;
    pub use openlineage_core::lifecycle::{CloseReport, Deadline};
    pub use openlineage_core::model::{
        Event, InputDataset, JobEvent, JobRef, OutputDataset, RunEvent, RunId, RunRef, Timestamp, Uri,
    };
    pub use openlineage_core::transport::{Ack, Transport, TransportExt};
}

/// Every kind of transport this build knows: `console`, `file`, `noop`, `transform`, and one for each feature that is on.
#[must_use]
pub fn registry() -> config::Registry {
    let registry = config::Registry::builtin();
    #[cfg(feature = "http")]
    let registry = registry.with("http", http::HttpFactory);
    registry
}

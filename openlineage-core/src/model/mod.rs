//! The events of OpenLineage as Rust types.
//!
//! An event names a run, a job or a dataset and carries [facets](crate::facets) about them. The types keep what they do
//! not know: fields in [`Extra`], facets in [`Facets`], numbers and times in the form that came.
//!
//! They are JSON and nothing else: kept text has no meaning to another format of serde.
//!
//! ```
//! use openlineage_core::facets::{JobTypeJobFacet, SqlJobFacet};
//! use openlineage_core::model::{InputDataset, JobRef, OutputDataset, RunEvent, RunId, Uri};
//!
//! let job = JobRef::new("warehouse", "daily_orders").with_facet(JobTypeJobFacet::new("BATCH", "ACME"));
//! let event = RunEvent::start(RunId::new(), job)
//!     .job_facet(SqlJobFacet::new("insert into daily select * from orders"))
//!     .input(InputDataset::new("postgres://db:5432", "shop.public.orders"))
//!     .output(OutputDataset::new("postgres://db:5432", "shop.public.daily"))
//!     .build(&Uri::from_static("https://acme.example/scheduler/1.2.0"));
//!
//! let encoded = event.encode()?;
//! assert_eq!(encoded.job_name().as_deref(), Some("daily_orders"));
//! # Ok::<(), openlineage_core::model::ModelError>(())
//! ```
//!
//! What an event must have is an argument of its builder:
//!
//! ```compile_fail,E0061
//! openlineage_core::model::RunEvent::start(openlineage_core::model::RunRef::new());
//! ```

mod builder;
mod entity;
mod error;
mod event;
mod event_type;
mod extra;
mod facets;
mod list;
mod number;
mod object;
pub(crate) mod path;
mod place;
#[doc(hidden)]
pub mod private;
pub(crate) mod producer;
mod rfc3339;
mod run_id;
pub(crate) mod scan;
mod shared;
mod slot;
mod strip;
mod timestamp;
mod uri;
mod version;
pub(crate) mod write;

pub use self::builder::{DatasetEventBuilder, JobEventBuilder, RunEventBuilder};
pub use self::entity::{InputDataset, JobRef, OutputDataset, RunRef, StaticDataset};
pub use self::error::ModelError;
pub use self::event::{DatasetEvent, Event, JobEvent, RunEvent};
pub use self::event_type::EventType;
pub use self::extra::Extra;
pub use self::facets::Facets;
pub use self::list::List;
pub use self::number::{Integer, NotFinite, Number};
pub use self::place::{DatasetPlace, Deletable, Facet, In, InputPlace, JobPlace, OutputPlace, Place, RunPlace};
pub use self::producer::DEFAULT_PRODUCER;
pub use self::run_id::{RunId, RunIdError};
pub use self::shared::Shared;
pub(crate) use self::timestamp::unix_nanos;
pub use self::timestamp::{Timestamp, TimestampError};
pub use self::uri::Uri;

//! The standard facets.

mod error_message;
mod job_type;
mod nominal_time;
mod parent;
mod processing_engine;
mod schema;
mod sql;

pub use self::error_message::ErrorMessageRunFacet;
pub use self::job_type::{EmissionPattern, JobTypeJobFacet};
pub use self::nominal_time::NominalTimeRunFacet;
pub use self::parent::{ParentJob, ParentRoot, ParentRun, ParentRunFacet};
pub use self::processing_engine::ProcessingEngineRunFacet;
pub use self::schema::{SchemaDatasetFacet, SchemaField};
pub use self::sql::SqlJobFacet;

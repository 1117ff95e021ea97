//! The standard facets.

mod column_lineage;
mod environment_variables;
mod error_message;
mod job_type;
mod nominal_time;
mod parent;
mod processing_engine;
mod schema;
mod source_code_location;
mod sql;
mod subset;
mod tags;

pub use self::column_lineage::{ColumnLineageDatasetFacet, ColumnSources, Columns, InputField, Transformation};
pub use self::environment_variables::{EnvironmentVariable, EnvironmentVariablesRunFacet};
pub use self::error_message::ErrorMessageRunFacet;
pub use self::job_type::{EmissionPattern, JobTypeJobFacet};
pub use self::nominal_time::NominalTimeRunFacet;
pub use self::parent::{ParentJob, ParentRoot, ParentRun, ParentRunFacet};
pub use self::processing_engine::ProcessingEngineRunFacet;
pub use self::schema::{SchemaDatasetFacet, SchemaField};
pub use self::source_code_location::SourceCodeLocationJobFacet;
pub use self::sql::SqlJobFacet;
pub use self::subset::{InputSubsetInputDatasetFacet, OutputSubsetOutputDatasetFacet, SubsetCondition};
pub use self::tags::{Tag, TagsJobFacet, TagsRunFacet};

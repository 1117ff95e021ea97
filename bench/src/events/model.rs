//! An OpenLineage run event as plain structs: what a program would write that had no client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who made the events, in every facet too.
pub(super) const PRODUCER: &str = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/integration/dbt";

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) event_time: String,
    pub(crate) producer: String,
    #[serde(rename = "schemaURL")]
    pub(crate) schema_url: String,
    pub(crate) run: Run,
    pub(crate) job: Job,
    pub(crate) inputs: Vec<Input>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) outputs: Vec<Output>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) run_id: String,
    pub(crate) facets: RunFacets,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunFacets {
    pub(crate) parent: Parent,
    pub(crate) nominal_time: NominalTime,
    #[serde(rename = "processing_engine")]
    pub(crate) processing_engine: ProcessingEngine,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Job {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) facets: JobFacets,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobFacets {
    pub(crate) job_type: JobType,
    pub(crate) sql: Sql,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) facets: OutputFacets,
    pub(crate) output_facets: Statistics,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputFacets {
    pub(crate) schema: Schema,
    pub(crate) column_lineage: ColumnLineage,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statistics {
    pub(crate) output_statistics: OutputStatistics,
}

macro_rules! facets {
    ($($(#[$meta:meta])* $name:ident at $path:literal { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $name {
            #[serde(rename = "_producer")]
            pub(crate) producer: String,
            #[serde(rename = "_schemaURL")]
            pub(crate) schema_url: String,
            $(pub(crate) $field: $kind,)*
        }

        impl $name {
            pub(super) fn new($($field: $kind),*) -> Self {
                Self { producer: PRODUCER.to_owned(), schema_url: concat!("https://openlineage.io/spec/facets/", $path).to_owned(), $($field),* }
            }
        }
    )*};
}

facets! {
    Parent at "1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet" { run: ParentRun, job: ParentJob }
    NominalTime at "1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet" {
        nominal_start_time: String,
        nominal_end_time: String,
    }
    ProcessingEngine at "1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet" {
        version: String,
        name: String,
        openlineage_adapter_version: String,
    }
    JobType at "2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet" {
        processing_type: String,
        integration: String,
        job_type: String,
    }
    Sql at "1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet" { query: String, dialect: String }
    Schema at "1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet" { fields: Vec<Column> }
    ColumnLineage at "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet" {
        fields: BTreeMap<String, Sources>,
    }
    OutputStatistics at "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet" {
        row_count: u64,
        size: u64,
        file_count: u64,
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParentRun {
    pub(crate) run_id: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ParentJob {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sources {
    pub(crate) input_fields: Vec<Source>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) field: String,
}

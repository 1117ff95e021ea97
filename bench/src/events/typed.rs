//! The same events in the types of `openlineage-core`, made from the plain ones so that they cannot differ.

use std::collections::BTreeMap;

use anyhow::Result;
use openlineage_core::facets::{
    JobTypeJobFacet, NominalTimeRunFacet, ParentJob, ParentRun, ParentRunFacet, ProcessingEngineRunFacet,
    SchemaDatasetFacet, SchemaField, SqlJobFacet,
};
use openlineage_core::model::{
    self, DatasetPlace, Facet, In, InputDataset, JobRef, List, OutputDataset, OutputPlace, RunEvent, RunId, RunRef, Uri,
};
use serde::{Deserialize, Serialize};

use super::model::{Event, Job, Output, Run, Sources};

#[derive(Debug, Serialize, Deserialize)]
struct ColumnLineage {
    fields: BTreeMap<String, Sources>,
}

impl Facet for ColumnLineage {
    const KEY: &'static str = "columnLineage";
    const SCHEMA_URL: &'static str =
        "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";
}

impl In<DatasetPlace> for ColumnLineage {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputStatistics {
    row_count: u64,
    size: u64,
    file_count: u64,
}

impl Facet for OutputStatistics {
    const KEY: &'static str = "outputStatistics";
    const SCHEMA_URL: &'static str = "https://openlineage.io/spec/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json\
        #/$defs/OutputStatisticsOutputDatasetFacet";
}

impl In<OutputPlace> for OutputStatistics {}

/// START and COMPLETE of run `number`, typed.
pub(crate) fn pair(number: usize) -> Result<[RunEvent; 2]> {
    let [start, complete] = Event::pair(number);
    Ok([typed(&start)?, typed(&complete)?])
}

/// Event `number` of a program that has one run after the other, START and COMPLETE of each.
pub(crate) fn nth(number: usize) -> Result<model::Event> {
    let [start, complete] = pair(number / 2)?;
    Ok(if number.is_multiple_of(2) { start } else { complete }.into())
}

/// START of so many runs, then COMPLETE of all, typed.
pub(crate) fn waves(runs: usize) -> Result<Vec<model::Event>> {
    Event::waves(runs).iter().map(|event| typed(event).map(model::Event::from)).collect()
}

fn typed(event: &Event) -> Result<RunEvent> {
    let begin = if event.event_type == "START" { RunEvent::start } else { RunEvent::complete };
    let mut builder = begin(run(&event.run)?, job(&event.job)).at(event.event_time.as_str());
    for input in &event.inputs {
        builder = builder.input(InputDataset::new(input.namespace.as_str(), input.name.as_str()));
    }
    for dataset in &event.outputs {
        builder = builder.output(output(dataset));
    }
    Ok(builder.build(&Uri::from(event.producer.as_str())))
}

fn run(run: &Run) -> Result<RunRef> {
    let (parent, time, engine) = (&run.facets.parent, &run.facets.nominal_time, &run.facets.processing_engine);
    let parent_job = ParentJob::new(parent.job.namespace.as_str(), parent.job.name.as_str());
    let parent_run = ParentRun::new(parent.run.run_id.parse::<RunId>()?);
    Ok(RunRef::new(run.run_id.parse::<RunId>()?)
        .with_facet(ParentRunFacet::new(parent_run, parent_job))
        .with_facet(
            NominalTimeRunFacet::new(time.nominal_start_time.as_str())
                .with_nominal_end_time(time.nominal_end_time.as_str()),
        )
        .with_facet(
            ProcessingEngineRunFacet::new(engine.version.as_str())
                .with_name(engine.name.as_str())
                .with_openlineage_adapter_version(engine.openlineage_adapter_version.as_str()),
        ))
}

fn job(job: &Job) -> JobRef {
    let (kind, sql) = (&job.facets.job_type, &job.facets.sql);
    JobRef::new(job.namespace.as_str(), job.name.as_str())
        .with_facet(
            JobTypeJobFacet::new(kind.processing_type.as_str(), kind.integration.as_str())
                .with_job_type(kind.job_type.as_str()),
        )
        .with_facet(SqlJobFacet::new(sql.query.as_str()).with_dialect(sql.dialect.as_str()))
}

fn output(output: &Output) -> OutputDataset {
    let columns = output.facets.schema.fields.iter();
    let fields = columns.map(|column| SchemaField::new(column.name.as_str()).with_type(column.kind.as_str()));
    let told = &output.output_facets.output_statistics;
    let statistics = OutputStatistics { row_count: told.row_count, size: told.size, file_count: told.file_count };
    OutputDataset::new(output.namespace.as_str(), output.name.as_str())
        .with_facet(SchemaDatasetFacet::new().with_fields(fields.collect::<List<_>>()))
        .with_facet(ColumnLineage { fields: output.facets.column_lineage.fields.clone() })
        .with_output_facet(statistics)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_run_completes_before_the_next_starts() {
        let told = [0, 1, 2].map(|number| nth(number).unwrap().encode().unwrap());
        let runs = told.each_ref().map(|event| event.run_id().unwrap());
        assert_eq!((runs[0] == runs[1], runs[1] == runs[2]), (true, false));
        let types = told.each_ref().map(|event| event.event_type().unwrap().to_string());
        assert_eq!(types, ["START", "COMPLETE", "START"]);
    }

    #[test]
    fn typed_and_plain_events_say_the_same() {
        for (typed, plain) in pair(7).unwrap().iter().zip(Event::pair(7)) {
            let typed: Value = serde_json::from_slice(typed.encode().unwrap().bytes()).unwrap();
            assert_eq!(typed, serde_json::to_value(plain).unwrap());
        }
    }
}

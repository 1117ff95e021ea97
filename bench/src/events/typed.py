"""Typed events of the released client, out of plain ones."""

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    job_type_job,
    nominal_time_run,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
    sql_job,
)


def plain(facet):
    return {key: value for key, value in facet.items() if not key.startswith("_")}


def parent_facet(facet):
    run, job = facet["run"], facet["job"]
    return parent_run.ParentRunFacet(run=parent_run.Run(**run), job=parent_run.Job(**job))


def lineage_field(field):
    return column_lineage_dataset.Fields(
        inputFields=[column_lineage_dataset.InputField(**source) for source in field["inputFields"]]
    )


FACETS = {
    "parent": parent_facet,
    "nominalTime": lambda facet: nominal_time_run.NominalTimeRunFacet(**plain(facet)),
    "processing_engine": lambda facet: processing_engine_run.ProcessingEngineRunFacet(**plain(facet)),
    "jobType": lambda facet: job_type_job.JobTypeJobFacet(**plain(facet)),
    "sql": lambda facet: sql_job.SQLJobFacet(**plain(facet)),
    "schema": lambda facet: schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(**field) for field in facet["fields"]]
    ),
    "columnLineage": lambda facet: column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={name: lineage_field(field) for name, field in facet["fields"].items()}
    ),
    "outputStatistics": lambda facet: output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        **plain(facet)
    ),
}


def facets(named):
    return {name: FACETS[name](facet) for name, facet in named.items()}


def typed(event):
    run, job = event["run"], event["job"]
    inputs = [InputDataset(namespace=each["namespace"], name=each["name"]) for each in event["inputs"]]
    outputs = [
        OutputDataset(
            namespace=each["namespace"],
            name=each["name"],
            facets=facets(each.get("facets", {})),
            outputFacets=facets(each.get("outputFacets", {})),
        )
        for each in event.get("outputs", [])
    ]
    return RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=RunState(event["eventType"]),
        run=Run(runId=run["runId"], facets=facets(run["facets"])),
        job=Job(namespace=job["namespace"], name=job["name"], facets=facets(job["facets"])),
        inputs=inputs,
        outputs=outputs,
    )



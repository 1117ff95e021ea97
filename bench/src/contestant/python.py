"""Emits typed events through the released client: a line of JSON in asks, a line of JSON out answers.

The first line brings the URL, the two events and whether each is emitted on a thread of its own; each later one the
number of events to emit.
"""

import json
import sys
import threading
import time
from importlib.metadata import version

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer
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
from openlineage.client.transport.http import HttpConfig, HttpTransport


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


def answer(what):
    print(json.dumps(what), flush=True)


def on_a_thread(emit):
    def emit_there(event):
        thread = threading.Thread(target=emit, args=(event,), daemon=True)
        thread.start()
        thread.join(timeout=10)

    return emit_there


def run(emit, events, count):
    each = []
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for number in range(count):
        began = time.perf_counter_ns()
        emit(events[number % 2])
        each.append(time.perf_counter_ns() - began)
    return {
        "wall_ns": time.perf_counter_ns() - wall,
        "cpu_ns": time.process_time_ns() - cpu,
        "each_ns": each,
    }


def main():
    setup = json.loads(sys.stdin.readline())
    set_producer(setup["events"][0]["producer"])
    events = [typed(event) for event in setup["events"]]
    client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=setup["url"])))
    emit = on_a_thread(client.emit) if setup["thread"] else client.emit
    answer({"version": version("openlineage-python")})
    for line in sys.stdin:
        answer(run(emit, events, int(line)))


main()

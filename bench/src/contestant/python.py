"""Emits typed events through the released client: a line of JSON in asks, a line of JSON out answers.

The first line brings the URL, the transport and events, which are emitted in turn; each later one the number to emit.
"""

import json
import sys
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
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

PATIENCE_SECONDS = 60


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


class Waited:
    """Nothing is left to do once an event was emitted."""

    def __init__(self, url):
        self.transport = HttpTransport(HttpConfig(url=url))

    def wait(self, count):
        pass


class Queued:
    """Emitting hands over; what was handed over is waited for."""

    def __init__(self, url):
        self.transport = AsyncHttpTransport(AsyncHttpConfig(url=url))
        self.expected = 0

    def wait(self, count):
        self.expected += count
        settled = self.transport.wait_for_completion(PATIENCE_SECONDS)
        stats = self.transport.get_stats()
        if not settled or stats["success"] != self.expected:
            raise RuntimeError(f"{self.expected} events were emitted, and its counts are {stats}")


ROADS = {"http": Waited, "async_http": Queued}


def run(client, road, events, count):
    each = []
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for number in range(count):
        began = time.perf_counter_ns()
        client.emit(events[number % len(events)])
        each.append(time.perf_counter_ns() - began)
    road.wait(count)
    return {
        "wall_ns": time.perf_counter_ns() - wall,
        "cpu_ns": time.process_time_ns() - cpu,
        "each_ns": each,
    }


def main():
    setup = json.loads(sys.stdin.readline())
    set_producer(setup["events"][0]["producer"])
    events = [typed(event) for event in setup["events"]]
    road = ROADS[setup["transport"]](setup["url"])
    client = OpenLineageClient(transport=road.transport)
    answer({"version": version("openlineage-python")})
    for line in sys.stdin:
        answer(run(client, road, events, int(line)))


main()

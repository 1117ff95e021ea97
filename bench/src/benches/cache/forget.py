"""A program that builds a client of the released version for each pair of events and never closes one.

Argument: an object with the configuration, how many clients come before the first reading and how many after it, and the
two events. What makes typed events stands before this.
"""

import gc
import json
import os
import sys
import threading
import time
import uuid
from importlib.metadata import version

from openlineage.client import OpenLineageClient
from openlineage.client.transport.async_http import AsyncHttpTransport

PATIENCE_SECONDS = 60


def resident_kib():
    with open("/proc/self/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))


def settle():
    """Waits for the queues of all clients, which nobody but their threads refers to."""
    until = time.monotonic() + PATIENCE_SECONDS
    for each in gc.get_objects():
        if isinstance(each, AsyncHttpTransport):
            while each.get_stats()["pending"]:
                if time.monotonic() > until:
                    raise RuntimeError(f"events are pending: {each.get_stats()}")
                time.sleep(0.01)


def emit(order, count):
    for _ in range(count):
        run = str(uuid.uuid4())
        client = OpenLineageClient(config=order["config"])
        for event in order["events"]:
            event["run"]["runId"] = run
            client.emit(typed(event))
    settle()


def main():
    order = json.loads(sys.argv[1])
    emit(order, order["first"])
    resident, began = resident_kib(), time.perf_counter()
    emit(order, order["more"])
    told = {
        "version": version("openlineage-python"),
        "more": order["more"],
        "seconds": time.perf_counter() - began,
        "threads": threading.active_count() - 1,
        "grown_kib": resident_kib() - resident,
    }
    print(json.dumps(told), flush=True)
    # Ending it in order would close every client.
    os._exit(0)


main()

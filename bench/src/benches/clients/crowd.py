"""A process with many clients of the released version, which says what it has done and waits to be told to go on.

Arguments: the URL, how many clients, the event. What makes typed events stands before this.
"""

import json
import os
import sys
import time
from importlib.metadata import version

from openlineage.client import OpenLineageClient
from openlineage.client.transport.datadog import DatadogConfig, DatadogTransport

# Of an attempt too: on a loaded machine none is to be repeated.
PATIENCE_SECONDS = 60
# Events handed over before the first reply is waited for.
WAVE = 100


def client(url):
    config = DatadogConfig(
        apiKey="key", site=url, timeout=PATIENCE_SECONDS, async_transport_rules={"*": {"*": True}}
    )
    return OpenLineageClient(transport=DatadogTransport(config))


def emit(clients, event):
    for each in clients:
        each.emit(event)
    until = time.monotonic() + PATIENCE_SECONDS
    for each in clients:
        # To wait for its completion would end the thread of a client of 1.47.1.
        stats = each.transport.async_http.get_stats()
        while stats["success"] != 1:
            if stats["failed"] or time.monotonic() > until:
                raise RuntimeError(f"one event was emitted, and its counts are {stats}")
            time.sleep(0.01)
            stats = each.transport.async_http.get_stats()


def main():
    url, count, event = sys.argv[1:]
    event = typed(json.loads(event))
    os.chdir("/")
    print("python", version("openlineage-python"), flush=True)
    clients = [client(url) for _ in range(int(count))]
    print("built", flush=True)
    if sys.stdin.readline():
        for begin in range(0, len(clients), WAVE):
            emit(clients[begin : begin + WAVE], event)
        print("emitted", flush=True)
        sys.stdin.readline()
    # Closing them takes up to a second each.
    os._exit(0)


main()

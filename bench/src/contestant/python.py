"""Emits typed events through the released client: a line of JSON in asks, a line of JSON out answers.

The first line brings the URL, the transport, whether each event is emitted on a thread of its own, and events, which are
emitted in turn; each later one the number to emit. What makes typed events stands before this.
"""

import json
import sys
import threading
import time
from importlib.metadata import version

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import set_producer
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

PATIENCE_SECONDS = 60


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


class Acknowledged:
    """Each event is flushed in its call, as it is by default."""

    flush = True

    def __init__(self, address):
        # Only those who ask for it need what it needs.
        from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

        config = KafkaConfig(config={"bootstrap.servers": address}, topic="bench.python", flush=self.flush)
        self.transport = KafkaTransport(config)

    def wait(self, count):
        pass


class Produced(Acknowledged):
    """Emitting hands over; what was handed over is waited for."""

    flush = False

    def wait(self, count):
        if not self.transport.wait_for_completion(PATIENCE_SECONDS):
            raise RuntimeError("not every event was sent")


ROADS = {"http": Waited, "async_http": Queued, "kafka": Acknowledged, "kafka_queued": Produced}


def on_a_thread(emit):
    def emit_there(event):
        thread = threading.Thread(target=emit, args=(event,), daemon=True)
        thread.start()
        thread.join(timeout=10)

    return emit_there


def run(emit, road, events, count):
    each = []
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for number in range(count):
        began = time.perf_counter_ns()
        emit(events[number % len(events)])
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
    emit = on_a_thread(client.emit) if setup["thread"] else client.emit
    answer({"version": version("openlineage-python")})
    for line in sys.stdin:
        answer(run(emit, road, events, int(line)))


main()

"""The yardstick of background work: RQ alone, with jobs that do nothing. Run as `python -m bench.bare_worker`.

`python -m bench.bare_worker URL simple|fork COUNT` puts COUNT jobs into a queue, lets one worker empty it and prints,
as its last line, how many it did per second. Putting them in is not timed, and a short burst goes before to warm up.
"""

from __future__ import annotations

import sys
import time

import redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

WORKERS: dict[str, type[SimpleWorker] | type[Worker]] = {"simple": SimpleWorker, "fork": Worker}
WARM_UP = 10


def nothing() -> None:
    """The job."""


def burst(queue: Queue, kind: type[SimpleWorker] | type[Worker]) -> float:
    """Let one worker of this kind empty the queue; the seconds that took."""
    worker = kind([queue], connection=queue.connection, serializer=JSONSerializer)
    began = time.perf_counter()
    worker.work(burst=True, logging_level="WARNING")
    return time.perf_counter() - began


def per_second(url: str, name: str, count: int) -> float:
    """No-op jobs per second. Raises RuntimeError unless every one was done."""
    queue = Queue("bench-bare", connection=redis.Redis.from_url(url), serializer=JSONSerializer)
    for jobs in (WARM_UP, count):
        data = [Queue.prepare_data("bench.bare_worker.nothing", result_ttl=0) for _ in range(jobs)]
        queue.enqueue_many(data)
        seconds = burst(queue, WORKERS[name])
    if queue.count or queue.failed_job_registry.get_job_count():
        raise RuntimeError("the bare worker left jobs undone")
    return count / seconds


if __name__ == "__main__":
    print(per_second(sys.argv[1], sys.argv[2], int(sys.argv[3])))

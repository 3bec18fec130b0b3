"""Numbers for Prometheus. All are read from the database when they are asked for, so any web process tells the same."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from flask import Blueprint, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from werkzeug.wrappers import Response

from app import clock, permissions, queue
from app.models import Outcome
from app.queue import WorkerSeen
from app.services import operations
from app.services.operations import KindOfWork
from config import WORK_CLASSES

bp = Blueprint("metrics", __name__)

# What a proxy adds: whoever comes through one is not on this machine.
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
FINISHED = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED)


@bp.get("/metrics")
def show_metrics() -> Response:
    """The numbers, in Prometheus' text format, for this machine and for whoever has the token."""
    permissions.require(_is_from_here() or _has_token())
    now = clock.now()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(operations.kinds(now), queue.workers_seen(), now))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_from_here() -> bool:
    """Asked on this machine, by a local name, and not by a proxy for somebody else."""
    if any(name in request.headers for name in FORWARDED):
        return False
    if request.host.rpartition(":")[0].strip("[]") not in LOCAL_NAMES and request.host not in LOCAL_NAMES:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    token = current_app.config["WINNOW"].metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode("utf-8"))


# Name, explanation, and the number of one kind of work.
Told = tuple[str, str, Callable[[KindOfWork], float]]


class Numbers(Collector):
    """One look at the work, as metrics."""

    def __init__(self, kinds: Sequence[KindOfWork], workers: Sequence[WorkerSeen] | None, now: datetime) -> None:
        self._kinds, self._workers, self._now = kinds, workers, now

    def collect(self) -> Iterable[Metric]:
        """Every metric, with a zero for kinds of which there is nothing, so that alerts have something to compare."""
        yield from self._gauges()
        yield from self._counters()
        up = GaugeMetricFamily("winnow_queue_server_up", "1 if the queue server answers, else 0.")
        up.add_metric([], float(self._workers is not None))
        yield up
        if self._workers is not None:
            seen = [worker.work_class for worker in self._workers]
            workers = GaugeMetricFamily("winnow_workers", "Workers heard of lately.", labels=["work_class"])
            for name in WORK_CLASSES:
                workers.add_metric([name], seen.count(name))
            yield workers

    def _gauges(self) -> Iterable[Metric]:
        told: tuple[Told, ...] = (
            ("winnow_work_waiting", "Work that is due and not begun.", lambda kind: kind.waiting),
            ("winnow_work_oldest_waiting_seconds", "For how long the oldest due work has waited.", self._oldest),
            ("winnow_work_later", "Work that waits for its time or its next try.", lambda kind: kind.later),
            ("winnow_work_running", "Work that a process holds.", lambda kind: kind.running),
            ("winnow_work_leases_lapsed", "Work whose holder has not been heard of in time.", lambda kind: kind.lapsed),
            ("winnow_work_failed", "Work that failed and waits for a person.", lambda kind: kind.failed),
        )
        for name, words, number in told:
            gauge = GaugeMetricFamily(name, words, labels=["kind"])
            for kind in self._kinds:
                gauge.add_metric([kind.kind], number(kind))
            yield gauge

    def _oldest(self, kind: KindOfWork) -> float:
        return (self._now - kind.oldest_at).total_seconds() if kind.oldest_at else 0.0

    def _counters(self) -> Iterable[Metric]:
        finished = CounterMetricFamily("winnow_work_finished", "Work that has ended.", labels=["kind", "outcome"])
        for kind in self._kinds:
            for outcome in FINISHED:
                finished.add_metric([kind.kind, outcome.value], kind.finished.get(outcome.value, 0))
        yield finished
        told: tuple[Told, ...] = (
            ("winnow_work_errors", "Tries that ended in an error.", lambda kind: kind.errors),
            ("winnow_work_deaths", "Tries whose process died.", lambda kind: kind.deaths),
            ("winnow_work_fenced", "Results that came too late and were refused.", lambda kind: kind.fenced),
        )
        for name, words, number in told:
            counter = CounterMetricFamily(name, words, labels=["kind"])
            for kind in self._kinds:
                counter.add_metric([kind.kind], number(kind))
            yield counter

"""The processes that do background work: one kind does it itself and is replaced now and then, the other forks.

Quick work and mail need no fork. Slow work opens what strangers wrote: links, pictures, PDFs. A child does each piece
of it, so that what hangs, leaks or crashes takes one piece along and nothing else.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

import redis
import structlog
from flask import current_app
from rq import Queue, SimpleWorker, Worker, worker_registration
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from rq.worker import BaseWorker
from sqlalchemy.orm import configure_mappers

from app.extensions import db
from app.queue import BELL, FORKED
from config import Config

log = structlog.get_logger()


class Listed(BaseWorker):
    """A worker that stands in the list of workers again within a minute after the queue server lost the list.

    It also knows how it ended: `jobs_done`, and whether it was told to stop.
    """

    jobs_done = 0
    is_told_to_stop = False

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """As RQ's, and with it everything that RQ writes only once, at the start."""
        connection = self.connection if pipeline is None else pipeline
        if self.birth_date and self.last_heartbeat:
            connection.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
        super().heartbeat(timeout, pipeline)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """As RQ's, counted."""
        super().execute_job(job, queue)
        self.jobs_done += 1

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """As RQ's, remembered."""
        self.is_told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


class LongLived(Listed, SimpleWorker):
    """Works in its own process, without a fork for each job."""


class Final(UnixSignalDeathPenalty):
    """At a job's time-out the kernel ends the process: whatever it hangs in, and nothing in it can catch that.

    It is a death, then, and no error: the work comes back when its lease lapses.
    """

    def setup_death_penalty(self) -> None:
        """Set the alarm without a handler; a parent that only looks after its child goes on being interrupted."""
        super().setup_death_penalty()  # type: ignore[no-untyped-call]
        if issubclass(self._exception, JobTimeoutException):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


class Forking(Listed, Worker):
    """Lets a child do each job. A child that even the alarm does not end is killed a minute after its time-out."""

    death_penalty_class = Final

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the child: use no connection that the parent may have open, and leave none behind."""
        for engine in db.engines.values():
            engine.dispose(close=False)
        current_app.extensions.pop(BELL, None)
        try:
            return super().perform_job(job, queue, execution)
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


class Mortal(LongLived):
    """Instead of Forking where a fork is not safe: a job that hangs ends the worker, and the launcher replaces it."""

    death_penalty_class = Final


def kind_for(work_class: str, platform: str = sys.platform) -> type[LongLived] | type[Forking]:
    """How this class of work is done. Apple's libraries may crash in a child that was forked without a new program."""
    if work_class not in FORKED:
        return LongLived
    return Mortal if platform == "darwin" else Forking


def _warm_up() -> None:
    """Do once what each child would do anew: ten times as much as the rest of its start. Opens no connection."""
    configure_mappers()
    import app.bleaching  # noqa: F401, PLC0415 - only workers load what decodes pictures and PDFs


def run(work_class: str, config: Config) -> int:
    """Work until told to stop or, where it does the work itself, until it has done its number of jobs.

    Gives the exit status: 0 when it ended in one of these ways, 1 when it broke off.
    """
    connection = redis.Redis.from_url(config.redis_url, socket_timeout=90, socket_connect_timeout=5)
    kind = kind_for(work_class)
    if work_class in FORKED:
        _warm_up()
    worker = kind(
        [Queue(work_class, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=75,
        maintenance_interval=60,
        job_monitoring_interval=10,
    )
    most = None if kind is Forking else config.jobs_per_worker
    worker.work(max_jobs=most, logging_level="WARNING")
    is_used_up = most is not None and worker.jobs_done >= most
    if is_used_up:
        log.info("worker_used_up", work_class=work_class, jobs=worker.jobs_done)
    return 0 if is_used_up or worker.is_told_to_stop else 1

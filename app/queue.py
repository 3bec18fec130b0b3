"""Background work is a row in the caller's transaction; RQ is only the bell that rings after the commit.

Losing the queue server loses nothing: the tick rings again for whatever the table shows as due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import structlog
from flask import current_app
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import sql
from app.extensions import RoutingSession
from app.models import Work, WorkState

# Which workers do which kind of work. One queue per class, one queue per worker.
CLASS_OF = {
    "check": "quick",
    "close": "quick",
    "credit": "quick",
    "assign": "quick",
    "third": "quick",
    "score": "quick",
    "speed": "quick",
    "nudge": "quick",
    "freeze": "slow",
    "preview": "slow",
    "spread": "slow",
    "rescore": "slow",
    "pace": "slow",
    "erase": "slow",
    "bleach": "slow",
    "sketch": "slow",
    "compare": "slow",
    "mail": "mail",
}
# There may be a hundred thousand of these at once; they are done when nothing else is due for their workers.
BULK = frozenset({"rescore", "sketch", "compare"})
# More bells than this in a queue say nothing new.
ENOUGH_BELLS = 4
# Classes of which a process of its own does each piece of work (workers.Forking).
FORKED = frozenset({"slow"})
# Seconds until one job of a class, which does what is due for some seconds, is taken to hang.
TIME_OUT = {"quick": 60, "slow": 30, "mail": 60}
# Where the app keeps the connection for bells.
BELL = "winnow_bell"

log = structlog.get_logger()


def defer(kind: str, subject_id: int, now: datetime, key: str | None = None, at: datetime | None = None) -> bool:
    """Ask for work on a subject, in this transaction; the bell rings after the commit.

    `key` makes it one: work with the same kind and key is written once, ever (default: the subject's id). `at` lets
    it wait. Returns False if it was there already.
    """
    new = sql.insert_if_absent(
        Work,
        kind=kind,
        subject_id=subject_id,
        key=f"{kind}:{key or subject_id}",
        state=WorkState.PENDING,
        next_at=at or now,
        created_at=now,
    )
    if new and (at is None or at <= now):
        ring_after_commit(kind)
    return new


def defer_many(kind: str, subjects: Mapping[str, int], now: datetime) -> int:
    """Ask for work of one kind on many subjects, each under its own key; gives how many were not there already."""
    rows = [
        {
            "kind": kind,
            "subject_id": subject_id,
            "key": f"{kind}:{key}",
            "state": WorkState.PENDING,
            "next_at": now,
            "created_at": now,
        }
        for key, subject_id in subjects.items()
    ]
    new = sql.insert_absent_ids(Work, rows, Work.id)
    if new:
        ring_after_commit(kind)
    return len(new)


def ring_after_commit(kind: str) -> None:
    """Remember to ring for this kind once the transaction is committed."""
    from_session = _current_session().info.setdefault("bells", set())
    from_session.add(CLASS_OF[kind])


def _current_session() -> Session:
    session: Session = current_app.extensions["sqlalchemy"].session()
    return session


@event.listens_for(RoutingSession, "after_commit")
def _ring(session: Session) -> None:
    # SQLAlchemy calls this for savepoints too; their work is not yet there for anyone else.
    if session.in_nested_transaction():
        return
    for name in sorted(session.info.pop("bells", ())):
        ring(name)


@event.listens_for(RoutingSession, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop("bells", None)


def ring(name: str) -> bool:
    """Wake a worker of this class. A dead queue server is logged and otherwise ignored; the tick rings again."""
    try:
        queue = queue_of(name)
        if queue.count < ENOUGH_BELLS:
            queue.enqueue(
                "app.jobs.drain_work", name, job_timeout=TIME_OUT[name], result_ttl=0, failure_ttl=3600, ttl=3600
            )
    except redis.RedisError as error:
        log.warning("bell_unheard", work_class=name, error=type(error).__name__)
        return False
    return True


def queue_of(name: str) -> Queue:
    """The RQ queue of one class of work. JSON, because a pickle from Redis would be code."""
    return Queue(name, connection=connection(), serializer=JSONSerializer)


def connection() -> redis.Redis:
    """The connection for bells: it gives up quickly, because a person may be waiting for the page."""
    found = current_app.extensions.get(BELL)
    if found is None:
        url = current_app.config["WINNOW"].redis_url
        found = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=0.5)
        current_app.extensions[BELL] = found
    assert isinstance(found, redis.Redis)
    return found


@dataclass(frozen=True)
class WorkerSeen:
    """A worker that has said lately that it is there."""

    name: str
    work_class: str
    state: str
    host: str
    pid: int | None
    heard_at: datetime | None


def workers_seen() -> list[WorkerSeen] | None:
    """The workers that the queue server knows, by class of work; None when the queue server does not answer.

    A worker says at least once a minute that it is there; one that was killed is forgotten after two more.
    """
    try:
        found = Worker.all(connection=connection(), serializer=JSONSerializer)
    except redis.RedisError as error:
        log.warning("workers_unknown", error=type(error).__name__)
        return None
    seen = [
        WorkerSeen(
            name=worker.name,
            work_class=", ".join(worker.queue_names()),
            state=str(getattr(worker.get_state(), "value", worker.get_state())),
            host=worker.hostname or "",
            pid=worker.pid,
            heard_at=worker.last_heartbeat,
        )
        for worker in found
    ]
    return sorted(seen, key=lambda worker: (worker.work_class, worker.host, worker.name))

"""Background work is a row in the caller's transaction; RQ is only the bell that rings after the commit.

Losing the queue server loses nothing: the tick rings again for whatever the table shows as due.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import redis
import structlog
from flask import current_app
from rq import Queue
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
    "assign": "quick",
    "third": "quick",
    "score": "quick",
    "mail": "mail",
}
# More bells than this in a queue say nothing new.
ENOUGH_BELLS = 4
DRAIN_SECONDS = 60

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
                "app.jobs.drain_work", name, job_timeout=DRAIN_SECONDS, result_ttl=0, failure_ttl=3600, ttl=3600
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
    found = current_app.extensions.get("winnow_bell")
    if found is None:
        url = current_app.config["WINNOW"].redis_url
        found = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=0.5)
        current_app.extensions["winnow_bell"] = found
    assert isinstance(found, redis.Redis)
    return found

"""A region's inbox: threads that wait for an answer, the oldest first, and everything that was said, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Application, Message, Thread
from app.services import counters


@dataclass(frozen=True)
class Waiting:
    """How many threads of a region wait, and since when the oldest does (None: none waits)."""

    number: int
    since: datetime | None


def waiting(region_id: int) -> Waiting:
    """What waits in a region, from its counters and the first row of the inbox."""
    oldest = _waiting(region_id).with_only_columns(Thread.waiting_since).limit(1)
    number = counters.of_regions([region_id])[region_id].get(counters.WAITING, 0)
    return Waiting(number, db.session.scalar(oldest))


def waiting_page(region_id: int, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[Thread]:
    """One page of what waits, the oldest question first. `after`: the last (moment, application id) before it."""
    query = _with_people(_waiting(region_id)).limit(limit)
    if after is not None:
        query = query.where(tuple_(Thread.waiting_since, Thread.application_id) > tuple_(*after))
    return list(db.session.scalars(query))


def latest_page(region_id: int, before: int | None = None, limit: int = 50) -> list[Thread]:
    """One page of all threads, those with the newest message first. `before`: the last message id before it."""
    query = select(Thread).where(Thread.region_id == region_id).order_by(Thread.last_message_id.desc()).limit(limit)
    if before is not None:
        query = query.where(Thread.last_message_id < before)
    return list(db.session.scalars(_with_people(query)))


def _waiting(region_id: int) -> Select[Thread]:
    return (
        select(Thread)
        .where(Thread.region_id == region_id, Thread.waiting_since.is_not(None))
        .order_by(Thread.waiting_since, Thread.application_id)
    )


def _with_people(query: Select[Thread]) -> Select[Thread]:
    person = joinedload(Thread.application)
    return query.options(
        person.joinedload(Application.candidate),
        person.joinedload(Application.opening),
        joinedload(Thread.last_message).joinedload(Message.user),
        joinedload(Thread.opened_by),
    )

"""The one mechanism of background work: a row, a lease, a fence.

PENDING → RUNNING → SUCCEEDED | FAILED | CANCELLED. Every arrow is one conditional UPDATE; where it touches no row,
somebody else was first and the caller stops. The fence grows with every change of hands, so that the result of a
process which was believed dead is refused. Promise: work may run more than once, each takes effect once.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, func, select, update

from app import sql
from app.extensions import db
from app.models import Work, WorkState
from app.queue import CLASS_OF, ring_after_commit

LEASE = timedelta(seconds=10)
MOST_ERRORS = 5
MOST_DEATHS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)


class Hopeless(Exception):
    """Trying again will not help; the text tells a person what to do."""


class NotYet(Exception):
    """Nothing is wrong, but the time has not come: try again after `pause`. Not counted as an error."""

    def __init__(self, reason: str, pause: timedelta) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(frozen=True)
class Held:
    """A piece of work that this process holds until its lease runs out."""

    id: int
    kind: str
    subject_id: int
    fence: int
    tries: int


def claim(kinds: Collection[str], limit: int, lease: timedelta, now: datetime) -> list[Held]:
    """Take the oldest due work of these kinds, at most `limit`; nobody else gets the same."""
    due = (
        select(Work.id)
        .where(Work.state == WorkState.PENDING, Work.kind.in_(kinds), Work.next_at <= now)
        .order_by(Work.next_at, Work.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(Work)
        .where(Work.id.in_(due.scalar_subquery()), Work.state == WorkState.PENDING)
        .values(
            state=WorkState.RUNNING,
            fence=Work.fence + 1,
            attempt=Work.attempt + 1,
            lease_until=now + lease,
            reason=None,
        )
        .returning(Work.id, Work.kind, Work.subject_id, Work.fence, Work.attempt - Work.deaths, Work.next_at)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(db.session.execute(taken), key=lambda row: (row.next_at, row.id))
    return [Held(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def renew(held: Held, lease: timedelta, now: datetime) -> bool:
    """Hold on for another lease; False if the work has gone to somebody else."""
    return sql.changed(_mine(held).values(lease_until=now + lease))


def succeed(held: Held, now: datetime) -> bool:
    """Finish, in the transaction that holds the effects; False (then roll back) if the fence has moved."""
    return sql.changed(_mine(held).values(state=WorkState.SUCCEEDED, lease_until=None, finished_at=now))


def retry(held: Held, reason: str, now: datetime) -> bool:
    """Put it back after an error, with a growing pause; after five errors it fails and waits for a person."""
    if held.tries >= MOST_ERRORS:
        return fail(held, reason, now)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (held.tries - 1))
    jitter = random.Random(f"{held.id}:{held.fence}").uniform(0, 0.2)  # spreads load, keeps no secret
    return sql.changed(
        _mine(held).values(
            state=WorkState.PENDING, lease_until=None, next_at=now + pause * (1 + jitter), reason=reason[:500]
        )
    )


def postpone(held: Held, wait: NotYet, now: datetime) -> bool:
    """Put it back because its time has not come; this try is not counted."""
    return sql.changed(
        _mine(held).values(
            state=WorkState.PENDING,
            lease_until=None,
            attempt=Work.attempt - 1,
            next_at=now + wait.pause,
            reason=str(wait)[:500],
        )
    )


def fail(held: Held, reason: str, now: datetime) -> bool:
    """Stop trying; the reason is shown to a person who can start it again."""
    return sql.changed(
        _mine(held).values(state=WorkState.FAILED, lease_until=None, finished_at=now, reason=reason[:500])
    )


def expire(now: datetime) -> int:
    """Take back what dead processes held. Deaths are counted apart from errors; after eight the work fails."""
    lapsed = update(Work).where(Work.state == WorkState.RUNNING, Work.lease_until < now)
    hopeless = lapsed.where(Work.deaths + 1 >= MOST_DEATHS).values(
        state=WorkState.FAILED,
        deaths=Work.deaths + 1,
        fence=Work.fence + 1,
        lease_until=None,
        finished_at=now,
        reason=f"The process died {MOST_DEATHS} times while working on this.",
    )
    again = lapsed.values(
        state=WorkState.PENDING, deaths=Work.deaths + 1, fence=Work.fence + 1, lease_until=None, next_at=now
    )
    sql.changed(hopeless)
    rows = db.session.execute(again.returning(Work.id).execution_options(synchronize_session=False))
    return len(rows.all())


def hurry(kind: str, now: datetime) -> None:
    """Let all waiting work of a kind be tried now, because what it waited for may have come."""
    if sql.changed(
        update(Work).where(Work.state == WorkState.PENDING, Work.kind == kind, Work.next_at > now).values(next_at=now)
    ):
        ring_after_commit(kind)


def cancel(kind: str, key: str, now: datetime) -> bool:
    """Call off work that is no longer wanted; a result under way is refused by the fence."""
    return sql.changed(
        update(Work)
        .where(Work.key == f"{kind}:{key}", Work.state.in_((WorkState.PENDING, WorkState.RUNNING)))
        .values(state=WorkState.CANCELLED, fence=Work.fence + 1, lease_until=None, finished_at=now)
    )


def due_classes(now: datetime) -> list[str]:
    """The classes of workers for whom something is due."""
    kinds = db.session.scalars(select(Work.kind).where(Work.state == WorkState.PENDING, Work.next_at <= now).distinct())
    return sorted({CLASS_OF[kind] for kind in kinds})


def oldest_due_at(now: datetime) -> datetime | None:
    """Since when the oldest due work has been waiting, None if nothing waits."""
    return db.session.scalar(select(func.min(Work.next_at)).where(Work.state == WorkState.PENDING, Work.next_at <= now))


def _mine(held: Held) -> Update:
    return update(Work).where(Work.id == held.id, Work.state == WorkState.RUNNING, Work.fence == held.fence)

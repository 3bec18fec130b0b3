"""The one mechanism of background work: a row, a lease, a fence.

PENDING → RUNNING → SUCCEEDED | FAILED | CANCELLED. What failed can be tried again (FAILED → PENDING) or dismissed
(FAILED → CANCELLED; `dismissals.py` says which kinds). Every arrow is one conditional UPDATE; where it touches no row,
somebody else was first and the caller stops. The fence grows with every change of hands, so that the result of a
process which was believed dead is refused. Promise: work may run more than once, each takes effect once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Update, func, literal, select, tuple_, update

from app import sql
from app.extensions import db
from app.models import Outcome, Work, WorkState
from app.queue import CLASS_OF, ring_after_commit
from app.services import tally

LEASE = timedelta(seconds=10)
MOST_ERRORS = 5
MOST_DEATHS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
DIED = f"The process died {MOST_DEATHS} times while working on this."
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


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
    key: str = ""


def claim(kinds: Collection[str], limit: int, lease: timedelta, now: datetime) -> list[Held]:
    """Take the oldest due work of these kinds, at most `limit`; nobody else gets the same."""
    # A common table expression: PostgreSQL may run a subquery with FOR UPDATE again for each row, past the limit.
    due = (
        select(Work.id)
        .where(is_in(WorkState.PENDING), Work.kind.in_(kinds), Work.next_at <= now)
        .order_by(Work.next_at, Work.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(Work)
        .where(Work.id.in_(select(due.c.id)), Work.state == WorkState.PENDING)
        .values(
            state=WorkState.RUNNING,
            fence=Work.fence + 1,
            attempt=Work.attempt + 1,
            lease_until=now + lease,
            reason=None,
        )
        .returning(Work.id, Work.kind, Work.subject_id, Work.fence, Work.attempt - Work.deaths, Work.next_at, Work.key)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(db.session.execute(taken), key=lambda row: (row.next_at, row.id))
    return [Held(row[0], row[1], row[2], row[3], row[4], row[6]) for row in rows]


def renew(held: Held, lease: timedelta, now: datetime) -> bool:
    """Hold on for another lease; False if the work has gone to somebody else."""
    return sql.changed(_mine(held).values(lease_until=now + lease))


def succeed(held: Held, now: datetime) -> bool:
    """Finish, in the transaction that holds the effects; False (then roll back) if the fence has moved."""
    done = sql.changed(_mine(held).values(state=WorkState.SUCCEEDED, lease_until=None, finished_at=now))
    return _counted(done, held, Outcome.SUCCEEDED, now)


def succeed_all(held: Sequence[Held], now: datetime) -> list[Held]:
    """Finish several at once, before their effects are written in the same transaction; gives those still ours."""
    mine = tuple_(Work.id, Work.fence).in_([(one.id, one.fence) for one in held])
    done = db.session.scalars(
        update(Work)
        .where(mine, _is_held())
        .values(state=WorkState.SUCCEEDED, lease_until=None, finished_at=now)
        .returning(Work.id)
        .execution_options(synchronize_session=False)
    )
    finished = set(done)
    ours = [one for one in held if one.id in finished]
    tally.add(Outcome.SUCCEEDED, [(one.kind, one.id) for one in ours], now)
    return ours


def retry(held: Held, reason: str, now: datetime) -> bool:
    """Put it back after an error, with a growing pause; after five errors it fails and waits for a person."""
    if held.tries >= MOST_ERRORS:
        return fail(held, reason, now)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (held.tries - 1))
    jitter = random.Random(f"{held.id}:{held.fence}").uniform(0, 0.2)  # spreads load, keeps no secret
    put_back = sql.changed(
        _mine(held).values(
            state=WorkState.PENDING, lease_until=None, next_at=now + pause * (1 + jitter), reason=plain(reason)
        )
    )
    return _counted(put_back, held, Outcome.RETRIED, now)


def postpone(held: Held, wait: NotYet, now: datetime) -> bool:
    """Put it back because its time has not come; this try is not counted."""
    return sql.changed(
        _mine(held).values(
            state=WorkState.PENDING,
            lease_until=None,
            attempt=Work.attempt - 1,
            next_at=now + wait.pause,
            reason=plain(str(wait)),
        )
    )


def fail(held: Held, reason: str, now: datetime) -> bool:
    """Stop trying; the reason is shown to a person who can start it again."""
    failed = sql.changed(
        _mine(held).values(state=WorkState.FAILED, lease_until=None, finished_at=now, reason=plain(reason))
    )
    return _counted(failed, held, Outcome.FAILED, now)


def note_fenced(held: Held, now: datetime) -> None:
    """Count a result that came too late and was refused; somebody else does, or has done, the work."""
    tally.add(Outcome.FENCED, [(held.kind, held.id)], now)


def plain(reason: str) -> str:
    """A reason as it is kept: one line of at most 500 characters without mail addresses, which mail servers repeat."""
    return _ADDRESS.sub("(address)", _CONTROL.sub(" ", reason)).strip()[:500] or "No reason was given."


def expire(now: datetime) -> int:
    """Take back what dead processes held. Deaths are counted apart from errors; after eight the work fails."""
    lapsed = update(Work).where(Work.state == WorkState.RUNNING, Work.lease_until < now)
    hopeless = lapsed.where(Work.deaths + 1 >= MOST_DEATHS).values(
        state=WorkState.FAILED,
        deaths=Work.deaths + 1,
        fence=Work.fence + 1,
        lease_until=None,
        finished_at=now,
        reason=DIED,
    )
    again = lapsed.values(
        state=WorkState.PENDING, deaths=Work.deaths + 1, fence=Work.fence + 1, lease_until=None, next_at=now
    )
    failed, returned = _touched(hopeless), _touched(again)
    tally.add(Outcome.DIED, failed + returned, now)
    tally.add(Outcome.FAILED, failed, now)
    return len(returned)


def try_again(work_id: int, now: datetime) -> bool:
    """Let failed work be tried again, with all its tries; False if it has not failed (any more)."""
    return bool(_again(update(Work).where(Work.id == work_id), now))


def try_all_again(kind: str, reason: str, now: datetime) -> list[int]:
    """Let all work of a kind that failed for this reason be tried again; gives the ids of the pieces."""
    return _again(update(Work).where(Work.kind == kind, Work.reason == reason, Work.reason.is_not(None)), now)


def _again(chosen: Update, now: datetime) -> list[int]:
    """FAILED → PENDING. Errors and deaths are counted anew, else the first error would end it."""
    touched = _touched(
        chosen.where(Work.state == WorkState.FAILED).values(
            state=WorkState.PENDING,
            attempt=0,
            deaths=0,
            fence=Work.fence + 1,
            next_at=now,
            finished_at=None,
            reason=None,
        )
    )
    for kind in {kind for kind, _work_id in touched}:
        ring_after_commit(kind)
    return [work_id for _kind, work_id in touched]


def dismiss(work_id: int, now: datetime) -> bool:
    """FAILED → CANCELLED: give it up for good; False if it has not failed (any more). Why it failed stays readable."""
    dismissed = _touched(
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.FAILED)
        .values(state=WorkState.CANCELLED, finished_at=now)
    )
    tally.add(Outcome.CANCELLED, dismissed, now)
    return bool(dismissed)


def hurry(kind: str, now: datetime) -> None:
    """Let all waiting work of a kind be tried now, because what it waited for may have come."""
    if sql.changed(
        update(Work).where(Work.state == WorkState.PENDING, Work.kind == kind, Work.next_at > now).values(next_at=now)
    ):
        ring_after_commit(kind)


def cancel(kind: str, key: str, now: datetime) -> bool:
    """Call off work that is no longer wanted; a result under way is refused by the fence."""
    wanted = update(Work).where(Work.key == f"{kind}:{key}")
    return _cancel(wanted.where(Work.state.in_((WorkState.PENDING, WorkState.RUNNING))), now)


def _cancel(chosen: Update, now: datetime) -> bool:
    cancelled = _touched(
        chosen.values(state=WorkState.CANCELLED, fence=Work.fence + 1, lease_until=None, finished_at=now)
    )
    tally.add(Outcome.CANCELLED, cancelled, now)
    return bool(cancelled)


def cancel_about(kind: str, subject_ids: Select[int], now: datetime) -> None:
    """As `cancel`, for all work of a kind on these subjects. Work that ended stays as it is."""
    for state in (WorkState.PENDING, WorkState.RUNNING):
        _cancel(update(Work).where(is_in(state), Work.kind == kind, Work.subject_id.in_(subject_ids)), now)


def is_in(state: WorkState) -> ColumnElement[bool]:
    """The state as a literal: from a value that is bound later, a planner cannot see that a partial index fits."""
    return Work.state == literal(state, Work.state.type, literal_execute=True)


def due_classes(now: datetime) -> list[str]:
    """The classes of workers for whom something is due."""
    kinds = db.session.scalars(select(Work.kind).where(is_in(WorkState.PENDING), Work.next_at <= now).distinct())
    return sorted({CLASS_OF[kind] for kind in kinds})


def oldest_due(now: datetime) -> dict[str, datetime]:
    """Since when the oldest due work of each kind has been waiting; kinds of which nothing is due are missing.

    Work whose holder has gone is waiting too, since its lease lapsed, until a tick takes it back.
    """
    due = (
        select(Work.kind, func.min(Work.next_at))
        .where(is_in(WorkState.PENDING), Work.next_at <= now)
        .group_by(Work.kind)
    )
    lapsed = (
        select(Work.kind, func.min(Work.lease_until))
        .where(is_in(WorkState.RUNNING), Work.lease_until < now)
        .group_by(Work.kind)
    )
    found: dict[str, datetime] = {}
    for query in (due, lapsed):
        for kind, since in db.session.execute(query):
            assert since is not None  # the minimum of a group that has rows
            found[kind] = min(since, found.get(kind, since))
    return found


def _touched(statement: Update) -> list[tuple[str, int]]:
    """Run a conditional UPDATE; the kind and id of every row that it touched."""
    rows = db.session.execute(statement.returning(Work.kind, Work.id).execution_options(synchronize_session=False))
    return [(kind, work_id) for kind, work_id in rows]


def _counted(is_changed: bool, held: Held, outcome: Outcome, now: datetime) -> bool:
    if is_changed:
        tally.add(outcome, [(held.kind, held.id)], now)
    return is_changed


def _mine(held: Held) -> Update:
    return update(Work).where(Work.id == held.id, _is_held(), Work.fence == held.fence)


def _is_held() -> ColumnElement[bool]:
    """Whether it runs, told by the lease, which only running work has (a constraint).

    Asked for the state, PostgreSQL would take the index of leases instead of the ids, and walk through all those that
    have ended since the last vacuum: with 100,000 runs 170 ms instead of 0.4 ms.
    """
    return Work.lease_until.is_not(None)

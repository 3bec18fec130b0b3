"""Is the work getting done? What operators see: how much waits since when, what failed and why, who holds what.

Every question is answered from an index or from the tally: a million finished rows make no page slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.models import Outcome, Work, WorkState
from app.queue import BULK, CLASS_OF
from app.services import audit, tally, work
from app.services.audit import Actor

OLDEST_DUE = timedelta(minutes=5)
"""Older due work than this means that nobody is working."""

MOST_REASONS = 50


@dataclass(frozen=True)
class KindOfWork:
    """One kind of work in numbers. `waiting` is due now, `later` waits for its time or for another try.

    `oldest_at` is since when the oldest due piece waits. `errors` are tries that ended in an error, `deaths` tries
    whose process died, `fenced` results that came too late. The rates are of what succeeded.
    """

    kind: str
    work_class: str
    waiting: int = 0
    oldest_at: datetime | None = None
    later: int = 0
    running: int = 0
    lapsed: int = 0
    failed: int = 0
    finished: dict[str, int] = field(default_factory=dict)
    per_minute_5: float = 0.0
    per_minute_60: float = 0.0
    errors: int = 0
    errors_60: int = 0
    deaths: int = 0
    deaths_60: int = 0
    fenced: int = 0


@dataclass(frozen=True)
class Reason:
    """Pieces of work of one kind that wait or failed for the same reason, with the oldest of them."""

    kind: str
    reason: str
    number: int
    work_id: int
    subject_id: int
    tries: int
    deaths: int
    at: datetime
    """When the oldest failed; of waiting work, when it is tried again."""


def kinds(now: datetime) -> list[KindOfWork]:
    """Every kind of work in numbers, those without any included."""
    known = dict(CLASS_OF)
    numbers: dict[str, dict[str, Any]] = {kind: {} for kind in known}
    for kind, found in (*_pending(now), *_running(now), *_failed()):
        numbers.setdefault(kind, {}).update(found)
    for entry in tally.read(now):
        _add_tally(numbers.setdefault(entry.kind, {}), entry)
    # A kind that this code does not know is left over from another version; it is shown all the same.
    return [KindOfWork(kind, known.get(kind, "unknown"), **found) for kind, found in sorted(numbers.items())]


def _pending(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    is_due = Work.next_at <= now
    rows = db.session.execute(
        select(
            Work.kind,
            func.count().filter(is_due),
            func.min(Work.next_at).filter(is_due),
            func.count().filter(~is_due),
        )
        .where(work.is_in(WorkState.PENDING))
        .group_by(Work.kind)
    )
    return [(kind, {"waiting": due, "oldest_at": oldest, "later": later}) for kind, due, oldest, later in rows]


def _running(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    rows = db.session.execute(
        select(Work.kind, func.count(), func.count().filter(Work.lease_until < now))
        .where(work.is_in(WorkState.RUNNING), Work.lease_until.is_not(None))
        .group_by(Work.kind)
    )
    return [(kind, {"running": number, "lapsed": lapsed}) for kind, number, lapsed in rows]


def _with_reason(state: WorkState) -> list[ColumnElement[bool]]:
    return [work.is_in(state), Work.reason.is_not(None)]


def _failed() -> list[tuple[str, dict[str, Any]]]:
    rows = db.session.execute(
        select(Work.kind, func.count()).where(*_with_reason(WorkState.FAILED)).group_by(Work.kind)
    )
    return [(kind, {"failed": number}) for kind, number in rows]


def _add_tally(found: dict[str, Any], entry: tally.Tallied) -> None:
    match entry.outcome:
        case Outcome.SUCCEEDED | Outcome.FAILED | Outcome.CANCELLED:
            found.setdefault("finished", {})[entry.outcome.value] = entry.ever
    match entry.outcome:
        case Outcome.SUCCEEDED:
            found["per_minute_5"], found["per_minute_60"] = entry.last_5 / 5, entry.last_60 / 60
        case Outcome.RETRIED | Outcome.FAILED:
            found["errors"] = found.get("errors", 0) + entry.ever
            found["errors_60"] = found.get("errors_60", 0) + entry.last_60
        case Outcome.DIED:
            found["deaths"], found["deaths_60"] = entry.ever, entry.last_60
        case Outcome.FENCED:
            found["fenced"] = entry.ever


def overdue(now: datetime) -> list[tuple[str, timedelta]]:
    """The kinds of work of which a due piece has waited for longer than five minutes, and for how long.

    Work that is done in bulk may wait for long although everything is well, and is left out.
    """
    waits = [(kind, now - since) for kind, since in work.oldest_due(now).items() if kind not in BULK]
    return sorted((entry for entry in waits if entry[1] > OLDEST_DUE), key=lambda entry: entry[1], reverse=True)


def failures() -> list[Reason]:
    """What failed and waits for a person, by reason, the most frequent first; at most fifty reasons."""
    return _reasons(WorkState.FAILED)


def hindrances() -> list[Reason]:
    """What waits with a reason and is tried again by itself, the most frequent first; at most fifty reasons."""
    return _reasons(WorkState.PENDING)


def _reasons(state: WorkState) -> list[Reason]:
    number = func.count()
    groups = db.session.execute(
        select(Work.kind, Work.reason, number, func.min(Work.id))
        .where(*_with_reason(state))
        .group_by(Work.kind, Work.reason)
        .order_by(number.desc(), Work.kind, Work.reason)
        .limit(MOST_REASONS)
    ).all()
    oldest = {row.id: row for row in _by_ids([group[3] for group in groups])}
    return [_reason(oldest[work_id], count) for _kind, _text, count, work_id in groups if work_id in oldest]


def _by_ids(ids: Sequence[int]) -> list[Work]:
    return list(db.session.scalars(select(Work).where(Work.id.in_(ids)))) if ids else []


def _reason(oldest: Work, number: int) -> Reason:
    return Reason(
        kind=oldest.kind,
        reason=oldest.reason or "",
        number=number,
        work_id=oldest.id,
        subject_id=oldest.subject_id,
        tries=oldest.attempt - oldest.deaths,
        deaths=oldest.deaths,
        at=oldest.finished_at or oldest.next_at,
    )


def try_again(work_id: int, by: Actor, now: datetime) -> bool:
    """Let one failed piece be tried again, on record; False if it has not failed (any more)."""
    if not work.try_again(work_id, now):
        return False
    audit.record(by, "work.retry", "work", work_id, now)
    return True


def try_all_again(kind: str, reason: str, by: Actor, now: datetime) -> int:
    """Let everything of a kind that failed for this reason be tried again, on record; gives how many pieces."""
    ids = work.try_all_again(kind, reason, now)
    if ids:
        # One event for all: its subject is the oldest piece.
        audit.record(by, "work.retry_all", "work", min(ids), now, kind=kind, number=len(ids))
    return len(ids)


def as_json(entry: KindOfWork | Reason) -> dict[str, Any]:
    """A line of the report for programs; moments in UTC, ISO 8601."""
    values = asdict(entry)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}

"""Governments move clocks. New zone data must never take time from anybody who was promised a wall time.

A deadline is stored as the instant that judges and as the wall time, the zone and the version of the zone data that
it came from. Where newer data says another instant, a later one is taken and an earlier one is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Invitation, Opening
from app.services import audit, deadlines, mails

CHUNK = 200
# A window that somebody made longer ends so much after its own end at most.
LONGEST_EXTRA = timedelta(days=61)
Row = Opening | Invitation
MODELS: tuple[type[Opening], type[Invitation]] = (Opening, Invitation)


@dataclass(frozen=True)
class Change:
    """A future deadline that the zone data in use reads otherwise. It moves only where `becomes` is later."""

    kind: str
    id: int
    zone: str
    local: str
    tzdata: str
    was: datetime
    becomes: datetime

    @property
    def moves(self) -> bool:
        """Whether it moves: later, never earlier."""
        return self.becomes > self.was


def look(now: datetime) -> Iterator[Change]:
    """Every future deadline that the zone data in use would move, slice by slice; changes nothing."""
    for model in MODELS:
        last = 0
        while rows := _older(model, last, now):
            yield from (change for row in rows if (change := _change(row)) is not None)
            last = rows[-1].id


def apply_few(model: type[Row], after_id: int, now: datetime) -> tuple[list[Change], int | None]:
    """Move the next few of one table, note the version that was read, and tell those concerned.

    Gives what changed and where to go on, None at the end. To be committed after each call.
    """
    rows = _older(model, after_id, now)
    changes = []
    for row in rows:
        change = _change(row)
        row.closes_tzdata = clock.tzdata_version()
        if change is not None:
            changes.append(change)
            _follow(row, change, now)
    return changes, rows[-1].id if rows else None


def _older(model: type[Row], after_id: int, now: datetime) -> Sequence[Row]:
    since = now - LONGEST_EXTRA
    query = (
        select(model)
        .where(model.id > after_id, model.closes_at > since, model.closes_tzdata != clock.tzdata_version())
        .order_by(model.id)
        .limit(CHUNK)
    )
    rows: Sequence[Any] = db.session.scalars(query).all()
    return rows


def _change(row: Row) -> Change | None:
    becomes = clock.stored_deadline_utc(row.closes_zone, datetime.fromisoformat(row.closes_local))
    if becomes == row.closes_at:
        return None
    kind = "opening" if isinstance(row, Opening) else "invitation"
    return Change(kind, row.id, row.closes_zone, row.closes_local, row.closes_tzdata, row.closes_at, becomes)


def _follow(row: Row, change: Change, now: datetime) -> None:
    act = "deadline.move" if change.moves else "deadline.keep"
    seconds = round((change.becomes - change.was).total_seconds())
    audit.record(
        audit.SYSTEM, act, change.kind, row.id, now, seconds=seconds, before=change.tzdata, tzdata=row.closes_tzdata
    )
    if not change.moves:
        return
    if isinstance(row, Invitation):
        db.session.flush()
        attempt = deadlines.lock(row)
        row.closes_at = change.becomes
        has_moved = deadlines.move_later(attempt, now) if attempt else deadlines.window_ends_at(row) > now
        application = row.application
        if has_moved and application.candidate.erased_at is None:
            mails.post("moved", application.candidate, now, application=application.id, invitation=row.id)
    else:
        row.closes_at = change.becomes

"""How fast a region answers: the median of its first answers in the last 90 days, worked out by a worker."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock, sql
from app.extensions import db
from app.models import AnswerSpeed, FirstAnswer
from app.queue import defer

WINDOW = timedelta(days=90)
# Of fewer answers one cannot say what is usual.
FEWEST = 5
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """What the answers of a window come to. `oldest_at` is when the first of them was given."""

    answers: int
    median: timedelta | None
    oldest_at: datetime | None


def count(region_id: int) -> Counted:
    """Work it out from every first answer of the window."""
    since = clock.now() - WINDOW
    rows = db.session.execute(
        select(FirstAnswer.asked_at, FirstAnswer.answered_at)
        .where(FirstAnswer.region_id == region_id, FirstAnswer.answered_at > since)
        .order_by(FirstAnswer.answered_at)
    ).all()
    if not rows:
        return Counted(0, None, None)
    # The upper one of the two in the middle: at least half of the answers came as fast or faster.
    median = statistics.median_high(answered_at - asked_at for asked_at, answered_at in rows)
    return Counted(len(rows), median, rows[0].answered_at)


def keep(region_id: int, counted: Counted, now: datetime) -> None:
    """Keep the figures for the pages; they are worked out again a day after the oldest answer left the window."""
    seconds = None if counted.median is None else round(counted.median.total_seconds())
    row = {"region_id": region_id, "answers": counted.answers, "median_seconds": seconds, "counted_at": now}
    sql.insert_or_replace(AnswerSpeed, ("region_id",), [row])
    if counted.oldest_at is not None:
        # A day later, so that a busy region is counted once a day for this and not for each answer that leaves.
        leaves_at = counted.oldest_at + WINDOW + _DAY
        defer("speed", region_id, now, key=f"{region_id}:{leaves_at.date()}", at=leaves_at)


def usually_within(region_id: int) -> timedelta | None:
    """Whole hours, or from a day on whole days, within which at least half of all questions were answered.

    None where fewer than five were answered in the last 90 days: then nothing can be said.
    """
    found = db.session.get(AnswerSpeed, region_id)
    if found is None or found.median_seconds is None or found.answers < FEWEST:
        return None
    median = timedelta(seconds=found.median_seconds)
    unit = _DAY if median > 23 * _HOUR else _HOUR
    return max(1, -(-median // unit)) * unit

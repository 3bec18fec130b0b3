"""How soon people really hear, by region: worked out by a worker once a day in which somebody is told (kind "pace")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select

from app import clock, sql
from app.extensions import db
from app.models import Application, Attempt, Invitation, Opening, ReplySpeed
from app.queue import defer

FEWEST = 20
"""A figure from fewer people is not shown."""
LATELY = timedelta(days=182)
MOST = 1_000
DAY = timedelta(days=1)
# So that everybody who is told at once is in it.
SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class Counted:
    """The last people of a region who were told, and the days within which three of four of them were."""

    told: int
    days: int | None


def ask(region_id: int, now: datetime) -> None:
    """Somebody was told: count anew, once a day."""
    defer("pace", region_id, now, key=f"{region_id}:{now:%Y-%m-%d}", at=now + SOON)


def count(region_id: int) -> Counted:
    """From the last answer to the outcome, in whole days, over the newest thousand of the last half year."""
    last_answer = func.max(Attempt.final_at)
    rows = db.session.execute(
        select(Application.released_at, last_answer)
        .join(Opening, Opening.id == Application.opening_id)
        .join(Invitation, Invitation.application_id == Application.id)
        .join(Attempt, Attempt.invitation_id == Invitation.id)
        .where(Opening.region_id == region_id, Application.released_at > clock.now() - LATELY)
        .where(Attempt.final_at.is_not(None))
        .group_by(Application.id, Application.released_at)
        .order_by(Application.released_at.desc())
        .limit(MOST)
    )
    waits = sorted(ceil((told - answered) / DAY) for told, answered in rows if told and answered)
    return Counted(len(waits), max(1, waits[ceil(len(waits) * 0.75) - 1]) if waits else None)


def keep(region_id: int, counted: Counted, now: datetime) -> None:
    """Store the figures for the pages."""
    row = {"region_id": region_id, "told": counted.told, "days": counted.days, "counted_at": now}
    sql.insert_or_replace(ReplySpeed, ("region_id",), [row])


def most_hear_within(region_id: int) -> int | None:
    """The days within which most people of a region hear, from stored figures; None while too few were told."""
    found = db.session.get(ReplySpeed, region_id)
    return found.days if found is not None and found.told >= FEWEST else None

"""How many pieces of work ended how: counted in the transaction that ends them, read without counting rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from app import sql
from app.extensions import db
from app.models import Outcome, WorkTally

SLOTS = 8
KEPT_MINUTES = 65
KEY = ("minute", "kind", "outcome", "slot")


@dataclass(frozen=True)
class Tallied:
    """One kind of work and one way to end: ever, and in the last 5 and 60 minutes."""

    kind: str
    outcome: Outcome
    ever: int
    last_5: int
    last_60: int


def minute_of(now: datetime) -> int:
    """The minute since 1970 that a moment lies in."""
    return int(now.timestamp() // 60)


def add(outcome: Outcome, ended: Iterable[tuple[str, int]], now: datetime) -> None:
    """Count tries that ended like this, each as (kind, work id). Call it after the rows of `work` are changed."""
    counted: dict[tuple[str, int], int] = {}
    for kind, work_id in ended:
        place = (kind, work_id % SLOTS)
        counted[place] = counted.get(place, 0) + 1
    # In one order, so that two processes never wait for each other in a circle.
    for (kind, slot), number in sorted(counted.items()):
        _add(minute_of(now), kind, outcome, slot, number)


def _add(minute: int, kind: str, outcome: Outcome, slot: int, number: int) -> None:
    sql.insert_or_add(
        WorkTally, KEY, WorkTally.number, minute=minute, kind=kind, outcome=outcome, slot=slot, number=number
    )


def fold(now: datetime) -> None:
    """Add minutes that are over for an hour to minute 0, so that the table stays small. Safe to run several times."""
    old = (
        delete(WorkTally)
        .where(WorkTally.minute > 0, WorkTally.minute < minute_of(now) - KEPT_MINUTES)
        .returning(WorkTally.kind, WorkTally.outcome, WorkTally.slot, WorkTally.number)
        .execution_options(synchronize_session=False)
    )
    folded: dict[tuple[str, Outcome, int], int] = {}
    for kind, outcome, slot, number in db.session.execute(old):
        folded[kind, outcome, slot] = folded.get((kind, outcome, slot), 0) + number
    for (kind, outcome, slot), number in sorted(folded.items(), key=lambda item: (item[0][0], item[0][1].name)):
        _add(0, kind, outcome, slot, number)


def read(now: datetime) -> list[Tallied]:
    """What ended how, by kind. The minute that runs counts as one of the last 5 and 60."""
    this = minute_of(now)
    rows = db.session.execute(
        select(
            WorkTally.kind,
            WorkTally.outcome,
            func.sum(WorkTally.number),
            func.sum(WorkTally.number).filter(WorkTally.minute > this - 5),
            func.sum(WorkTally.number).filter(WorkTally.minute > this - 60),
        ).group_by(WorkTally.kind, WorkTally.outcome)
    )
    # PostgreSQL adds whole numbers up to a Decimal.
    return [Tallied(kind, outcome, *(int(number or 0) for number in numbers)) for kind, outcome, *numbers in rows]

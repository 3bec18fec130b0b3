"""How many, kept in the transaction that changes it, so that pages never count rows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from app import sql
from app.extensions import db
from app.models import Application, Counter, Opening, Reason

SUBMITTED, CHECKED, SCORED, DECIDED, RELEASED = "submitted", "checked", "scored", "decided", "released"
# Threads with a question that waits for an answer.
WAITING = "waiting"


def left(reason: Reason) -> str:
    """The name of the counter of those who left for this reason."""
    return f"left_{reason.name.lower()}"


def add(opening_id: int, name: str, change: int = 1) -> None:
    """Change a counter of an opening by a whole number."""
    sql.insert_or_add(Counter, ("opening_id", "name"), Counter.value, opening_id=opening_id, name=name, value=change)


def of(opening_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The counters of some openings, each as name → how many; a missing name means none."""
    found: dict[int, dict[str, int]] = {opening_id: {} for opening_id in opening_ids}
    for row in db.session.scalars(select(Counter).where(Counter.opening_id.in_(opening_ids))):
        found[row.opening_id][row.name] = row.value
    return found


def of_regions(region_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The counters of all openings of some regions added up, per region as name → how many."""
    found: dict[int, dict[str, int]] = {region_id: {} for region_id in region_ids}
    rows = db.session.execute(
        select(Opening.region_id, Counter.name, func.sum(Counter.value))
        .join(Opening, Opening.id == Counter.opening_id)
        .where(Opening.region_id.in_(region_ids))
        .group_by(Opening.region_id, Counter.name)
    )
    for region_id, name, value in rows:
        found[region_id][name] = int(value)
    return found


def recount_stages() -> dict[int, dict[str, int]]:
    """The stages counted from the rows: what the counters must equal. For checks, not for pages."""
    counted: dict[int, dict[str, int]] = {}
    rows = db.session.execute(
        select(Application.opening_id, Application.stage, func.count()).group_by(
            Application.opening_id, Application.stage
        )
    )
    for opening_id, stage, number in rows:
        counted.setdefault(opening_id, {})[stage.name] = number
    return counted

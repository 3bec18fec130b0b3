"""Telling the people of a region by mail that a question waits: at most once in a quarter of an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.extensions import db
from app.models import Duty, Region
from app.queue import defer
from app.services import inbox, mails, staff

QUARTER = timedelta(minutes=15)


def ask_for(region_id: int, now: datetime) -> None:
    """A question has come in: at the end of this quarter of an hour the region's people hear of it, with all others."""
    since_hour = timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    ends_at = now - since_hour % QUARTER + QUARTER
    defer("nudge", region_id, now, key=f"{region_id}:{ends_at:%Y%m%d%H%M}", at=ends_at)


def look(region_id: int) -> int:
    """How many threads of the region wait for an answer now."""
    return inbox.waiting(region_id).number


def tell(region_id: int, number: int, now: datetime) -> None:
    """Mail the region's recruiters and leads; where it has none, the administrators. Nobody, if nothing waits now."""
    region = db.session.get(Region, region_id)
    if not number or region is None:
        return
    readers = staff.holders(region, Duty.RECRUITER, Duty.LEAD) or staff.holders(None, Duty.ADMINISTRATOR)
    for reader in readers:
        mails.post("question", reader, now, region=region_id)

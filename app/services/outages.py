"""Time lost to our own outages is given back, once, and said so.

A web process says every few seconds that it takes requests and reaches the database (`beat`). A longer silence is an
outage, planned or not. Everybody whose time ran meanwhile gets its whole length; so does whoever had not started and
whose window ended in it or within a day after.

Why a minute of silence: a web process says it every 10 s, from a thread that may wait 15 s for SQLite's one writer, and
keeps silent while a request hangs, which ends after 25 s. So 50 s of silence may be none. And what is shorter than the
two minutes of grace makes nobody late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update

from app import sql
from app.extensions import db
from app.models import Attempt, Heartbeat, Invitation, Outage, OutageCredit
from app.queue import defer
from app.services import audit, deadlines
from app.services.work import Hopeless

EVERY = timedelta(seconds=10)
LONGEST_SILENCE = timedelta(seconds=60)
# Whoever had not started and has longer than this has lost nothing that they need.
SOON = timedelta(days=1)
# A web server that never says anything is not ours; nobody's answer waits longer than this for its word.
LONGEST_WAIT = timedelta(days=1)
ONLY = 1
CHUNK = 200


def beat(now: datetime) -> Outage | None:
    """Say that the web takes requests now; gives the outage that ends with this, if there was one."""
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.id == ONLY))
    if last is None:
        sql.insert_if_absent(Heartbeat, id=ONLY, beat_at=now)
        return None
    # Of several processes that come back at once, one touches the row and notes the outage.
    is_due = (Heartbeat.id == ONLY, Heartbeat.beat_at == last, Heartbeat.beat_at < now - EVERY)
    is_first = sql.changed(update(Heartbeat).where(*is_due).values(beat_at=now))
    if not is_first or now - last <= LONGEST_SILENCE:
        return None
    outage = Outage(began_at=last, ended_at=now)
    db.session.add(outage)
    db.session.flush()
    audit.record(audit.SYSTEM, "outage.note", "outage", outage.id, now, seconds=seconds(outage))
    defer("credit", outage.id, now, key=f"{outage.id}:0")
    return outage


def is_beat_due(now: datetime) -> bool:
    """Whether it is time to say so again; reads only."""
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.id == ONLY))
    return last is None or now - last > EVERY


def seconds(outage: Outage) -> int:
    """Its length, rounded up."""
    return math.ceil((outage.ended_at - outage.began_at).total_seconds())


def may_owe_time(ended_at: datetime, now: datetime) -> bool:
    """Whether an end may still move because of an outage: the web is silent, or somebody is still to be credited."""
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.id == ONLY))
    if last is None:
        return False
    is_silent = now - last > LONGEST_SILENCE and now - ended_at < LONGEST_WAIT
    return is_silent or bool(_unsettled())


def _unsettled() -> Sequence[Outage]:
    return db.session.scalars(select(Outage).where(Outage.settled_at.is_(None)).order_by(Outage.id)).all()


def owed(invitation: Invitation, attempt: Attempt | None) -> list[Outage]:
    """The outages whose time this person is still to get. Nearly always none; the credit run is seconds away."""
    return [
        outage
        for outage in _unsettled()
        if _hindered(outage, invitation, attempt) and not _is_credited(outage, invitation)
    ]


def _is_credited(outage: Outage, invitation: Invitation) -> bool:
    return db.session.get(OutageCredit, (invitation.id, outage.id)) is not None


def _hindered(outage: Outage, invitation: Invitation, attempt: Attempt | None) -> bool:
    if attempt is not None and attempt.started_at < outage.ended_at:
        return attempt.final_at is None and attempt.cutoff_at + deadlines.GRACE >= outage.began_at
    return outage.began_at <= deadlines.window_ends_at(invitation) <= outage.ended_at + SOON


def pay(invitation: Invitation, attempt: Attempt | None, now: datetime) -> None:
    """Give this person what is still owed, now: their answer is being judged by the clock."""
    due = owed(invitation, attempt)
    if due:
        attempt = deadlines.lock(invitation)
    for outage in due:
        _credit(outage, invitation, attempt, now)


def _credit(outage: Outage, invitation: Invitation, attempt: Attempt | None, now: datetime) -> None:
    """Add the outage's length to one person's time. The row is the proof: a second time adds nothing."""
    length = seconds(outage)
    new = sql.insert_if_absent(
        OutageCredit, invitation_id=invitation.id, outage_id=outage.id, seconds=length, credited_at=now
    )
    if not new:
        return
    invitation.lost_seconds += length
    if attempt is not None:
        if attempt.started_at < outage.ended_at:
            attempt.lost_seconds += length
        deadlines.move_later(attempt, now)


def told(invitation: Invitation) -> list[Outage]:
    """The outages whose time this person got, the newest first."""
    return list(
        db.session.scalars(
            select(Outage)
            .join(OutageCredit, OutageCredit.outage_id == Outage.id)
            .where(OutageCredit.invitation_id == invitation.id)
            .order_by(Outage.id.desc())
        )
    )


# --- work of kind "credit" ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Few:
    """The next invitations to look at, in the order of their ids."""

    invitation_ids: tuple[int, ...]
    is_last: bool


def next_few(outage_id: int) -> Few:
    """Whose time may have run in this outage, after those who were looked at."""
    outage = db.session.get(Outage, outage_id, populate_existing=True)
    if outage is None:
        raise Hopeless("The outage was deleted.")
    ran = exists(
        select(Attempt.id).where(
            Attempt.invitation_id == Invitation.id,
            Attempt.final_at.is_(None),
            Attempt.cutoff_at >= outage.began_at - deadlines.GRACE,
        )
    )
    # Windows that somebody made longer end later than this column says; they are looked at one by one.
    may_have_ended = or_(
        Invitation.closes_at.between(outage.began_at, outage.ended_at + SOON),
        Invitation.extra_minutes > 0,
        Invitation.lost_seconds > 0,
    )
    found = db.session.scalars(
        select(Invitation.id)
        .where(Invitation.id > outage.after, Invitation.opens_at < outage.ended_at, or_(ran, may_have_ended))
        .order_by(Invitation.id)
        .limit(CHUNK)
    ).all()
    return Few(tuple(found), len(found) < CHUNK)


def credit(outage_id: int, few: Few, now: datetime) -> None:
    """Give these people their time, and go on with the next; after the last the outage is settled."""
    outage = db.session.get_one(Outage, outage_id, populate_existing=True)
    for invitation_id in few.invitation_ids:
        _look_at(outage, invitation_id, now)
    outage.after = max(outage.after, *few.invitation_ids, 0)
    if few.is_last:
        outage.settled_at = outage.settled_at or now
    else:
        defer("credit", outage.id, now, key=f"{outage.id}:{outage.after}")


def _look_at(outage: Outage, invitation_id: int, now: datetime) -> None:
    invitation = db.session.get_one(Invitation, invitation_id)
    attempt = deadlines.lock(invitation)
    if _hindered(outage, invitation, attempt):
        _credit(outage, invitation, attempt, now)

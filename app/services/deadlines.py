"""Until when somebody can answer: one formula, which only ever moves the end later.

cutoff = min(start + timer x (1 + more per cent), window's end + extra minutes), and both terms grow by what was given
back for our own outages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Attempt, Invitation
from app.queue import defer

GRACE = timedelta(seconds=120)
"""After the end: accepted and flagged."""


def window_ends_at(invitation: Invitation) -> datetime:
    """The end of the window with everything that was added to it."""
    return invitation.closes_at + extra(invitation)


def extra(invitation: Invitation) -> timedelta:
    """What was added to the window: granted by a person, and given back for outages."""
    return timedelta(minutes=invitation.extra_minutes, seconds=invitation.lost_seconds)


def cutoff(invitation: Invitation, started_at: datetime, lost_seconds: int = 0) -> datetime:
    """The last instant that is on time for whoever started then; `lost_seconds` were given back since the start."""
    timer = invitation.application.opening.role.timer_minutes
    return clock.cutoff(
        # A timer that stood still for so long ends so much later.
        started_at=started_at + timedelta(seconds=lost_seconds),
        duration=None if timer is None else timedelta(minutes=timer),
        multiplier=1 + Fraction(invitation.more_percent, 100),
        window_end=invitation.closes_at,
        extra=extra(invitation),
    )


def lock(invitation: Invitation) -> Attempt | None:
    """Read the invitation and its attempt anew and hold both until the commit; gives the attempt.

    The attempt first, as handing in does: two that wait for each other would both be thrown out.
    """
    query = select(Attempt).where(Attempt.invitation_id == invitation.id).with_for_update()
    attempt = db.session.scalar(query, execution_options={"populate_existing": True})
    # Only its own row: PostgreSQL locks no row that an outer join may leave out.
    db.session.refresh(invitation, with_for_update={"of": Invitation})
    return attempt


def move_later(attempt: Attempt, now: datetime) -> bool:
    """Compute the end of a running attempt anew; True if it moved. It never moves earlier.

    The work that closes the attempt looks at the clock when it comes, so nothing is called off. Where it has come
    already (there was nothing to hand in), it is asked for again.
    """
    ends_at = cutoff(attempt.invitation, attempt.started_at, attempt.lost_seconds)
    if attempt.final_at is not None or ends_at <= attempt.cutoff_at:
        return False
    if attempt.cutoff_at + GRACE <= now < ends_at + GRACE:
        defer("close", attempt.id, now, key=f"{attempt.id}:{ends_at.isoformat()}", at=ends_at + GRACE)
    attempt.cutoff_at = ends_at
    return True

"""The invariants of time: it is given back once, to everybody whom an outage hindered, and never past the window."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.models import Attempt, Invitation
from app.services.invariants import Invariant


def _ends_after_its_window(row: Row[Any]) -> bool:
    added = timedelta(minutes=row.extra_minutes, seconds=row.lost_seconds)
    return bool(row.cutoff_at > row.closes_at + added)


TIMES = (
    Invariant(
        "time_is_given_back_once",
        "The time that an invitation got back is that of its credits, one for each outage.",
        "invitation",
        "SELECT i.id FROM invitation i WHERE i.id BETWEEN :low AND :high AND i.lost_seconds <> "
        "COALESCE((SELECT sum(c.seconds) FROM outage_credit c WHERE c.invitation_id = i.id), 0)",
    ),
    Invariant(
        "attempt_got_no_more_than_its_invitation",
        "An attempt got back no more time than its invitation.",
        "attempt",
        "SELECT a.id FROM attempt a JOIN invitation i ON i.id = a.invitation_id WHERE a.id BETWEEN :low AND :high "
        "AND a.lost_seconds > i.lost_seconds",
    ),
    # Whoever was given more time afterwards may have had none left when the outage came.
    Invariant(
        "outage_was_given_back",
        "Everybody who was at work when a settled outage began has its time.",
        "attempt",
        "SELECT a.id FROM attempt a JOIN invitation i ON i.id = a.invitation_id WHERE a.id BETWEEN :low AND :high "
        "AND i.extra_minutes = 0 AND i.more_percent = 0 AND EXISTS (SELECT 1 FROM outage o "
        "WHERE o.settled_at IS NOT NULL AND a.started_at < o.began_at AND a.cutoff_at >= o.began_at "
        "AND (a.final_at IS NULL OR a.final_at > o.settled_at) AND NOT EXISTS (SELECT 1 FROM outage_credit c "
        "WHERE c.invitation_id = i.id AND c.outage_id = o.id))",
    ),
    Invariant(
        "outage_has_its_credit_run",
        "Every outage that is not settled has the work that settles it.",
        "outage",
        "SELECT o.id FROM outage o WHERE o.id BETWEEN :low AND :high AND o.settled_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'credit:' || o.id || ':' || o.after)",
    ),
    Invariant(
        "attempt_ends_within_its_window",
        "Nobody's time ends after their window with everything that was added to it.",
        "attempt",
        "SELECT a.id, a.cutoff_at, i.closes_at, i.extra_minutes, i.lost_seconds FROM attempt a "
        "JOIN invitation i ON i.id = a.invitation_id WHERE a.id BETWEEN :low AND :high ORDER BY a.id",
        breaks=_ends_after_its_window,
        types={"cutoff_at": Attempt.cutoff_at.type, "closes_at": Invitation.closes_at.type},
    ),
)

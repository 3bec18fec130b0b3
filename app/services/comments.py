"""What the team adds for the candidate to the outcome, by hand. Written before the release, seen only after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from app import sql
from app.extensions import db
from app.models import Application, OutcomeComment
from app.refusals import NotFound, Refused
from app.services import audit, invitations
from app.services.audit import Actor

WHOLE = ""
"""The comment on the application as a whole; others are on one challenge, by its slug."""


def of(application_id: int) -> dict[str, str]:
    """The comments of an application, by slug. Only for the team before the release."""
    rows = db.session.scalars(select(OutcomeComment).where(OutcomeComment.application_id == application_id))
    return {row.slug: row.text for row in rows}


def write(application: Application, slug: str, text: str, by: int, now: datetime) -> None:
    """Add or replace a comment; an empty one takes it away. Refused once the candidate was told."""
    if application.released_at is not None:
        raise Refused("The candidate has been told already; what they read does not change any more.")
    known = {entry.challenge_version.slug for entry in invitations.of(application)} | {WHOLE}
    if slug not in known:
        raise NotFound
    actor, words = Actor.user(by), text.strip()
    if not words:
        mine = OutcomeComment.application_id == application.id
        db.session.execute(delete(OutcomeComment).where(mine, OutcomeComment.slug == slug))
        audit.record(actor, "comment.remove", "application", application.id, now, about=slug)
        return
    row = {"application_id": application.id, "slug": slug, "text": words, "written_at": now}
    sql.insert_or_replace(OutcomeComment, ("application_id", "slug"), [row])
    audit.record(actor, "comment.write", "application", application.id, now, about=slug)

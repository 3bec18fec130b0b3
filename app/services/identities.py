"""Who has seen which person: they are never given that person's unread answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app import sql
from app.extensions import db
from app.models import Application, IdentitySeen
from app.services import assignments


def unseen(application_ids: Collection[int], user_id: int) -> list[int]:
    """Those of these applications of which this member of staff has not seen the person yet."""
    seen = select(IdentitySeen.application_id).where(
        IdentitySeen.user_id == user_id, IdentitySeen.application_id.in_(application_ids)
    )
    return sorted(set(application_ids) - set(db.session.scalars(seen)))


def note_identities_seen(application_ids: Collection[int], user_id: int, now: datetime) -> None:
    """As `note_identity_seen`, for a page of applications. Those noted before keep their moment."""
    rows = [{"application_id": entry, "user_id": user_id, "seen_at": now} for entry in application_ids]
    sql.insert_absent(IdentitySeen, rows)
    assignments.hand_on_of(application_ids, user_id, now)


def ids_of(candidate_ids: Collection[int]) -> list[int]:
    """The applications of some candidates."""
    return list(db.session.scalars(select(Application.id).where(Application.candidate_id.in_(candidate_ids))))


def note_identity_seen(application: Application, user_id: int, now: datetime) -> None:
    """Remember that this member of staff has seen the person. What they had to read of it, somebody else will read."""
    sql.insert_if_absent(IdentitySeen, application_id=application.id, user_id=user_id, seen_at=now)
    assignments.hand_on_of([application.id], user_id, now)

"""The audit trail: who did what to what, in the transaction of the act."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import sql
from app.extensions import db
from app.models import AuditEvent, AuditSeal, Candidate, User

SEALED_AT_ONCE = 500
# No request or job lives longer, so an id that is still missing then was rolled back.
LONGEST_TRANSACTION = timedelta(seconds=60)
FIRST_LINK = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, a candidate, or the system itself."""

    kind: str
    id: int | None = None

    @classmethod
    def user(cls, user_id: int) -> Actor:
        """A member of staff."""
        return cls("user", user_id)

    @classmethod
    def candidate(cls, candidate_id: int) -> Actor:
        """A candidate."""
        return cls("candidate", candidate_id)


SYSTEM = Actor("system")


def record(actor: Actor, action: str, subject_kind: str, subject_id: int, now: datetime, **detail: int | str) -> None:
    """Write one event. `detail` holds ids and codes only, never what a person wrote or is called."""
    db.session.add(
        AuditEvent(
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )


def trail(before_id: int | None = None, limit: int = 50) -> list[AuditEvent]:
    """One page of the audit trail, the newest first."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuditEvent.id < before_id)
    return list(db.session.scalars(query))


def names(events: Sequence[AuditEvent]) -> dict[Actor, str]:
    """Who the actors of these events are called now; those who were erased are missing."""
    found: dict[Actor, str] = {}
    for kind, model in (("user", User), ("candidate", Candidate)):
        ids = {event.actor_id for event in events if event.actor_kind == kind and event.actor_id is not None}
        if ids:
            rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            found |= {Actor(kind, row_id): name for row_id, name in rows}
    return found


def link(previous: str, event: AuditEvent) -> str:
    """One link of the chain: SHA-256 of the previous link and the event's canonical JSON."""
    content: dict[str, Any] = {
        "id": event.id,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": [event.actor_kind, event.actor_id],
        "action": event.action,
        "subject": [event.subject_kind, event.subject_id],
        "detail": event.detail,
    }
    text = previous + json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(now: datetime) -> int:
    """Chain the oldest events that are not chained yet; returns how many. Safe to run several times at once.

    500 at most in one transaction, however many wait: on SQLite everybody who writes waits for it.

    Two sealers compute the same links, and the primary key lets one of them write each. An id that is missing may
    belong to a transaction that has not ended yet: the sealer waits for it, for a minute at most.
    """
    last = db.session.scalars(select(AuditSeal).order_by(AuditSeal.event_id.desc()).limit(1)).first()
    events = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id > (last.event_id if last else 0))
        .order_by(AuditEvent.id)
        .limit(SEALED_AT_ONCE)
    ).all()
    before, chain = (last.event_id, last.chain) if last else (0, FIRST_LINK)
    links: list[dict[str, int | str]] = []
    for event in events:
        if event.id > before + 1 and now - event.at < LONGEST_TRANSACTION:
            break
        before, chain = event.id, link(chain, event)
        links.append({"event_id": event.id, "chain": chain})
    sql.insert_absent_ids(AuditSeal, links, AuditSeal.event_id)
    return len(links)

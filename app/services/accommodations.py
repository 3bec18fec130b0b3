"""Extra time and other adjustments: asked by the candidate, answered by a recruiter of the region.

A request says which adjustment, never which condition. Nothing about it is ever part of what a reviewer gets.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from app import sql, tokens
from app.extensions import db
from app.models import (
    Accommodation,
    AccommodationState,
    Adjustment,
    Application,
    Attempt,
    Invitation,
    Region,
    Stage,
)
from app.refusals import Refused, Withdrawn
from app.services import audit, deadlines, invitations, mails
from app.services.audit import Actor

# Per cent more that a form offers.
OFFERED = (25, 50, 100)
MOST_PERCENT = 300
MOST_MINUTES = 60 * 24 * 60
LONGEST_WORDS = 1_000


class AskedAlready(Refused):
    """There is a request that nobody has answered yet."""

    code = "asked_already"


class AnsweredAlready(Refused):
    """A colleague was first."""

    code = "answered_already"


class NothingGranted(Refused):
    """Granting more time without saying how much."""

    status = 422
    code = "nothing_granted"


def ask(
    application: Application, kind: Adjustment, wished_percent: int | None, words: str, now: datetime
) -> Accommodation:
    """Ask for an adjustment; refused while an earlier request is unanswered, and after withdrawing."""
    if application.stage is Stage.WITHDRAWN:
        raise Withdrawn("You have withdrawn from this job, so nothing more is asked of you.")
    code = tokens.code(10)
    new = sql.insert_if_absent(
        Accommodation,
        code=code,
        application_id=application.id,
        region_id=application.opening.region_id,
        kind=kind,
        wished_percent=wished_percent if kind is Adjustment.MORE_TIME else None,
        words=words,
        state=AccommodationState.ASKED,
        asked_at=now,
        more_percent=0,
        extra_minutes=0,
        answer="",
    )
    if not new:
        raise AskedAlready("You have asked before, and the answer is on its way.")
    asked = db.session.scalars(select(Accommodation).where(Accommodation.code == code)).one()
    actor = Actor.candidate(application.candidate_id)
    audit.record(actor, "accommodation.ask", "accommodation", asked.id, now, kind=kind.name)
    return asked


def of(application: Application) -> list[Accommodation]:
    """What this person has asked for, the newest first."""
    return list(
        db.session.scalars(
            select(Accommodation)
            .where(Accommodation.application_id == application.id)
            .order_by(Accommodation.id.desc())
        )
    )


def by_code(code: str) -> Accommodation | None:
    """The request with this code."""
    return db.session.scalar(select(Accommodation).where(Accommodation.code == code))


def waiting(region_ids: Collection[int]) -> dict[int, int]:
    """How many requests nobody has answered yet, by region."""
    rows = db.session.execute(
        select(Accommodation.region_id, func.count())
        .where(Accommodation.region_id.in_(region_ids), Accommodation.answered_at.is_(None))
        .group_by(Accommodation.region_id)
    )
    numbers = dict.fromkeys(region_ids, 0)
    for region_id, number in rows:
        numbers[region_id] = number
    return numbers


def unanswered(region: Region, after_id: int | None = None, limit: int = 50) -> list[Accommodation]:
    """One page of the requests that wait for an answer, the oldest first."""
    query = _whole().where(Accommodation.region_id == region.id, Accommodation.answered_at.is_(None))
    query = query.where(Accommodation.id > (after_id or 0)).order_by(Accommodation.id)
    return list(db.session.scalars(query.limit(limit)))


def answered(region: Region, before_id: int | None = None, limit: int = 50) -> list[Accommodation]:
    """One page of the requests that were answered, the newest first."""
    query = _whole().where(Accommodation.region_id == region.id, Accommodation.answered_at.is_not(None))
    if before_id is not None:
        query = query.where(Accommodation.id < before_id)
    return list(db.session.scalars(query.order_by(Accommodation.id.desc()).limit(limit)))


def _whole() -> Select[Accommodation]:
    application = joinedload(Accommodation.application)
    return select(Accommodation).options(
        application.joinedload(Application.candidate), application.joinedload(Application.opening)
    )


def ends(application_ids: Collection[int]) -> dict[int, list[datetime]]:
    """When the challenges of these applications end that are not handed in for good, in one query."""
    rows = db.session.execute(
        select(Invitation, Attempt)
        .outerjoin(Attempt, Attempt.invitation_id == Invitation.id)
        .where(Invitation.application_id.in_(application_ids))
        .order_by(Invitation.id)
    )
    found: dict[int, list[datetime]] = {application_id: [] for application_id in application_ids}
    for invitation, attempt in rows:
        if attempt is None or attempt.final_at is None:
            ends_at = attempt.cutoff_at if attempt else deadlines.window_ends_at(invitation)
            found[invitation.application_id].append(ends_at)
    return found


def grant(asked: Accommodation, more_percent: int, extra_minutes: int, answer: str, by: Actor, now: datetime) -> None:
    """Grant it: a personal timer longer by so many per cent, the window by so many minutes.

    `answer` is for the candidate. Both numbers are added to what was granted before; running attempts end later at
    once. More time without any is refused.
    """
    if asked.kind is Adjustment.MORE_TIME and not (more_percent or extra_minutes):
        raise NothingGranted("Say how much more time this person gets.")
    _answer(asked, AccommodationState.GRANTED, answer, by, now, more_percent=more_percent, extra_minutes=extra_minutes)
    for invitation in invitations.of(asked.application):
        _lengthen(invitation, more_percent, extra_minutes, now)


def decline(asked: Accommodation, answer: str, by: Actor, now: datetime) -> None:
    """Say no, with a sentence that the candidate reads."""
    _answer(asked, AccommodationState.DECLINED, answer, by, now)


def end(application_ids: Select[int], now: datetime) -> None:
    """Close what nobody has answered, without a word: the data of these applications' person is deleted."""
    db.session.execute(
        update(Accommodation)
        .where(Accommodation.application_id.in_(application_ids), Accommodation.state == AccommodationState.ASKED)
        .values(state=AccommodationState.DECLINED, answered_at=now)
        .execution_options(synchronize_session=False)
    )


def _answer(
    asked: Accommodation, state: AccommodationState, answer: str, by: Actor, now: datetime, **granted: int
) -> None:
    answered = sql.changed(
        update(Accommodation)
        .where(Accommodation.id == asked.id, Accommodation.state == AccommodationState.ASKED)
        .values(state=state, answer=answer, answered_by_id=by.id, answered_at=now, **granted)
    )
    if not answered:
        raise AnsweredAlready("A colleague has answered this request in the meantime.")
    db.session.refresh(asked)
    audit.record(by, f"accommodation.{state.value}", "accommodation", asked.id, now, **granted)
    mails.post("adjustment", asked.application.candidate, now, application=asked.application_id, accommodation=asked.id)


def _lengthen(invitation: Invitation, more_percent: int, extra_minutes: int, now: datetime) -> None:
    attempt = deadlines.lock(invitation)
    invitation.more_percent += more_percent
    invitation.extra_minutes += extra_minutes
    if attempt is not None:
        deadlines.move_later(attempt, now)

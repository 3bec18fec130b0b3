"""A second review: asked for by the candidate after a no near the line, read by somebody new, settled by a person.

ASKED → READ → CONFIRMED | CHANGED, and ENDED when the person deletes their data before. One per application, ever. The
new reading counts beside the others in the ordinary score run; nobody's level is taken away.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select, update

from app import clock, sql
from app.extensions import db
from app.models import (
    Appeal,
    AppealState,
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    Invitation,
    Role,
    Score,
    Stage,
    Standing,
)
from app.queue import defer
from app.refusals import Refused
from app.services import audit, decisions, mails
from app.services.audit import Actor

OPEN = (AppealState.ASKED, AppealState.READ)
MOST_POINTS, MOST_DAYS = 50, 60


@dataclass(frozen=True)
class Course:
    """How a second review goes, for the manager: the scores before and now (0 to 1), and whether somebody reads."""

    appeal: Appeal
    before: Fraction | None
    after: Fraction | None
    has_reader: bool
    is_scored: bool


def allow(role: Role, points: int | None, days: int, by: int, now: datetime) -> None:
    """Set whether people may ask for a second review: within so many points of the line, for so many days. None: no."""
    if points is not None and not 1 <= points <= MOST_POINTS:
        raise Refused("A second review can be allowed within 1 to 50 points of the line.")
    if not 1 <= days <= MOST_DAYS:
        raise Refused("People can have between 1 and 60 days to ask.")
    if points is not None and role.line_percent is None:
        raise Refused("Draw the shortlist line first: a second review is for people near it.")
    role.appeal_points, role.appeal_days = points, days
    audit.record(Actor.user(by), "role.allow_appeals", "role", role.id, now, points=points or 0, days=days)


def of(application: Application) -> Appeal | None:
    """The second review of an application, if there ever was one."""
    return db.session.get(Appeal, application.id)


def offered_until(application: Application, now: datetime) -> datetime | None:
    """Until when this person may ask for a second review; None where they may not, or did already."""
    role, released_at = application.opening.role, application.released_at
    if role.appeal_points is None or role.line_percent is None or released_at is None:
        return None
    until = clock.add_days(released_at, role.appeal_days, application.candidate.zone)
    if now >= until or application.stage is not Stage.NOT_SELECTED or of(application) is not None:
        return None
    standing = db.session.get(Standing, application.id)
    if standing is None or standing.has_open_third:
        return None
    score = _exact(db.session.get_one(Score, standing.score_id))
    is_near = score is not None and abs(score * 100 - role.line_percent) <= role.appeal_points
    return until if is_near else None


def ask(application: Application, now: datetime) -> Appeal:
    """Ask for a second review of everything that was handed in. Asking twice is asking once."""
    if (before := of(application)) is not None:
        return before
    if offered_until(application, now) is None:
        raise Refused("A second review cannot be asked for here, or not any more.")
    region = application.opening.region
    new = sql.insert_if_absent(
        Appeal,
        application_id=application.id,
        opening_id=application.opening_id,
        state=AppealState.ASKED,
        asked_at=now,
        reply_by=clock.add_days(now, region.reply_days, region.zone),
        score_id=db.session.get_one(Standing, application.id).score_id,
    )
    if new:
        for attempt_id in _final_attempts(application.id):
            defer("third", attempt_id, now, key=f"{attempt_id}:appeal")
        audit.record(Actor.candidate(application.candidate_id), "appeal.ask", "application", application.id, now)
    return db.session.get_one(Appeal, application.id)


def _final_attempts(application_id: int) -> list[int]:
    query = select(Attempt.id).join(Invitation).where(Invitation.application_id == application_id)
    return list(db.session.scalars(query.where(Attempt.final_at.is_not(None)).order_by(Attempt.id)))


def note_read(application: Application, now: datetime) -> None:
    """A reading for a second review was saved; the last of them lets a person decide."""
    attempts = _final_attempts(application.id)
    if _count(attempts, AssignmentState.RATED) == len(attempts):
        sql.changed(
            update(Appeal)
            .where(Appeal.application_id == application.id, Appeal.state == AppealState.ASKED)
            .values(state=AppealState.READ, read_at=now)
        )


def _count(attempt_ids: Collection[int], *states: AssignmentState) -> int:
    query = select(func.count()).select_from(Assignment)
    mine = query.where(Assignment.attempt_id.in_(attempt_ids), Assignment.is_appeal.is_(True))
    return db.session.scalar(mine.where(Assignment.state.in_(states))) or 0


def course(application: Application) -> Course | None:
    """How the second review of an application goes, or None where there is none."""
    appeal = of(application)
    if appeal is None:
        return None
    attempts = _final_attempts(application.id)
    held = _count(attempts, AssignmentState.OFFERED, AssignmentState.CLAIMED, AssignmentState.RATED)
    before = db.session.get(Score, appeal.score_id) if appeal.score_id else None
    standing = db.session.get(Standing, application.id)
    after = db.session.get(Score, standing.score_id) if standing else None
    return Course(
        appeal=appeal,
        before=_exact(before) if before else None,
        after=_exact(after) if after else None,
        has_reader=held >= len(attempts),
        is_scored=after is not None and after.ratings_revision == application.ratings_revision,
    )


def settle(application: Application, stage: Stage, reason: str, by: int, now: datetime) -> None:
    """Decide after the second review: the decision stays, or becomes another one. The candidate is told at once."""
    if stage not in decisions.OUTCOMES:
        raise Refused("A decision is either to shortlist or not to select.")
    if not reason.strip():
        raise Refused("Please give the reason; it is kept with the decision and never shown to the candidate.")
    found = course(application)
    if found is None or found.appeal.state is not AppealState.READ:
        raise Refused("There is no second review here that waits for a decision.")
    if not found.is_scored:
        raise Refused("The new score is being computed. Please look again in a moment.")
    changes = stage is not Stage.NOT_SELECTED
    settled = sql.changed(
        update(Appeal)
        .where(Appeal.application_id == application.id, Appeal.state == AppealState.READ)
        .values(state=AppealState.CHANGED if changes else AppealState.CONFIRMED, settled_at=now)
    )
    if not settled:
        raise Refused("Somebody else has just decided this. Please look again.")
    db.session.refresh(found.appeal)
    decisions.decide_anew(application, stage, reason, by, now)
    audit.record(Actor.user(by), "appeal.settle", "application", application.id, now, stage=stage.name)
    mails.post("second_review", application.candidate, now, application=application.id)


def end(application_id: int, now: datetime) -> None:
    """The person is gone: nothing is decided any more."""
    sql.changed(
        update(Appeal)
        .where(Appeal.application_id == application_id, Appeal.state.in_(OPEN))
        .values(state=AppealState.ENDED, settled_at=now)
    )


def open_in(opening_id: int, limit: int = 50) -> list[tuple[Appeal, str]]:
    """The second reviews of an opening that are not settled, each with the application's code, the oldest first."""
    query = (
        select(Appeal, Application.code)
        .join(Application, Application.id == Appeal.application_id)
        # In these words, so that a planner sees that the partial index fits.
        .where(Appeal.opening_id == opening_id, sql.is_one_of(Appeal.state, *OPEN))
        .order_by(Appeal.asked_at, Appeal.application_id)
        .limit(limit)
    )
    return [(appeal, code) for appeal, code in db.session.execute(query)]


def _exact(score: Score) -> Fraction | None:
    if score.numerator is None or score.denominator is None:
        return None
    return Fraction(score.numerator, score.denominator)

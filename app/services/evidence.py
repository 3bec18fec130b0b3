"""What scores are computed from: the readings of whole applications, read for many of them with few queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.models import Application, Assignment, AssignmentState, Attempt, Invitation, Moderation, Opening, Rating

Levels = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Questioned:
    """A third review that was opened: the criteria it is about (none: only the line lay between), and if it is over."""

    criteria: tuple[str, ...]
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One challenge of an application: what each reader gave. `attempt_id` is None while it was not started."""

    challenge_version_id: int
    attempt_id: int | None
    first: tuple[Levels, ...]
    third: Levels | None
    # Readings for a second review that the candidate asked for: they count beside the others.
    again: tuple[Levels, ...]
    questioned: Questioned | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that an application's score follows from, but for the weights and the line of its role."""

    application_id: int
    opening_id: int
    role_id: int
    ratings_revision: int
    answers: tuple[Answer, ...]


def gather(application_ids: Collection[int]) -> list[Evidence]:
    """The evidence of these applications in the order of their ids. Those that were deleted are missing."""
    rows = db.session.execute(
        select(Application.id, Application.opening_id, Opening.role_id, Application.ratings_revision)
        .join(Opening, Opening.id == Application.opening_id)
        .where(Application.id.in_(application_ids))
        .order_by(Application.id)
    ).all()
    answers = _answers(application_ids)
    return [Evidence(*row, answers=tuple(answers.get(row[0], ()))) for row in rows]


def _answers(application_ids: Collection[int]) -> dict[int, list[Answer]]:
    """The challenges of each application in the order in which they were given."""
    rows = db.session.execute(
        select(
            Invitation.application_id,
            Invitation.challenge_version_id,
            Attempt.id,
            Moderation.attempt_id.is_not(None),
            Moderation.criteria,
            Moderation.settled_at.is_not(None),
        )
        .select_from(Invitation)
        .outerjoin(Attempt, Attempt.invitation_id == Invitation.id)
        .outerjoin(Moderation, Moderation.attempt_id == Attempt.id)
        .where(Invitation.application_id.in_(application_ids))
        .order_by(Invitation.id)
    ).all()
    first, third, again = _levels([row[2] for row in rows if row[2] is not None])
    found: dict[int, list[Answer]] = {}
    for application_id, version_id, attempt_id, has_review, criteria, is_settled in rows:
        answer = Answer(
            challenge_version_id=version_id,
            attempt_id=attempt_id,
            first=tuple(first.get(attempt_id, {}).values()),
            third=next(iter(third.get(attempt_id, {}).values()), None),
            again=tuple(again.get(attempt_id, {}).values()),
            questioned=Questioned(tuple(criteria), is_settled) if has_review else None,
        )
        found.setdefault(application_id, []).append(answer)
    return found


Readings = dict[int, dict[int, dict[str, int | None]]]


def _levels(attempt_ids: Collection[int]) -> tuple[Readings, Readings, Readings]:
    """What was given in readings that are done: attempt → reading → levels: first, third and second-review readings."""
    rows = db.session.execute(
        select(
            Assignment.attempt_id,
            Assignment.id,
            Assignment.is_third,
            Assignment.is_appeal,
            Rating.criterion,
            Rating.level,
        )
        .join(Rating, (Rating.assignment_id == Assignment.id) & (Rating.version == Assignment.version))
        .where(Assignment.attempt_id.in_(attempt_ids), Assignment.state == AssignmentState.RATED)
        .order_by(Assignment.id, Rating.id)
    )
    first: Readings = {}
    third: Readings = {}
    again: Readings = {}
    for attempt_id, reading_id, is_third, is_appeal, criterion, level in rows:
        readings = again if is_appeal else third if is_third else first
        readings.setdefault(attempt_id, {}).setdefault(reading_id, {})[criterion] = level
    return first, third, again

"""Ratings: what each reader gave, kept in versions. The last reading of an answer asks for its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app import sql
from app.extensions import db
from app.models import (
    Application,
    Assignment,
    AssignmentState,
    Rating,
)
from app.queue import defer
from app.refusals import LeaseLost, Refused
from app.services import appeals, assignments, audit, roles
from app.services.audit import Actor

Levels = Mapping[str, int | None]


class Incomplete(Refused):
    """A criterion has no level yet."""

    status = 422
    code = "incomplete"


@dataclass(frozen=True)
class Reading:
    """What one grader gave for one answer."""

    grader_id: int
    is_third: bool
    levels: dict[str, int | None]
    comments: dict[str, str]
    # Of the second review that the candidate asked for.
    is_appeal: bool = False


def criteria_of(assignment: Assignment) -> dict[str, int]:
    """The criteria and weights that this reading is asked for, in rubric order."""
    application = assignments.application_of(assignment)
    rubric = roles.rubric_in_force(application.opening.role_id)
    version_id = assignment.attempt.invitation.challenge_version_id
    weights: dict[str, int] = rubric.weights[str(version_id)]["criteria"]
    return weights


def record(assignment: Assignment, grader_id: int, levels: Levels, comments: Mapping[str, str], now: datetime) -> None:
    """Keep a grader's levels (None: cannot judge) and comments. The last reading asks for the score.

    Incomplete while a criterion has no entry; LeaseLost if the answer is not theirs to rate any more.
    """
    application = assignments.application_of(assignment)
    roles.hold_weights([application.opening.role_id])
    criteria = criteria_of(assignment)
    if set(levels) != set(criteria):
        raise Incomplete("Please choose a level, or “cannot judge”, for every criterion. What you chose is kept.")
    if any(level not in (None, 0, 1, 2, 3) for level in levels.values()):
        raise Incomplete("A level is one of 0, 1, 2, 3, or “cannot judge”.")
    version = _keep(assignment, grader_id, levels, comments, now)
    audit.record(Actor.user(grader_id), "rating.record", "assignment", assignment.id, now, version=version)
    if assignment.is_appeal:
        appeals.note_read(application, now)
    revision = _next_revision(application)
    if _is_read(assignment.attempt_id, application.opening.role.readers):
        ask_for_score(application, revision, now)


def _keep(assignment: Assignment, grader_id: int, levels: Levels, comments: Mapping[str, str], now: datetime) -> int:
    """Write the next version of a reading's ratings and give its number, unless somebody was first."""
    version = assignment.version + 1
    taken = sql.changed(
        update(Assignment)
        .where(
            Assignment.id == assignment.id,
            Assignment.grader_id == grader_id,
            Assignment.version == assignment.version,
            Assignment.state.in_(assignments.WAITING),
        )
        .values(state=AssignmentState.RATED, rated_at=now, lease_until=None, version=version)
    )
    if not taken:
        raise LeaseLost("This reading was saved in another window a moment ago; that one stands.")
    db.session.refresh(assignment)
    for criterion, level in levels.items():
        comment = (comments.get(criterion) or "").strip() or None
        db.session.add(
            Rating(
                assignment_id=assignment.id,
                version=version,
                criterion=criterion,
                level=level,
                comment=comment,
                rated_at=now,
            )
        )
    db.session.flush()
    return version


def _next_revision(application: Application) -> int:
    revised = (
        update(Application)
        .where(Application.id == application.id)
        .values(ratings_revision=Application.ratings_revision + 1)
        .returning(Application.ratings_revision)
        .execution_options(synchronize_session=False)
    )
    application.ratings_revision = db.session.execute(revised).scalar_one()
    return application.ratings_revision


def _is_read(attempt_id: int, readers: int) -> bool:
    """Whether every reading is done that the role asks for; one that was handed on still needs its new reader."""
    entries = assignments.of_attempt(attempt_id)
    first = [entry for entry in entries if not entry.is_third]
    return len(first) >= readers and all(entry.state is AssignmentState.RATED for entry in entries)


def ask_for_score(application: Application, revision: int, now: datetime) -> None:
    """Queue the score run for these ratings under the rubric in force; asking twice is asking once."""
    rubric = roles.rubric_in_force(application.opening.role_id)
    defer("score", application.id, now, key=f"{application.id}:{rubric.id}:{revision}")


def readings(attempt_id: int) -> list[Reading]:
    """The readings of an answer that are done, the third last."""
    done = [entry for entry in assignments.of_attempt(attempt_id) if entry.state is AssignmentState.RATED]
    by_id: dict[int, Reading] = {
        entry.id: Reading(entry.grader_id, entry.is_third, {}, {}, entry.is_appeal) for entry in done
    }
    rows = db.session.scalars(
        select(Rating)
        .join(Assignment)
        .where(Rating.assignment_id.in_(by_id), Rating.version == Assignment.version)
        .order_by(Rating.id)
    )
    for row in rows:
        reading = by_id[row.assignment_id]
        reading.levels[row.criterion] = row.level
        if row.comment:
            reading.comments[row.criterion] = row.comment
    return list(by_id.values())


def reading(assignment: Assignment) -> Reading:
    """What one grader gave for one answer, as it stands."""
    rows = db.session.scalars(
        select(Rating)
        .where(Rating.assignment_id == assignment.id, Rating.version == assignment.version)
        .order_by(Rating.id)
    ).all()
    return Reading(
        grader_id=assignment.grader_id,
        is_third=assignment.is_third,
        levels={row.criterion: row.level for row in rows},
        comments={row.criterion: row.comment for row in rows if row.comment},
        is_appeal=assignment.is_appeal,
    )

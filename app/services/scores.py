"""Scores: computed from ratings as they stand and a frozen rubric version, never typed in (work of kind "score")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select, update

from app import sql
from app.extensions import db
from app.models import Application, Attempt, Moderation, RubricVersion, Score, Standing
from app.queue import defer
from app.services import counters, invitations, roles, submissions
from app.services.ratings import readings
from app.services.work import Hopeless
from grading import agreement, scoring

# Scores are sorted as whole billionths: finer than any two different fractions of levels and weights can be.
BILLION = 1_000_000_000


@dataclass
class Computed:
    """The result of a score run, before it is written."""

    rubric_version_id: int
    ratings_revision: int
    score: Fraction | None
    detail: dict[str, Any]
    readers: int
    # Attempt id → the disagreement that opens a third review.
    disagreements: dict[int, agreement.Disagreement] = field(default_factory=dict)
    # Attempt id → the third reader's levels on the criteria in question.
    settled: dict[int, dict[str, int | None]] = field(default_factory=dict)
    is_open: bool = False


def compute(application_id: int) -> Computed:
    """The score that follows from the ratings as they stand, under the rubric in force. Writes nothing."""
    application = db.session.get(Application, application_id)
    if application is None:
        raise Hopeless("The application was deleted.")
    role = application.opening.role
    rubric = roles.rubric_in_force(role.id)
    computed = Computed(rubric.id, application.ratings_revision, None, {}, 0)
    challenges: dict[str, Fraction | None] = {}
    for invitation in invitations.of(application):
        key = str(invitation.challenge_version_id)
        weights = rubric.weights[key]["criteria"]
        attempt = submissions.attempt_of(invitation)
        challenges[key] = _challenge(computed, key, attempt, weights, roles.line(role))
    computed.score = scoring.application_score(_role_weights(rubric), challenges, tuple(challenges))
    return computed


def _role_weights(rubric: RubricVersion) -> dict[str, int]:
    return {key: entry["weight"] for key, entry in rubric.weights.items()}


def _challenge(
    computed: Computed, key: str, attempt: Attempt | None, weights: Mapping[str, int], line: Fraction | None
) -> Fraction | None:
    """One challenge's score; notes the disagreement or the settled levels in `computed`."""
    if attempt is None:
        computed.detail[key] = {"score": None, "criteria": {}}
        return None
    done = readings(attempt.id)
    first = [reading for reading in done if not reading.is_third]
    third = next((reading for reading in done if reading.is_third), None)
    settled: dict[str, int | None] = {}
    disagreement = agreement.needs_third([reading.levels for reading in first], weights, line)
    if disagreement is not None:
        computed.disagreements[attempt.id] = disagreement
        computed.is_open = computed.is_open or third is None
        if third is not None:
            questioned = disagreement.criteria or tuple(weights)
            settled = {criterion: third.levels[criterion] for criterion in questioned}
            computed.settled[attempt.id] = settled
    criteria = {
        criterion: scoring.criterion_score(
            [reading.levels[criterion] for reading in first if criterion in reading.levels],
            settled.get(criterion),
        )
        for criterion in weights
    }
    score = scoring.challenge_score(weights, criteria)
    computed.readers = max(computed.readers, len(first))
    computed.detail[key] = {
        "score": None if score is None else str(score),
        "criteria": {name: _text(value) for name, value in criteria.items()},
    }
    return score


def _text(value: object) -> str | None:
    if value is None:
        return None
    return "not judged" if value is scoring.NOT_JUDGED else str(value)


def keep_score(application_id: int, computed: Computed, now: datetime) -> None:
    """Write the score beside older ones, put it into the ranking, and open third reviews."""
    application = db.session.get_one(Application, application_id)
    exact = computed.score
    new = sql.insert_if_absent(
        Score,
        application_id=application_id,
        rubric_version_id=computed.rubric_version_id,
        ratings_revision=computed.ratings_revision,
        numerator=None if exact is None else exact.numerator,
        denominator=None if exact is None else exact.denominator,
        detail=computed.detail,
        scored_at=now,
    )
    for attempt_id, disagreement in computed.disagreements.items():
        _open_third(attempt_id, disagreement, computed.settled.get(attempt_id), now)
    if new:
        _stand(application, computed)


def _open_third(
    attempt_id: int, disagreement: agreement.Disagreement, settled: dict[str, int | None] | None, now: datetime
) -> None:
    opened = sql.insert_if_absent(
        Moderation,
        attempt_id=attempt_id,
        criteria=list(disagreement.criteria),
        straddles_line=disagreement.straddles_line,
        opened_at=now,
        settled={},
    )
    if opened:
        defer("third", attempt_id, now)
    if settled is not None:
        db.session.execute(
            update(Moderation)
            .where(Moderation.attempt_id == attempt_id, Moderation.settled_at.is_(None))
            .values(settled=settled, settled_at=now)
        )


def _stand(application: Application, computed: Computed) -> None:
    """Replace the application's place in the ranking; an unknown score has no place."""
    was_there = db.session.get(Standing, application.id) is not None
    if computed.score is None:
        db.session.execute(delete(Standing).where(Standing.application_id == application.id))
        if was_there:
            counters.add(application.opening_id, counters.SCORED, -1)
        return
    score_id = db.session.scalars(
        select(Score.id).where(
            Score.application_id == application.id,
            Score.rubric_version_id == computed.rubric_version_id,
            Score.ratings_revision == computed.ratings_revision,
        )
    ).one()
    sql.insert_or_replace(
        Standing,
        ("application_id",),
        application_id=application.id,
        opening_id=application.opening_id,
        score_id=score_id,
        order_key=round(computed.score * BILLION),
        readers=computed.readers,
        has_open_third=computed.is_open,
    )
    if not was_there:
        counters.add(application.opening_id, counters.SCORED)

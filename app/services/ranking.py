"""The ranking of an opening: places, ties shown as ties, and each score opened down to its levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Application, ChallengeVersion, Decision, Moderation, Opening, RubricVersion, Score, Standing
from app.models.submissions import Attempt, CheckFacts, Submission
from app.services import decisions, invitations, ratings, submissions
from app.services.ratings import Reading


@dataclass(frozen=True)
class Place:
    """One line of a ranking. `rank` is shared by equal scores."""

    rank: int
    is_tied: bool
    application: Application
    score: Fraction
    readers: int
    has_open_third: bool
    decision: Decision | None


@dataclass(frozen=True)
class Part:
    """One challenge of a dossier: the answer, who read it and what they gave."""

    version: ChallengeVersion
    attempt: Attempt | None
    submission: Submission | None
    submissions: list[Submission]
    facts: list[dict[str, Any]] | None
    readings: list[Reading]
    moderation: Moderation | None
    weights: dict[str, int]
    detail: dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """One score of an application, kept readable. `exact` is None where nobody could judge. One of them counts."""

    rubric: RubricVersion
    exact: Fraction | None
    scored_at: datetime
    counts: bool


@dataclass(frozen=True)
class Dossier:
    """A score opened down to its levels and the rubric version that it was made under."""

    application: Application
    score: Score | None
    exact: Fraction | None
    rubric: RubricVersion | None
    parts: list[Part]
    decision: Decision | None
    scores: list[Scored]


def page(opening: Opening, after: tuple[int, int] | None = None, limit: int = 50) -> list[Place]:
    """One page of the ranking, best first, after the given (order_key, application id).

    Equal scores are tied: they share the rank of the first of them; nothing breaks the tie.
    """
    query = (
        select(Standing, Score, Application)
        .join(Score, Score.id == Standing.score_id)
        .join(Application, Application.id == Standing.application_id)
        .where(Standing.opening_id == opening.id)
        .options(joinedload(Application.candidate))
        .order_by(Standing.order_key.desc(), Standing.application_id)
        .limit(limit)
    )
    if after is not None:
        key, application_id = after
        query = query.where(
            (Standing.order_key < key) | ((Standing.order_key == key) & (Standing.application_id > application_id))
        )
    rows = db.session.execute(query).all()
    ranks, ties = _ranks(opening, [standing.order_key for standing, _, _ in rows])
    decided = decisions.standing_of([application.id for _, _, application in rows])
    return [
        Place(
            rank=ranks[standing.order_key],
            is_tied=standing.order_key in ties,
            application=application,
            score=exact_score(score),
            readers=standing.readers,
            has_open_third=standing.has_open_third,
            decision=decided.get(application.id),
        )
        for standing, score, application in rows
    ]


def cursor(opening: Opening, code: str) -> tuple[int, int] | None:
    """Where the ranking goes on after the application with this code, or None if it has no place there."""
    row = db.session.execute(
        select(Standing.order_key, Standing.application_id)
        .join(Application, Application.id == Standing.application_id)
        .where(Standing.opening_id == opening.id, Application.code == code)
    ).first()
    return None if row is None else (row.order_key, row.application_id)


def unscored(opening: Opening, limit: int = 50) -> list[tuple[Application, Decision | None]]:
    """Applications without a score, those who have waited longest first, each with its decision."""
    query = (
        select(Application)
        .outerjoin(Standing, Standing.application_id == Application.id)
        .where(Application.opening_id == opening.id, Standing.application_id.is_(None))
        .options(joinedload(Application.candidate))
        .order_by(Application.stage_since, Application.id)
        .limit(limit)
    )
    found = list(db.session.scalars(query))
    decided = decisions.standing_of([application.id for application in found])
    return [(application, decided.get(application.id)) for application in found]


def _ranks(opening: Opening, keys: Sequence[int]) -> tuple[dict[int, int], set[int]]:
    """The rank of each score on a page, and which scores are shared. One count above the page, the rest by walking."""
    if not keys:
        return {}, set()
    here = (
        select(Standing.order_key, func.count())
        .where(Standing.opening_id == opening.id, Standing.order_key.in_(set(keys)))
        .group_by(Standing.order_key)
    )
    shared = dict(db.session.execute(here).all())
    above = select(func.count()).where(Standing.opening_id == opening.id, Standing.order_key > max(keys))
    rank, ranks = (db.session.scalar(above) or 0) + 1, {}
    for key in sorted(shared, reverse=True):
        ranks[key] = rank
        rank += shared[key]
    return ranks, {key for key, number in shared.items() if number > 1}


def exact_score(score: Score) -> Fraction:
    """The stored fraction."""
    assert score.numerator is not None and score.denominator is not None
    return Fraction(score.numerator, score.denominator)


def dossier(application: Application) -> Dossier:
    """Everything that explains an application's score."""
    standing = db.session.get(Standing, application.id)
    score = db.session.get(Score, standing.score_id) if standing else None
    rubric = db.session.get(RubricVersion, score.rubric_version_id) if score else decisions.rubric_of(application)
    parts = [
        _part(invitation.challenge_version, submissions.attempt_of(invitation), rubric, score)
        for invitation in invitations.of(application)
    ]
    return Dossier(
        application=application,
        score=score,
        exact=exact_score(score) if score else None,
        rubric=rubric,
        parts=parts,
        decision=decisions.standing_of([application.id]).get(application.id),
        scores=_scores(application.id, score.id if score else None),
    )


def _scores(application_id: int, counting_id: int | None) -> list[Scored]:
    """Every score that was ever computed, the newest first."""
    rows = db.session.execute(
        select(Score, RubricVersion)
        .join(RubricVersion, RubricVersion.id == Score.rubric_version_id)
        .where(Score.application_id == application_id)
        .order_by(Score.id.desc())
    )
    return [
        Scored(
            rubric=rubric,
            exact=None if score.numerator is None else exact_score(score),
            scored_at=score.scored_at,
            counts=score.id == counting_id,
        )
        for score, rubric in rows
    ]


def _part(
    version: ChallengeVersion, attempt: Attempt | None, rubric: RubricVersion | None, score: Score | None
) -> Part:
    submission = submissions.standing(attempt) if attempt else None
    facts = db.session.get(CheckFacts, (submission.id, version.id)) if submission else None
    key = str(version.id)
    return Part(
        version=version,
        attempt=attempt,
        submission=submission,
        submissions=submissions.all_of(attempt) if attempt else [],
        facts=facts.facts if facts else None,
        readings=ratings.readings(attempt.id) if attempt else [],
        moderation=db.session.get(Moderation, attempt.id) if attempt else None,
        weights=rubric.weights[key]["criteria"] if rubric else {},
        detail=(score.detail.get(key) if score else None) or {"score": None, "criteria": {}},
    )

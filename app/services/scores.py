"""Scores: computed from ratings as they stand and a frozen rubric version, never typed in.

Work of kind "score" computes one after its last reading; "rescore" computes many again under new weights.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select, update

from app import sql
from app.extensions import db
from app.models import Application, Moderation, Opening, Role, RubricVersion, Score, Standing
from app.queue import defer
from app.services import counters, evidence, roles
from app.services.evidence import Answer, Evidence, Levels
from app.services.work import Hopeless, NotYet
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
    # Attempt id → the disagreement that opens a third review, where none was opened before.
    disagreements: dict[int, agreement.Disagreement] = field(default_factory=dict)
    # Attempt id → the third reader's levels on the criteria in question.
    settled: dict[int, dict[str, int | None]] = field(default_factory=dict)
    is_open: bool = False


def compute(application_id: int) -> Computed:
    """The score that follows from the ratings as they stand, under the rubric in force. Writes nothing."""
    computed = compute_all([application_id]).get(application_id)
    if computed is None:
        raise Hopeless("The application was deleted.")
    return computed


def compute_all(application_ids: Collection[int]) -> dict[int, Computed]:
    """As `compute`, for many applications with few queries. Those that were deleted are missing."""
    found = evidence.gather(application_ids)
    rules = {role_id: _rules(role_id) for role_id in {one.role_id for one in found}}
    return {one.application_id: weigh(one, *rules[one.role_id]) for one in found}


def _rules(role_id: int) -> tuple[RubricVersion, Fraction | None]:
    return roles.rubric_in_force(role_id), roles.line(db.session.get_one(Role, role_id))


def weigh(found: Evidence, rubric: RubricVersion, line: Fraction | None) -> Computed:
    """The score of one application (0 to 1, or None) under these weights and this shortlist line."""
    computed = Computed(rubric.id, found.ratings_revision, None, {}, 0)
    challenges: dict[str, Fraction | None] = {}
    for answer in found.answers:
        key = str(answer.challenge_version_id)
        challenges[key] = _challenge(computed, key, answer, rubric.weights[key], line)
    role_weights = {key: entry["weight"] for key, entry in rubric.weights.items()}
    computed.score = scoring.application_score(role_weights, challenges, tuple(challenges))
    return computed


def _challenge(
    computed: Computed, key: str, answer: Answer, weighed: Mapping[str, Any], line: Fraction | None
) -> Fraction | None:
    """One challenge's score; notes the disagreement or the settled levels in `computed`."""
    if answer.attempt_id is None:
        computed.detail[key] = {"score": None, "criteria": {}}
        return None
    weights, bonus = weighed["criteria"], weighed.get("bonus", ())
    first = [_weighed_levels(levels, weights) for levels in answer.first]
    settled = _settled(computed, answer, agreement.needs_third(first, weights, line, bonus), tuple(weights))
    again = [_weighed_levels(levels, weights) for levels in answer.again]
    criteria = {criterion: _criterion(criterion, first, settled.get(criterion), again) for criterion in weights}
    score = scoring.challenge_score(weights, criteria, bonus)
    computed.readers = max(computed.readers, len(first) + len(again))
    computed.detail[key] = {
        "score": None if score is None else str(score),
        "criteria": {name: _text(value) for name, value in criteria.items()},
    }
    return score


def _criterion(
    criterion: str, first: Sequence[Levels], settled: int | None, again: Sequence[Levels]
) -> Fraction | scoring.NotJudged | None:
    """The level that counts: the mean of the readers, or the settled level. A second review adds its own to either."""
    later = [levels[criterion] for levels in again if criterion in levels]
    if settled is not None and later:
        return scoring.criterion_score([settled, *later])
    return scoring.criterion_score([levels[criterion] for levels in first if criterion in levels] + later, settled)


def _weighed_levels(levels: Levels, weights: Mapping[str, int]) -> dict[str, int | None]:
    """Without the criteria that were rated once and are left out now."""
    return {criterion: level for criterion, level in levels.items() if criterion in weights}


def _settled(
    computed: Computed, answer: Answer, disagreement: agreement.Disagreement | None, criteria: Sequence[str]
) -> dict[str, int | None]:
    """The third reader's levels on what is in question, as far as they are there.

    A third review that was opened under other weights stays: what it is about stays settled by the third reader.
    """
    attempt_id, before = answer.attempt_id, answer.questioned
    assert attempt_id is not None
    if disagreement is not None and before is None:
        computed.disagreements[attempt_id] = disagreement
    opened = [one.criteria for one in (disagreement, before) if one is not None]
    if not opened:
        return {}
    if answer.third is None:
        computed.is_open = True
        return {}
    # Where only the line lay between two readers, everything is in question.
    about = [key for key in criteria if any(not asked or key in asked for asked in opened)]
    settled = {key: answer.third[key] for key in about if key in answer.third}
    if before is None or not before.is_settled:
        computed.settled[attempt_id] = settled
    return settled


def _text(value: object) -> str | None:
    if value is None:
        return None
    return "not judged" if value is scoring.NOT_JUDGED else str(value)


def keep_score(application_id: int, computed: Computed, now: datetime) -> None:
    """Write the score beside older ones, put it into the ranking, and open third reviews."""
    keep_scores({application_id: computed}, now)


def keep_scores(computed: Mapping[int, Computed], now: datetime) -> None:
    """As `keep_score`, for many applications with few statements.

    NotYet, to be computed anew, if other weights were put in force or something was rated while this was computed:
    an older score must not take the place of a newer one.
    """
    opening_of = _still_true(computed)
    new = sql.insert_absent_ids(
        Score,
        [_row(application_id, computed[application_id], now) for application_id in sorted(computed)],
        Score.application_id,
        Score.id,
    )
    for one in computed.values():
        for attempt_id, disagreement in one.disagreements.items():
            _open_third(attempt_id, disagreement, now)
        for attempt_id, settled in one.settled.items():
            _settle(attempt_id, settled, now)
    if new:
        _stand(computed, {row[0]: row[1] for row in new}, opening_of)


def _row(application_id: int, computed: Computed, now: datetime) -> dict[str, Any]:
    exact = computed.score
    return {
        "application_id": application_id,
        "rubric_version_id": computed.rubric_version_id,
        "ratings_revision": computed.ratings_revision,
        "numerator": None if exact is None else exact.numerator,
        "denominator": None if exact is None else exact.denominator,
        "detail": computed.detail,
        "scored_at": now,
    }


def _still_true(computed: Mapping[int, Computed]) -> dict[int, int]:
    """The opening of each application, after a look that nothing has changed since; both stay so until the commit."""
    of_roles = select(Opening.role_id).join(Application).where(Application.id.in_(computed)).distinct()
    role_ids = list(db.session.scalars(of_roles))
    roles.hold_weights(role_ids)
    in_force = {role_id: roles.rubric_in_force(role_id).id for role_id in role_ids}
    rows = db.session.execute(
        select(Application.id, Application.opening_id, Application.ratings_revision, Opening.role_id)
        .join(Opening, Opening.id == Application.opening_id)
        .where(Application.id.in_(computed))
        .order_by(Application.id)
        .with_for_update(read=True, of=Application)
    ).all()
    opening_of = {}
    for application_id, opening_id, revision, role_id in rows:
        one = computed[application_id]
        if (one.rubric_version_id, one.ratings_revision) != (in_force[role_id], revision):
            raise NotYet("The weights or the ratings have changed in this moment.", timedelta(0))
        opening_of[application_id] = opening_id
    if len(opening_of) < len(computed):
        raise Hopeless("The application was deleted.")
    return opening_of


def _open_third(attempt_id: int, disagreement: agreement.Disagreement, now: datetime) -> None:
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


def _settle(attempt_id: int, settled: Mapping[str, int | None], now: datetime) -> None:
    db.session.execute(
        update(Moderation)
        .where(Moderation.attempt_id == attempt_id, Moderation.settled_at.is_(None))
        .values(settled=dict(settled), settled_at=now)
    )


def _stand(computed: Mapping[int, Computed], score_ids: Mapping[int, int], opening_of: Mapping[int, int]) -> None:
    """Replace the applications' places in the ranking; an unknown score has no place."""
    had_place = set(db.session.scalars(select(Standing.application_id).where(Standing.application_id.in_(score_ids))))
    changes: dict[int, int] = {}
    rows, unknown = [], []
    for application_id in sorted(score_ids):
        one, opening_id = computed[application_id], opening_of[application_id]
        has_place = one.score is not None
        changes[opening_id] = changes.get(opening_id, 0) + has_place - (application_id in had_place)
        if one.score is None:
            unknown.append(application_id)
            continue
        rows.append(
            {
                "application_id": application_id,
                "opening_id": opening_id,
                "score_id": score_ids[application_id],
                "order_key": round(one.score * BILLION),
                "readers": one.readers,
                "has_open_third": one.is_open,
            }
        )
    sql.insert_or_replace(Standing, ("application_id",), rows)
    if unknown:
        db.session.execute(delete(Standing).where(Standing.application_id.in_(unknown)))
    for opening_id, change in sorted(changes.items()):
        if change:
            counters.add(opening_id, counters.SCORED, change)

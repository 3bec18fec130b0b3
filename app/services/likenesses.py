"""Answers worded alike, as those who decide may see them: two texts side by side with what they have in common.

A pair is shown when people have judged both answers. Until then nobody sees it, so that it pulls no level.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import ColumnElement, Float, Row, and_, cast, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.extensions import db
from app.models import (
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    Invitation,
    Likeness,
    Moderation,
    Stage,
    Submission,
)
from app.refusals import NotFound
from app.services import publishing
from app.services.assignments import WAITING
from app.services.catalog_types import Challenge
from app.services.copies import shared_prompt
from grading.checks import Range
from grading.copies import near_copy

MOST = 10
"""So many pairs of one application are listed, the most alike first."""

_UNDECIDED = (Stage.APPLIED, Stage.IN_ASSESSMENT)


@dataclass(frozen=True)
class Pair:
    """One application's answer in one field, and another person's with much of the same wording."""

    field: str
    share: Fraction
    mine: Submission
    theirs: Submission

    @property
    def other(self) -> Application:
        """The application of the other person."""
        return self.theirs.attempt.invitation.application

    @property
    def challenge(self) -> Challenge:
        """The challenge as the first of the two was asked it."""
        return publishing.challenge_of(self.mine.attempt.invitation.challenge_version)


@dataclass(frozen=True)
class Passage:
    """A piece of a text, and whether its wording stands in the other text as well."""

    text: str
    is_common: bool


class _Side:
    """The rows from one side of a pair up to the application."""

    def __init__(self) -> None:
        self.submission = aliased(Submission)
        self.attempt = aliased(Attempt)
        self.invitation = aliased(Invitation)
        self.application = aliased(Application)

    @property
    def belongs_together(self) -> ColumnElement[bool]:
        """How the rows hang together."""
        return and_(
            self.attempt.id == self.submission.attempt_id,
            self.invitation.id == self.attempt.invitation_id,
            self.application.id == self.invitation.application_id,
        )

    @property
    def is_judged(self) -> ColumnElement[bool]:
        """Nobody still has to read it, and somebody has read it or decided about the person."""
        readings = select(Assignment.id).where(Assignment.attempt_id == self.attempt.id)
        open_third = select(Moderation.attempt_id).where(
            Moderation.attempt_id == self.attempt.id, Moderation.settled_at.is_(None)
        )
        return and_(
            ~exists(readings.where(Assignment.state.in_(WAITING))),
            ~exists(open_third),
            or_(
                exists(readings.where(Assignment.state == AssignmentState.RATED)),
                self.application.stage.not_in(_UNDECIDED),
            ),
        )


def _shown(mine: _Side, theirs: _Side) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions for a pair that may be seen: one for each order in which it may be stored."""
    both = and_(mine.belongs_together, theirs.belongs_together, mine.is_judged, theirs.is_judged)
    return (
        and_(Likeness.earlier_id == mine.submission.id, Likeness.later_id == theirs.submission.id, both),
        and_(Likeness.later_id == mine.submission.id, Likeness.earlier_id == theirs.submission.id, both),
    )


def among(application_ids: Collection[int]) -> set[int]:
    """Those of these applications that have an answer worded like another one."""
    mine, theirs = _Side(), _Side()
    first, second = (
        exists(select(Likeness.field).where(way, mine.application.id == Application.id).correlate(Application))
        for way in _shown(mine, theirs)
    )
    query = select(Application.id).where(Application.id.in_(application_ids), or_(first, second))
    return set(db.session.scalars(query))


def of(application: Application) -> list[Pair]:
    """The pairs of an application, the most alike first; at most `MOST`."""
    mine, theirs = _Side(), _Side()
    found: list[Pair] = []
    for way in _shown(mine, theirs):
        query = (
            select(Likeness, mine.submission.id, theirs.submission.id)
            .where(way, mine.application.id == application.id)
            .order_by(
                (cast(Likeness.numerator, Float) / Likeness.denominator).desc(),
                Likeness.earlier_id,
                Likeness.later_id,
                Likeness.field,
            )
            .limit(MOST)
        )
        found += _pairs(db.session.execute(query).all())
    return sorted(found, key=lambda pair: (-pair.share, pair.theirs.id, pair.field))[:MOST]


def between(application: Application, other: Application, slug: str, field: str) -> Pair:
    """The pair of these two in one field of a challenge; NotFound where there is none that may be seen."""
    mine, theirs = _Side(), _Side()
    for way in _shown(mine, theirs):
        query = select(Likeness, mine.submission.id, theirs.submission.id).where(
            way,
            mine.application.id == application.id,
            theirs.application.id == other.id,
            Likeness.field == field,
        )
        for pair in _pairs(db.session.execute(query).all()):
            if pair.challenge.slug == slug:
                return pair
    raise NotFound


def _pairs(rows: Sequence[Row[Likeness, int, int]]) -> list[Pair]:
    wanted = {number for _, mine_id, theirs_id in rows for number in (mine_id, theirs_id)}
    people = (
        joinedload(Submission.attempt)
        .joinedload(Attempt.invitation)
        .joinedload(Invitation.application)
        .options(joinedload(Application.candidate), joinedload(Application.opening))
    )
    loaded = {
        one.id: one for one in db.session.scalars(select(Submission).where(Submission.id.in_(wanted)).options(people))
    }
    return [
        Pair(one.field, Fraction(one.numerator, one.denominator), loaded[mine_id], loaded[theirs_id])
        for one, mine_id, theirs_id in rows
    ]


def side_by_side(pair: Pair) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """Both texts cut into passages, those marked that stand in both; at most 200 are marked in each."""
    mine, theirs = (str(one.answers.get(pair.field, "")) for one in (pair.mine, pair.theirs))
    challenges = [publishing.challenge_of(one.attempt.invitation.challenge_version) for one in (pair.mine, pair.theirs)]
    prompt = shared_prompt(*challenges)
    return _cut(mine, theirs, prompt), _cut(theirs, mine, prompt)


def _cut(text: str, other: str, prompt: Sequence[str]) -> tuple[Passage, ...]:
    common: tuple[Range, ...] = next((copy.where for copy in near_copy(text, {"": other}, prompt)), ())
    passages, at = [], 0
    for start, end in common:
        passages += [Passage(text[at:start], False), Passage(text[start:end], True)]
        at = end
    passages.append(Passage(text[at:], False))
    return tuple(one for one in passages if one.text)

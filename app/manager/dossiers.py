"""A dossier as finished values for its page: a score opened down to each reader's level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from app.models import Application, Candidate, Decision, Stage, Submission
from app.refusals import NotFound
from app.services import (
    answers,
    applications,
    catalog,
    decisions,
    desk,
    facts,
    freezing,
    publishing,
    questions,
    uploads,
)
from app.services.answers import Answered
from app.services.catalog_types import Message
from app.services.facts import Group
from app.services.questions import Reply
from app.services.ranking import Dossier, Part
from app.services.ratings import Reading


@dataclass(frozen=True)
class Given:
    """What one reader gave on one criterion. A level None is "cannot judge"."""

    reviewer: int
    is_third: bool
    is_appeal: bool
    level: int | None
    comment: str | None


@dataclass(frozen=True)
class Criterion:
    """One criterion: its weight, every reader's level, the spread in levels, and the level that counts (0 to 3)."""

    name: str
    meaning: str
    anchors: tuple[str, ...]
    weight: int
    given: tuple[Given, ...]
    spread: int | None
    counts: float | None
    is_not_judged: bool
    is_settled: bool
    is_bonus: bool


@dataclass(frozen=True)
class Late:
    """An answer that came after the end: by how much, and whether a person lets it count (`because`) or still may."""

    code: str
    after: timedelta
    counted_at: datetime | None
    because: str | None
    can_count: bool


@dataclass(frozen=True)
class Challenge:
    """One challenge of a dossier."""

    title: str
    name: str
    slug: str
    answer_locale: str | None
    messages: tuple[Message, ...]
    answers: tuple[Answered, ...]
    handed_in: tuple[tuple[int, datetime], ...]
    late: tuple[Late, ...]
    is_by_timeout: bool
    state: str
    facts: tuple[Group, ...] | None
    agreed: Mapping[str, tuple[str, ...]]
    criteria: tuple[Criterion, ...]
    reviewers: tuple[tuple[int, bool], ...]
    score: float | None
    needs_third: bool
    is_settled: bool


@dataclass(frozen=True)
class Past:
    """One score among all that were computed, by the rubric version that it was made under. One of them counts."""

    number: int
    score: float | None
    scored_at: datetime
    counts: bool


@dataclass(frozen=True)
class View:
    """The dossier's page. `person` is None, and `replies` are empty, while the applicant is known by code only."""

    person: Candidate | None
    replies: tuple[Reply, ...]
    score: float | None
    rubric_number: int | None
    fingerprint: str | None
    challenges: tuple[Challenge, ...]
    decision: Decision | None
    can_decide: bool
    scores: tuple[Past, ...]


def look(dossier: Dossier, locale: str) -> View:
    """Everything that the page says, in the reader's language."""
    numbers: dict[int, int] = {}
    for part in dossier.parts:
        for reading in part.readings:
            numbers.setdefault(reading.grader_id, len(numbers) + 1)
    application = dossier.application
    is_named = application.stage in applications.NAMED
    return View(
        person=application.candidate if is_named else None,
        replies=tuple(questions.replies(application.replies)) if is_named else (),
        score=None if dossier.exact is None else float(dossier.exact),
        rubric_number=dossier.rubric.number if dossier.rubric else None,
        fingerprint=dossier.rubric.fingerprint if dossier.rubric else None,
        challenges=tuple(_challenge(part, numbers, locale, application) for part in dossier.parts),
        decision=dossier.decision,
        can_decide=_can_decide(application),
        scores=tuple(
            Past(one.rubric.number, None if one.exact is None else float(one.exact), one.scored_at, one.counts)
            for one in dossier.scores
        ),
    )


def source(dossier: Dossier, slug: str, part: str) -> tuple[str, str, str]:
    """A part's HTML and CSS as they were handed in, and the language of its words; NotFound without them."""
    submission, locale = _submission(dossier, slug)
    challenge = publishing.challenge_of(submission.attempt.invitation.challenge_version)
    return *answers.source(challenge, part, submission.answers), locale


def frozen(dossier: Dossier, slug: str, field: str) -> tuple[str, str, str]:
    """What the link in a field showed when it was handed in, as HTML, CSS and language; NotFound without it."""
    submission, locale = _submission(dossier, slug)
    is_named = dossier.application.stage in applications.NAMED
    return freezing.html_of(submission, field, is_unnamed=not is_named), "", locale


def file(dossier: Dossier, slug: str, field: str) -> tuple[bytes, str, str]:
    """The bytes, type and name of a file in an answer; NotFound without one, or before there is a copy to read.

    Where no copy can be made, the original is shown once the name is known anyway.
    """
    is_named = dossier.application.stage in applications.NAMED
    submission, _locale = _submission(dossier, slug)
    for one in uploads.in_submission(submission).values():
        if one.field == field:
            is_lost = one.copy_sha256 is None and one.bleached_at is not None
            data = uploads.original(one) if is_lost and is_named else uploads.readable_copy(one)
            return data, one.type, one.original_name if is_named else f"{field}.{one.type}"
    raise NotFound


def _submission(dossier: Dossier, slug: str) -> tuple[Submission, str]:
    for one in dossier.parts:
        if one.version.slug == slug and one.submission is not None and one.attempt is not None:
            return one.submission, one.attempt.locale
    raise NotFound


def _can_decide(application: Application) -> bool:
    if application.released_at is not None:
        return False
    outcomes = set(decisions.OUTCOMES)
    return application.stage in outcomes or bool(applications.LEGAL[application.stage] & outcomes)


def _challenge(part: Part, numbers: Mapping[int, int], locale: str, application: Application) -> Challenge:
    is_named = application.stage in applications.NAMED
    challenge = publishing.challenge_of(part.version)
    answer_locale = part.attempt.locale if part.attempt else locale
    submission = part.submission
    moderation = part.moderation
    brief = catalog.text_for(challenge, answer_locale).value
    score = part.detail["score"]
    return Challenge(
        title=catalog.text_for(challenge, locale).value.title,
        name=challenge.name,
        answer_locale=answer_locale,
        slug=challenge.slug,
        messages=answers.general_messages(brief, challenge),
        answers=_answered(challenge, submission, answer_locale, is_named) if submission else (),
        handed_in=tuple((one.number, one.received_at) for one in part.submissions),
        late=_late(part, application),
        is_by_timeout=submission is not None and submission.is_by_timeout,
        state=_state(part),
        facts=None if part.facts is None else facts.grouped(challenge, part.facts, answer_locale),
        agreed=answers.agreed_orders(challenge, answer_locale),
        criteria=tuple(_criterion(asked, part, numbers) for asked in desk.asked(challenge, part.weights, locale)),
        reviewers=tuple((numbers[reading.grader_id], reading.is_third) for reading in part.readings),
        score=None if score is None else float(Fraction(score)),
        needs_third=moderation is not None and moderation.settled_at is None,
        is_settled=moderation is not None and moderation.settled_at is not None,
    )


def _late(part: Part, application: Application) -> tuple[Late, ...]:
    if part.attempt is None:
        return ()
    ended_at, can_count = part.attempt.cutoff_at, part.submission is None and application.stage is Stage.IN_ASSESSMENT
    return tuple(
        Late(one.code, max(one.received_at - ended_at, timedelta()), one.counted_at, one.counted_because, can_count)
        for one in part.submissions
        if one.is_late
    )


def _answered(
    challenge: catalog.Challenge, submission: Submission, locale: str, is_named: bool
) -> tuple[Answered, ...]:
    frozen = freezing.readable_of(submission)
    files = uploads.in_submission(submission)
    return answers.answered(challenge, submission.answers, locale, not is_named, frozen, files)


def _state(part: Part) -> str:
    if part.attempt is None:
        return "invited"
    if part.submission is None:
        return "started"
    return "handed_in" if part.attempt.final_at else "can_change"


def _criterion(asked: desk.Asked, part: Part, numbers: Mapping[int, int]) -> Criterion:
    given = tuple(_given(reading, asked.key, numbers) for reading in part.readings if asked.key in reading.levels)
    levels = [one.level for one in given if one.level is not None]
    counts = part.detail["criteria"].get(asked.key)
    is_not_judged = counts == "not judged"
    settled = part.moderation.settled if part.moderation else {}
    return Criterion(
        name=asked.name,
        meaning=asked.meaning,
        anchors=asked.anchors,
        weight=part.weights[asked.key],
        given=given,
        spread=max(levels) - min(levels) if len(levels) > 1 else None,
        counts=None if counts is None or is_not_judged else float(Fraction(counts)),
        is_not_judged=is_not_judged,
        is_settled=settled.get(asked.key) is not None,
        is_bonus=asked.is_bonus,
    )


def _given(reading: Reading, key: str, numbers: Mapping[int, int]) -> Given:
    number, comment = numbers[reading.grader_id], reading.comments.get(key)
    return Given(number, reading.is_third, reading.is_appeal, reading.levels[key], comment)

"""What the review desk may know: finished values for its pages and nothing that leads to a person.

The pages of the desk are given these values only, never an application, an attempt or a candidate, so that a template
cannot show what it does not have. The code in the address is random and belongs to the reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select

from app.extensions import db
from app.models import Assignment, AssignmentState, Attempt, ChallengeVersion, CheckFacts, Invitation, Submission
from app.refusals import NotFound
from app.services import (
    answers,
    assignments,
    catalog,
    facts,
    freezing,
    publishing,
    ratings,
    submissions,
    tasks,
    uploads,
)
from app.services.answers import Answered, answered, general_messages
from app.services.catalog_types import Challenge, Guide, Localised, Message
from app.services.facts import Group
from app.services.ratings import Reading

# A pause longer than this is not reading time.
LONGEST_READING = timedelta(minutes=30)
ENOUGH_READINGS = 5
LATEST_READINGS = 50
WAITING = assignments.WAITING


@dataclass(frozen=True)
class Question:
    """One challenge on the desk's first page, with what this reader has done, and has waiting and put aside."""

    title: str
    done: int
    waiting: int
    skipped: int


@dataclass(frozen=True)
class Desk:
    """The desk's first page. `left` is None until the reader's own pace is known."""

    questions: tuple[Question, ...]
    waiting: int
    left: timedelta | None
    pace: timedelta | None


@dataclass(frozen=True)
class Counted:
    """The bar: readings of this question by everybody, and this reader's own."""

    done: int
    total: int
    mine: int
    skipped: int


@dataclass(frozen=True)
class Source:
    """What a part's page is made of, and the language of its words."""

    html: str
    css: str
    locale: str


@dataclass(frozen=True)
class Download:
    """A file to be read: its bytes, its type as an ending, and the name to keep it under."""

    data: bytes
    type: str
    name: str


@dataclass(frozen=True)
class Asked:
    """One criterion in the reader's language; `anchors` are levels 0 to 3, `locale` the language they really are in."""

    key: str
    name: str
    meaning: str
    anchors: tuple[str, ...]
    locale: str
    is_bonus: bool = False


@dataclass(frozen=True)
class Sheet:
    """One answer to read: what was asked, what was answered, and the rubric."""

    code: str
    title: str
    answer_locale: str
    messages: tuple[Message, ...]
    facts_given: tuple[str, ...]
    task: str
    answers: tuple[Answered, ...]
    criteria: tuple[Asked, ...]
    guide: Localised[Guide]
    lease_until: datetime | None
    counted: Counted
    # Only once the reader's own levels are saved.
    saved: Reading | None = None
    seen: tuple[Group, ...] | None = None
    agreed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def overview(grader_id: int, locale: str) -> Desk:
    """The first page of one reader's desk, in their language."""
    rows = db.session.execute(
        select(ChallengeVersion.id, Assignment.state, Assignment.skipped_at.is_not(None), func.count())
        .select_from(Assignment)
        .join(Attempt, Attempt.id == Assignment.attempt_id)
        .join(Invitation, Invitation.id == Attempt.invitation_id)
        .join(ChallengeVersion, ChallengeVersion.id == Invitation.challenge_version_id)
        .where(Assignment.grader_id == grader_id, Assignment.state != AssignmentState.RELEASED)
        .group_by(ChallengeVersion.id, Assignment.state, Assignment.skipped_at.is_not(None))
        .order_by(ChallengeVersion.id)
    ).all()
    questions = []
    for version_id in dict.fromkeys(row[0] for row in rows):
        mine = [(state, skipped, number) for found, state, skipped, number in rows if found == version_id]
        questions.append(
            Question(
                title=_title(version_id, locale),
                done=sum(number for state, _, number in mine if state is AssignmentState.RATED),
                waiting=sum(number for state, _, number in mine if state in WAITING),
                skipped=sum(number for state, skipped, number in mine if state in WAITING and skipped),
            )
        )
    waiting = sum(question.waiting for question in questions)
    own_pace = pace(_saved_at(grader_id))
    return Desk(tuple(questions), waiting, None if own_pace is None else own_pace * waiting, own_pace)


def _title(version_id: int, locale: str) -> str:
    version = db.session.get_one(ChallengeVersion, version_id)
    return catalog.text_for(publishing.challenge_of(version), locale).value.title


def _saved_at(grader_id: int) -> list[datetime]:
    newest = (
        select(Assignment.rated_at)
        .where(Assignment.grader_id == grader_id, Assignment.state == AssignmentState.RATED)
        .order_by(Assignment.rated_at.desc())
        .limit(LATEST_READINGS)
    )
    return [moment for moment in db.session.scalars(newest) if moment is not None]


def pace(saved_at: Sequence[datetime]) -> timedelta | None:
    """The median time from one saved reading to the next, or None with fewer than five such times.

    Breaks of more than half an hour between two readings are no reading time and are left out.
    """
    moments = sorted(saved_at)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    seconds = [gap.total_seconds() for gap in gaps if gap <= LONGEST_READING]
    return timedelta(seconds=median(seconds)) if len(seconds) >= ENOUGH_READINGS else None


def sheet(assignment: Assignment, locale: str) -> Sheet:
    """The answer of one reading for its reader, in their language; NotFound once it was given to somebody else.

    What the checks saw is part of it only after the reader's levels are saved, so that it cannot steer them.
    """
    attempt, submission = assignment.attempt, _submission(assignment)
    version = attempt.invitation.challenge_version
    challenge = publishing.challenge_of(version)
    # The reader sees the question in the words that were answered.
    brief = catalog.text_for(challenge, attempt.locale)
    is_rated = assignment.state is AssignmentState.RATED
    kept = db.session.get(CheckFacts, (submission.id, version.id)) if is_rated else None
    return Sheet(
        code=assignment.code,
        title=brief.value.title,
        answer_locale=attempt.locale,
        messages=general_messages(brief.value, challenge),
        facts_given=tuple(brief.value.facts.values()),
        task=tasks.instructions(brief.value),
        answers=answered(
            challenge,
            submission.answers,
            attempt.locale,
            is_unnamed=True,
            frozen=freezing.readable_of(submission),
            files=uploads.in_submission(submission),
        ),
        criteria=asked(challenge, ratings.criteria_of(assignment), locale),
        guide=catalog.guide_for(challenge, locale),
        lease_until=assignment.lease_until,
        counted=counted(version.id, assignment.grader_id),
        saved=ratings.reading(assignment) if is_rated else None,
        seen=None if kept is None else facts.grouped(challenge, kept.facts, attempt.locale),
        agreed=answers.agreed_orders(challenge, attempt.locale) if is_rated else {},
    )


def _submission(assignment: Assignment) -> Submission:
    submission = submissions.standing(assignment.attempt)
    if submission is None or assignment.state is AssignmentState.RELEASED:
        raise NotFound
    return submission


def source(assignment: Assignment, part: str) -> Source:
    """A part's HTML and CSS for its reader, to be shown as a page; NotFound like the answer itself."""
    submission = _submission(assignment)
    challenge = publishing.challenge_of(assignment.attempt.invitation.challenge_version)
    html, css = answers.source(challenge, part, submission.answers)
    return Source(html, css, assignment.attempt.locale)


def frozen(assignment: Assignment, field: str) -> Source:
    """What the link in a field showed when it was handed in, for its reader; NotFound like the answer itself."""
    html = freezing.html_of(_submission(assignment), field, is_unnamed=True)
    return Source(html, "", assignment.attempt.locale)


def file(assignment: Assignment, field: str) -> Download:
    """The copy of a file in an answer, for its reader, under a name that says nothing; NotFound until it is made."""
    found = uploads.in_submission(_submission(assignment)).values()
    for one in found:
        if one.field == field:
            return Download(uploads.readable_copy(one), one.type, f"{field}.{one.type}")
    raise NotFound


def criteria(assignment: Assignment, locale: str) -> tuple[Asked, ...]:
    """The criteria that a reading is asked for, in a language."""
    challenge = publishing.challenge_of(assignment.attempt.invitation.challenge_version)
    return asked(challenge, ratings.criteria_of(assignment), locale)


def asked(challenge: Challenge, weights: Mapping[str, int], locale: str) -> tuple[Asked, ...]:
    """The criteria that a role weighs, in the words of a language."""
    return tuple(
        Asked(view.key, view.name.value, view.meaning.value, view.anchors.value, view.anchors.locale, view.is_bonus)
        for view in catalog.criteria_for(challenge, locale)
        if view.key in weights
    )


def counted(version_id: int, grader_id: int) -> Counted:
    """How many readings of a question are done and asked for, by everybody and by this reader."""
    is_mine = Assignment.grader_id == grader_id
    rows = db.session.execute(
        select(Assignment.state, is_mine, Assignment.skipped_at.is_not(None), func.count())
        .join(Attempt, Attempt.id == Assignment.attempt_id)
        .join(Invitation, Invitation.id == Attempt.invitation_id)
        .where(Invitation.challenge_version_id == version_id, Assignment.state != AssignmentState.RELEASED)
        .group_by(Assignment.state, is_mine, Assignment.skipped_at.is_not(None))
    ).all()
    done = [(number, mine) for state, mine, _, number in rows if state is AssignmentState.RATED]
    return Counted(
        done=sum(number for number, _ in done),
        total=sum(number for _, _, _, number in rows),
        mine=sum(number for number, mine in done if mine),
        skipped=sum(number for state, mine, skipped, number in rows if mine and skipped and state in WAITING),
    )

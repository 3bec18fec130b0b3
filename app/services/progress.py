"""Where a candidate stands with each of their challenges, and what the readers made of the answers once told."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    AppealState,
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    Decision,
    Invitation,
    Outage,
    Score,
    Stage,
    Standing,
    Submission,
)
from app.services import appeals, catalog, comments, deadlines, decisions, invitations, outages, submissions, tasks
from app.services.catalog_types import Example
from app.services.tasks import Asked, Task


class Step(enum.Enum):
    """How far one challenge has come."""

    TO_START = "to start"
    WRITING = "writing"
    HANDED_IN = "handed in"
    FINAL = "final"
    ENDED = "ended"


class Band(enum.Enum):
    """What readers made of one criterion, in four steps; apart from them, what they could not judge."""

    TOP = "top"
    GOOD = "good"
    PARTLY = "partly"
    MISSING = "missing"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Progress:
    """One challenge of an application. `ends_at` is the last moment to answer; `standing` what counts so far.

    `outages` are ours in which this person lost time that `ends_at` gives back, the newest first.
    """

    invitation: Invitation
    attempt: Attempt | None
    task: Task
    step: Step
    ends_at: datetime
    standing: Submission | None
    receipts: list[Submission]
    outages: list[Outage]


@dataclass(frozen=True)
class Told:
    """What a candidate is told on one criterion. `reached` is the sentence of the level; empty: could not be judged."""

    asked: Asked
    band: Band
    reached: str
    locale: str


@dataclass(frozen=True)
class Feedback:
    """What a candidate is told about one answer, what the team added, and one shipped example of a top answer."""

    task: Task
    bands: list[Told]
    comment: str
    example: Example | None


def of_application(application: Application, locale: str, now: datetime) -> list[Progress]:
    """All challenges that this person was invited to, in order."""
    return [of_invitation(invitation, locale, now) for invitation in invitations.of(application)]


def of_invitation(invitation: Invitation, locale: str, now: datetime) -> Progress:
    """One challenge. Once started, it stays in the language in which it was started."""
    attempt = submissions.attempt_of(invitation)
    task = tasks.task(
        invitation.challenge_version, invitation.application.opening.role, attempt.locale if attempt else locale
    )
    receipts = submissions.all_of(attempt) if attempt else []
    standing = next((one for one in receipts if one.counts), None)
    # What the credit run has not come to yet counts already: just then everybody looks.
    owed = outages.owed(invitation, attempt)
    ends_at = attempt.cutoff_at if attempt else deadlines.window_ends_at(invitation)
    ends_at += timedelta(seconds=sum(outages.seconds(outage) for outage in owed))
    step = _step(attempt, standing, ends_at, now)
    return Progress(invitation, attempt, task, step, ends_at, standing, receipts, owed + outages.told(invitation))


def _step(attempt: Attempt | None, standing: Submission | None, ends_at: datetime, now: datetime) -> Step:
    if attempt is None:
        return Step.TO_START if now < ends_at else Step.ENDED
    is_over = attempt.final_at is not None or now > ends_at + deadlines.GRACE
    if is_over:
        return Step.FINAL if standing else Step.ENDED
    return Step.HANDED_IN if standing else Step.WRITING


def outcome(application: Application) -> Decision | None:
    """The decision, once the candidate may know it; None before its release and after a withdrawal."""
    if application.released_at is None or application.stage is Stage.WITHDRAWN:
        return None
    return decisions.standing_of([application.id]).get(application.id)


def feedback(application: Application, locale: str, now: datetime) -> list[Feedback]:
    """A band for each criterion of each answer that was scored; empty before the release.

    While a second review is open it is what was told before: what that brings is told when it is settled.
    """
    score = _told_score(application)
    if score is None or outcome(application) is None:
        return []
    added = comments.of(application.id)
    told = []
    for entry in of_application(application, locale, now):
        levels = score.detail.get(str(entry.invitation.challenge_version_id), {}).get("criteria", {})
        if bands := _bands(entry.task, levels):
            example = tasks.top_example(entry.task.challenge, entry.task.locale)
            told.append(Feedback(entry.task, bands, added.get(entry.task.slug, ""), example))
    return told


def _told_score(application: Application) -> Score | None:
    appeal = appeals.of(application)
    if appeal is not None and appeal.state in appeals.OPEN and appeal.score_id is not None:
        return db.session.get(Score, appeal.score_id)
    standing = db.session.get(Standing, application.id)
    return db.session.get(Score, standing.score_id) if standing else None


def _bands(task: Task, levels: Mapping[str, str | None]) -> list[Told]:
    views = {view.key: view for view in catalog.criteria_for(task.challenge, task.locale)}
    found = []
    for asked in task.criteria:
        if asked.key not in levels:
            continue
        band, anchors = band_of(levels[asked.key]), views[asked.key].anchors
        reached = anchors.value[STEPS.index(band)] if band in STEPS else ""
        found.append(Told(asked, band, reached, anchors.locale))
    return found


STEPS = (Band.MISSING, Band.PARTLY, Band.GOOD, Band.TOP)


def band_of(level: str | None) -> Band:
    """The band of a criterion's stored level: the mean of its readers (0 to 3), to the nearest step, halves upwards."""
    if level is None or level == "not judged":
        return Band.NOT_JUDGED
    return STEPS[int(Fraction(level) + Fraction(1, 2))]


@dataclass(frozen=True)
class Happened:
    """One line of what has happened. `read` of `readers` is how many of the readings of an answer are done."""

    what: str
    at: datetime | None
    title: str = ""
    read: int = 0
    readers: int = 0


def history(application: Application, entries: Sequence[Progress]) -> list[Happened]:
    """What has happened to an application, in the words of its owner: no score, no reader, nobody else.

    That it was decided shows only once it may be told.
    """
    lines = [Happened("applied", application.created_at)]
    readers = application.opening.role.readers
    read = _read([entry.attempt.id for entry in entries if entry.attempt])
    for entry in entries:
        attempt, title = entry.attempt, entry.task.brief.title
        if attempt is None:
            continue
        lines.append(Happened("started", attempt.started_at, title))
        if entry.standing is not None:
            lines.append(Happened("handed_in", entry.standing.received_at, title))
        if attempt.final_at is not None:
            lines.append(Happened("read", None, title, min(read.get(attempt.id, 0), readers), readers))
    if outcome(application) is not None:
        lines.append(Happened("told", application.released_at))
    appeal = appeals.of(application)
    if appeal is not None:
        lines.append(Happened("asked_again", appeal.asked_at))
        if appeal.state in (AppealState.CONFIRMED, AppealState.CHANGED):
            lines.append(Happened("told_again", appeal.settled_at))
    if application.stage is Stage.WITHDRAWN:
        lines.append(Happened("withdrawn", application.stage_since))
    return lines


def _read(attempt_ids: Sequence[int]) -> dict[int, int]:
    """How many of the readings that the role asks for are done, by answer."""
    rows = db.session.execute(
        select(Assignment.attempt_id, func.count())
        .where(Assignment.attempt_id.in_(attempt_ids), Assignment.is_third.is_(False))
        .where(Assignment.state == AssignmentState.RATED)
        .group_by(Assignment.attempt_id)
    )
    return dict(rows.all())

"""Where a candidate stands with each of their challenges, and what the readers made of the answers once told."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from app.extensions import db
from app.models import Application, Attempt, Decision, Invitation, Outage, Score, Stage, Standing, Submission
from app.services import deadlines, decisions, invitations, outages, submissions, tasks
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
class Feedback:
    """What a candidate is told about one answer: a band for each criterion, and one shipped example of a top answer."""

    task: Task
    bands: list[tuple[Asked, Band]]
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
    """A band for each criterion of each answer that was scored; empty before the release."""
    standing = db.session.get(Standing, application.id)
    score = db.session.get(Score, standing.score_id) if standing else None
    if score is None or outcome(application) is None:
        return []
    told = []
    for entry in of_application(application, locale, now):
        levels = score.detail.get(str(entry.invitation.challenge_version_id), {}).get("criteria", {})
        bands = [(asked, band_of(levels[asked.key])) for asked in entry.task.criteria if asked.key in levels]
        if bands:
            told.append(Feedback(entry.task, bands, tasks.top_example(entry.task.challenge, entry.task.locale)))
    return told


def band_of(level: str | None) -> Band:
    """The band of a criterion's stored level: the mean of its readers (0 to 3), to the nearest step, halves upwards."""
    if level is None or level == "not judged":
        return Band.NOT_JUDGED
    steps = (Band.MISSING, Band.PARTLY, Band.GOOD, Band.TOP)
    return steps[int(Fraction(level) + Fraction(1, 2))]

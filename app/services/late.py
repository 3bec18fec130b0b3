"""Answers that came after the end: kept with a receipt, and a person decides whether one counts."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.models import Attempt, Stage, Submission
from app.refusals import Refused
from app.services import audit, mails, submissions
from app.services.audit import Actor

LONGEST_REASON = 1_000


class CannotCount(Refused):
    """This answer cannot count any more; the text says why."""

    code = "cannot_count"


def count(submission: Submission, reason: str, by: Actor, now: datetime) -> None:
    """Let an answer that came after the end count. It is final then, and goes to the reviewers like any other.

    Refused where an answer stands already, which reviewers may be reading, and where the application has moved on.
    The reason is kept with the answer; reviewers see neither it nor that the answer was late. Counting twice is
    counting once.
    """
    attempt = db.session.get_one(Attempt, submission.attempt_id, with_for_update=True, populate_existing=True)
    db.session.refresh(submission)
    if submission.counted_at is not None:
        return
    application = attempt.invitation.application
    if not submission.is_late:
        raise CannotCount("This answer came in time; it counts already.")
    if submissions.standing(attempt) is not None:
        raise CannotCount("An answer that was handed in before stands. It is the one that reviewers read.")
    if application.stage is not Stage.IN_ASSESSMENT:
        raise CannotCount("This applicant is not in assessment any more, so nobody would read the answer.")
    submission.counted_at, submission.counted_by_id, submission.counted_because = now, by.id, reason
    submissions.finish(attempt, now)
    audit.record(by, "submission.count_late", "submission", submission.id, now)
    mails.post("counted", application.candidate, now, application=application.id, submission=submission.id)

"""Taking an answer over: the same person, the same challenge version, another job, and only as they wish.

The words are taken, never the reading: what is handed in is a version of its own, with a receipt that names the first
one, its own facts, and readers who have not read it where there are enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app import tokens
from app.extensions import db
from app.models import Application, Attempt, FrozenPage, Invitation, Stage, StoredFile, Submission
from app.queue import defer
from app.refusals import Refused
from app.services import applications, audit, submissions, uploads
from app.services.audit import Actor


class NothingToReuse(Refused):
    """There is no answer that may be taken over now."""

    code = "nothing_to_reuse"


@dataclass(frozen=True)
class Offer:
    """An answer that may be taken over, and the job for which it was written."""

    submission: Submission
    job: str


def offer_for(invitation: Invitation, now: datetime) -> Offer | None:
    """The person's newest final answer to the same challenge version elsewhere, while this one is not started.

    Both applications must be verified: an answer whose writer never used the link may be a stranger's.
    """
    application = invitation.application
    if not applications.is_verified(application) or application.stage is Stage.WITHDRAWN:
        return None
    if now >= invitation.closes_at or submissions.attempt_of(invitation) is not None:
        return None
    attempt = db.session.scalar(
        select(Attempt)
        .join(Attempt.invitation)
        .join(Invitation.application)
        .where(
            Application.candidate_id == application.candidate_id,
            Application.id != application.id,
            Application.verified_at.is_not(None),
            Invitation.challenge_version_id == invitation.challenge_version_id,
            Attempt.final_at.is_not(None),
        )
        .options(contains_eager(Attempt.invitation).contains_eager(Invitation.application))
        .order_by(Attempt.final_at.desc(), Attempt.id.desc())
        .limit(1)
    )
    standing = submissions.standing(attempt) if attempt else None
    if attempt is None or standing is None:
        return None
    return Offer(standing, job_of(standing))


def job_of(submission: Submission) -> str:
    """What the job is called for which an answer was handed in: the same role may be open in two places."""
    opening = submission.attempt.invitation.application.opening
    return f"{opening.title}, {opening.place}"


def take(invitation: Invitation, code: str, now: datetime) -> Submission:
    """Hand in the offered answer for this job too, as final. `code` is the receipt that the page showed.

    Pressing twice hands in once. Refused where that answer is not offered any more.
    """
    before = _taken(invitation, code)
    if before is not None:
        return before
    offer = offer_for(invitation, now)
    if offer is None or offer.submission.code != code:
        raise NothingToReuse("This answer cannot be used here now. You can answer the task anew.")
    source = offer.submission
    attempt = submissions.start(invitation, source.attempt.locale, now)
    answers = _with_files(source, attempt)
    submission = submissions.submit(attempt, answers, _key(source), True, now)
    # Always the first one, however often it was taken over: all of a kind name the same.
    submission.reused_from_id = source.reused_from_id or source.id
    _copy_pages(source, submission)
    actor = Actor.candidate(invitation.application.candidate_id)
    audit.record(actor, "submission.reuse", "submission", submission.id, now, source=source.id)
    return submission


def _key(source: Submission) -> str:
    return f"reuse-{source.id}"


def _taken(invitation: Invitation, code: str) -> Submission | None:
    source = submissions.by_code(code)
    attempt = submissions.attempt_of(invitation)
    if source is None or attempt is None:
        return None
    return db.session.scalar(
        select(Submission).where(Submission.attempt_id == attempt.id, Submission.key == _key(source))
    )


def _with_files(source: Submission, attempt: Attempt) -> dict[str, Any]:
    """The answers, with each file named as this attempt's own; the bytes lie where they lay."""
    codes = {}
    for code, file in uploads.in_submission(source).items():
        codes[code] = tokens.code(len(code))
        copy = StoredFile(
            code=codes[code],
            attempt=attempt,
            field=file.field,
            original_name=file.original_name,
            type=file.type,
            size=file.size,
            sha256=file.sha256,
            copy_sha256=file.copy_sha256,
            bleached_at=file.bleached_at,
            stored_at=file.stored_at,
        )
        db.session.add(copy)
        db.session.flush()
        if copy.bleached_at is None:
            defer("bleach", copy.id, attempt.started_at)
    return {field: codes.get(text, text) for field, text in source.answers.items()}


def _copy_pages(source: Submission, submission: Submission) -> None:
    """What the links showed when the answer was first handed in; they may lead nowhere by now."""
    pages = db.session.scalars(select(FrozenPage).where(FrozenPage.submission_id == source.id))
    columns = [column.key for column in FrozenPage.__table__.columns if column.key != "submission_id"]
    for page in pages.all():
        values = {name: getattr(page, name) for name in columns}
        db.session.add(FrozenPage(submission_id=submission.id, **values))


def first_of(submission: Submission) -> Submission | None:
    """The answer at another job that this one was taken from, or None."""
    return db.session.get(Submission, submission.reused_from_id) if submission.reused_from_id else None

"""Attempts and submissions: starting, the draft, handing in, and the facts that the checks see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from app import clock, sql, tokens
from app.extensions import db
from app.models import Attempt, CheckFacts, Invitation, Stage, Submission
from app.queue import defer
from app.refusals import AlreadyFinal, DeadlinePassed, DraftConflict, OtherContent, Withdrawn
from app.services import applications, audit, counters, deadlines, freezing, mails, outages, publishing
from app.services.audit import Actor
from app.services.deadlines import GRACE
from app.services.work import Hopeless, NotYet
from grading import checks

# An attempt that may still get time back is looked at again after this.
PATIENCE = timedelta(seconds=5)
Answers = Mapping[str, str]


def attempt_of(invitation: Invitation) -> Attempt | None:
    """The attempt, once the challenge was started."""
    return db.session.scalar(select(Attempt).where(Attempt.invitation_id == invitation.id))


def start(invitation: Invitation, locale: str, now: datetime, hand_in_draft: bool = True) -> Attempt:
    """Start the challenge: fixes the cutoff. Starting twice gives the same attempt.

    `hand_in_draft`: when the time runs out, hand in what is written then.
    """
    # Locked, so that two tabs which start at once get the same attempt.
    db.session.execute(select(Invitation.id).where(Invitation.id == invitation.id).with_for_update())
    found = attempt_of(invitation)
    if found is not None:
        return found
    _require_in_play(invitation)
    if now >= deadlines.window_ends_at(invitation):
        outages.pay(invitation, None, now)
    if now >= deadlines.window_ends_at(invitation):
        raise DeadlinePassed("The time for this challenge has ended.")
    application = invitation.application
    cutoff = deadlines.cutoff(invitation, now)
    attempt = Attempt(
        invitation=invitation, locale=locale, started_at=now, cutoff_at=cutoff, hand_in_draft=hand_in_draft
    )
    db.session.add(attempt)
    db.session.flush()
    defer("close", attempt.id, now, at=cutoff + GRACE)
    actor = Actor.candidate(application.candidate_id)
    audit.record(actor, "attempt.start", "attempt", attempt.id, now)
    if application.stage is Stage.APPLIED:
        applications.change_stage(application, Stage.IN_ASSESSMENT, actor, now)
    return attempt


def _require_in_play(invitation: Invitation) -> None:
    if invitation.application.stage is Stage.WITHDRAWN:
        raise Withdrawn("You have withdrawn from this job, so nothing more is asked of you.")


def require_writable(attempt: Attempt, now: datetime) -> None:
    """Go on while the answer can still be written: not final, not withdrawn, not after the end and its grace."""
    _require_in_play(attempt.invitation)
    if now > attempt.cutoff_at:
        outages.pay(attempt.invitation, attempt, now)
    if attempt.final_at is not None or now > attempt.cutoff_at + GRACE:
        raise DeadlinePassed("The time has ended; what you saved before stands.")


def save_draft(
    attempt: Attempt, answers: Answers, revision: int, now: datetime, hand_in_draft: bool | None = None
) -> int:
    """Keep what was typed; gives the new revision. `hand_in_draft` None leaves that choice as it is.

    `revision` is the one that the page started from. If the draft has moved on since, DraftConflict: nothing is
    overwritten, and the page shows both texts.
    """
    require_writable(attempt, now)
    choice = {} if hand_in_draft is None else {"hand_in_draft": hand_in_draft}
    saved = sql.changed(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.draft_revision == revision, Attempt.final_at.is_(None))
        .values(draft=dict(answers), draft_revision=revision + 1, draft_saved_at=now, **choice)
    )
    db.session.refresh(attempt)
    if not saved:
        raise DraftConflict("This answer was changed in another window. Both texts are kept; choose what to keep.")
    return revision + 1


def canonical(answers: Answers) -> bytes:
    """The answers as the bytes that are hashed: JSON in UTF-8, sorted keys, no spaces, letters as they are."""
    text = json.dumps(dict(answers), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def content_hash(answers: Answers) -> str:
    """SHA-256 of the canonical answers."""
    return hashlib.sha256(canonical(answers)).hexdigest()


def submit(
    attempt: Attempt,
    answers: Answers,
    key: str,
    is_final: bool,
    received_at: datetime,
    revision: int | None = None,
) -> Submission:
    """Hand in. Same key and words: the same submission; same key with other words: OtherContent (commit after it too).

    `revision` is the draft that the page started from. If other words were saved since, DraftConflict: an old window
    never replaces newer words unseen. None: the caller has no draft.

    In time up to the cutoff; 120 seconds of grace are accepted and flagged; later it is stored, marked late, and
    does not replace what stands. The latest in time stands, until the deadline or until it is said to be final.
    `received_at` was taken once, when the request came; nothing here looks at the clock again.
    """
    db.session.refresh(attempt, with_for_update=True)
    # A clock that was set back must not say that somebody answered before they started.
    received_at = max(received_at, attempt.started_at)
    if (before := _sent_before(attempt, answers, key, received_at)) is not None:
        return before
    _require_in_play(attempt.invitation)
    if received_at > attempt.cutoff_at:
        outages.pay(attempt.invitation, attempt, received_at)
    is_late = received_at > attempt.cutoff_at + GRACE
    if attempt.final_at is not None and not is_late:
        raise AlreadyFinal("You have said that this is your final answer; it stands as you handed it in.")
    if not is_late:
        _take_over_draft(attempt, answers, revision, received_at)
    submission = _store(attempt, answers, key, received_at)
    submission.is_late = is_late
    submission.is_in_grace = not is_late and received_at > attempt.cutoff_at
    if is_final and not is_late:
        finish(attempt, received_at)
    actor = Actor.candidate(attempt.invitation.application.candidate_id)
    audit.record(actor, "submission.submit", "submission", submission.id, received_at)
    _mail_receipt(submission, received_at)
    return submission


def _mail_receipt(submission: Submission, now: datetime) -> None:
    application = submission.attempt.invitation.application
    mails.post("receipt", application.candidate, now, application=application.id, submission=submission.id)


def _sent_before(attempt: Attempt, answers: Answers, key: str, now: datetime) -> Submission | None:
    """What this form has handed in already; refused if it says something else now, and both hashes are noted."""
    before = db.session.scalar(select(Submission).where(Submission.attempt_id == attempt.id, Submission.key == key))
    if before is not None and before.content_hash != (other := content_hash(answers)):
        actor = Actor.candidate(attempt.invitation.application.candidate_id)
        audit.record(
            actor, "submission.key_reused", "submission", before.id, now, first=before.content_hash, other=other
        )
        raise OtherContent("This form was already handed in with other words. Open the page again to change it.")
    return before


def _take_over_draft(attempt: Attempt, answers: Answers, revision: int | None, now: datetime) -> None:
    """What is handed in is the draft from now on: an older one must not be handed in over it when the time ends."""
    moved_on = revision is not None and revision != attempt.draft_revision
    if moved_on and any(attempt.draft.values()) and attempt.draft != dict(answers):
        raise DraftConflict("This answer was changed in another window. Both texts are kept; choose what to keep.")
    attempt.draft, attempt.draft_saved_at = dict(answers), now
    attempt.draft_revision += 1


def _store(attempt: Attempt, answers: Answers, key: str, received_at: datetime) -> Submission:
    attempt.submission_count += 1
    submission = Submission(
        code=tokens.code(12),
        attempt=attempt,
        number=attempt.submission_count,
        key=key,
        answers=dict(answers),
        content_hash=content_hash(answers),
        received_at=received_at,
    )
    db.session.add(submission)
    db.session.flush()
    if freezing.links_of(submission):
        # The checks say what came of the links, so they follow.
        defer("freeze", submission.id, received_at)
    else:
        freezing.defer_check(submission, received_at)
    return submission


def finish(attempt: Attempt, now: datetime) -> None:
    """From here on the answer stands and can be read by reviewers."""
    attempt.final_at = now
    counters.add(attempt.invitation.application.opening_id, counters.SUBMITTED)
    defer("assign", attempt.id, now)
    # What can still be changed is compared with nobody: only what somebody stands by.
    final = standing(attempt)
    if final is not None:
        defer("sketch", final.id, now)


def standing(attempt: Attempt) -> Submission | None:
    """The submission that counts: the latest that was not late, or that somebody let count although it was."""
    can_stand = or_(Submission.is_late.is_(False), Submission.counted_at.is_not(None))
    return db.session.scalar(
        select(Submission)
        .where(Submission.attempt_id == attempt.id, can_stand)
        .order_by(Submission.number.desc())
        .limit(1)
    )


def all_of(attempt: Attempt) -> list[Submission]:
    """Everything handed in, the newest first."""
    return list(
        db.session.scalars(
            select(Submission).where(Submission.attempt_id == attempt.id).order_by(Submission.number.desc())
        )
    )


def by_code(code: str) -> Submission | None:
    """The submission with this receipt code."""
    return db.session.scalar(select(Submission).where(Submission.code == code))


# --- work of kind "close": the end of the time -----------------------------------------------------------------


def look_at_clock(attempt_id: int) -> None:
    """Nothing to think about; but an attempt whose cutoff has moved, or still may move, is not closed yet."""
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        raise Hopeless("The attempt was deleted.")
    now = clock.now()
    left = attempt.cutoff_at + GRACE - now
    if left > timedelta(0) and attempt.final_at is None:
        raise NotYet("The candidate has more time.", left)
    if attempt.final_at is None and outages.may_owe_time(attempt.cutoff_at, now):
        raise NotYet("The candidate may get time back for an outage.", PATIENCE)


def close(attempt_id: int, _nothing: None, now: datetime) -> None:
    """At cutoff and grace: what was handed in stands; a ticked draft with words in it is handed in."""
    attempt = db.session.get_one(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    if attempt.final_at is not None or attempt.invitation.application.stage is Stage.WITHDRAWN:
        return
    ends_at = attempt.cutoff_at + GRACE
    if now < ends_at:
        # More time was given while this work was on its way.
        defer("close", attempt.id, now, key=f"{attempt.id}:{ends_at.isoformat()}", at=ends_at)
        return
    last = standing(attempt)
    changed_since = last is None or content_hash(attempt.draft) != last.content_hash
    if attempt.hand_in_draft and changed_since and any(text.strip() for text in attempt.draft.values()):
        last = _store(attempt, attempt.draft, f"timeout-{attempt.id}", now)
        last.is_by_timeout = True
        _mail_receipt(last, now)
    if last is not None:
        finish(attempt, now)


# --- work of kind "check": facts, never a verdict ----------------------------------------------------------------


def look(submission_id: int) -> list[dict[str, Any]]:
    """Run the challenge's checks over what was handed in."""
    submission = db.session.get(Submission, submission_id)
    if submission is None:
        raise Hopeless("The submission was deleted.")
    attempt = submission.attempt
    challenge = publishing.challenge_of(attempt.invitation.challenge_version)
    facts = checks.run(challenge.checks, submission.answers, attempt.locale, freezing.notes_of(submission))
    return [fact.as_json() for fact in facts]


def keep_facts(submission_id: int, facts: list[dict[str, Any]], now: datetime) -> None:
    """Store what the checks saw, once."""
    submission = db.session.get_one(Submission, submission_id)
    invitation = submission.attempt.invitation
    new = sql.insert_if_absent(
        CheckFacts,
        submission_id=submission_id,
        challenge_version_id=invitation.challenge_version_id,
        facts=facts,
        checked_at=now,
    )
    if new:
        counters.add(invitation.application.opening_id, counters.CHECKED)

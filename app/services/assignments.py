"""Who reads which answer, and holding it for a while. Two people never hold the same reading."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal, or_, select, update

from app import sql, tokens
from app.extensions import db
from app.models import (
    Appeal,
    AppealState,
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    IdentitySeen,
    Invitation,
    Submission,
)
from app.queue import defer
from app.refusals import LeaseLost, NotFound
from app.services import audit, staff
from app.services.audit import Actor
from app.services.work import Hopeless, NotYet
from grading import allocation

LEASE = timedelta(minutes=20)
NOBODY_YET = timedelta(minutes=10)
TRIES = 3
WAITING = (AssignmentState.OFFERED, AssignmentState.CLAIMED)


@dataclass(frozen=True)
class Progress:
    """What a grader sees of their own work."""

    done: int
    waiting: int
    skipped: int


# --- work of kind "assign" ---------------------------------------------------------------------------------------


def choose(attempt_id: int) -> tuple[int, ...]:
    """The graders who shall read an answer: the least loaded of those who may, as many as the role asks for."""
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        raise Hopeless("The attempt was deleted.")
    if _is_erased(attempt):
        return ()
    readers = attempt.invitation.application.opening.role.readers
    missing = readers - sum(not entry.is_third for entry in of_attempt(attempt_id))
    chosen = _pick(attempt, max(0, missing))
    if len(chosen) < missing:
        reason = f"{readers} people shall read each answer, but too few may read this one. Add reviewers."
        raise NotYet(reason, NOBODY_YET)
    return chosen


def _is_erased(attempt: Attempt) -> bool:
    """Whether the person has deleted their data: nothing is left to read."""
    return attempt.invitation.application.candidate.erased_at is not None


def offer(attempt_id: int, grader_ids: tuple[int, ...], now: datetime, is_third: bool = False) -> None:
    """Give the answer to these graders, each at its place in their own shuffled order.

    A third reading is for the second review that the candidate asked for, while that has no reader.
    """
    attempt = db.session.get_one(Attempt, attempt_id)
    invitation = attempt.invitation
    question = invitation.challenge_version.slug
    appeal = _unread_appeal(attempt) if is_third else None
    reply_by = appeal.reply_by if appeal else invitation.application.reply_by
    for grader_id in grader_ids:
        sql.insert_if_absent(
            Assignment,
            code=tokens.code(12),
            attempt_id=attempt_id,
            grader_id=grader_id,
            is_third=is_third,
            is_appeal=appeal is not None,
            state=AssignmentState.OFFERED,
            reply_by_on=reply_by.date(),
            position=allocation.position(grader_id, question, attempt_id),
            created_at=now,
        )


def _unread_appeal(attempt: Attempt) -> Appeal | None:
    """The second review that was asked for, while nobody was given this answer for it."""
    appeal = db.session.get(Appeal, attempt.invitation.application_id)
    is_given = any(entry.is_appeal for entry in of_attempt(attempt.id))
    return appeal if appeal is not None and appeal.state is AppealState.ASKED and not is_given else None


def choose_third(attempt_id: int) -> tuple[int, ...]:
    """One more grader who has neither read the answer nor seen the person (work of kind "third")."""
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        raise Hopeless("The attempt was deleted.")
    if _is_erased(attempt):
        return ()
    chosen = _pick(attempt, 1)
    if not chosen:
        raise NotYet("A third review is needed, but everybody who may read has read this answer.", NOBODY_YET)
    return chosen


def offer_third(attempt_id: int, grader_ids: tuple[int, ...], now: datetime) -> None:
    """Give the answer to the third reader."""
    offer(attempt_id, grader_ids, now, is_third=True)


def _pick(attempt: Attempt, readers: int) -> tuple[int, ...]:
    """Never somebody who has seen the person, nor somebody who has the answer already.

    Of an answer that was taken over from another job: nobody who has seen the person there, and those who have read it
    there only where there are too few others.
    """
    application = attempt.invitation.application
    same_words = _same_words(select(literal(attempt.id)))
    there = select(Invitation.application_id).join(Attempt).where(Attempt.id.in_(same_words))
    seen = select(IdentitySeen.user_id).where(
        or_(IdentitySeen.application_id == application.id, IdentitySeen.application_id.in_(there))
    )
    has_it = select(Assignment.grader_id).where(Assignment.attempt_id == attempt.id)
    barred = set(db.session.scalars(seen)) | set(db.session.scalars(has_it))
    allowed = [grader for grader in staff.graders(application.opening.region_id) if grader not in barred]
    counted = db.session.execute(
        select(Assignment.grader_id, func.count())
        .where(Assignment.grader_id.in_(allowed), Assignment.state.in_(WAITING))
        .group_by(Assignment.grader_id)
    )
    waiting = dict(counted.all())
    load = {grader: waiting.get(grader, 0) for grader in allowed}
    read_it = set(
        db.session.scalars(
            select(Assignment.grader_id).where(
                Assignment.attempt_id.in_(same_words), Assignment.state == AssignmentState.RATED
            )
        )
    )
    seed = f"attempt-{attempt.id}"
    fresh = allocation.pick({one: load[one] for one in load if one not in read_it}, readers, seed)
    again = allocation.pick({one: load[one] for one in load if one in read_it}, readers - len(fresh), seed)
    return fresh + again


def _same_words(attempt_ids: Select[int]) -> Select[int]:
    """The attempts whose answers are the words of these, taken over from one job to another; these as well."""
    first = select(func.coalesce(Submission.reused_from_id, Submission.id)).where(
        Submission.attempt_id.in_(attempt_ids)
    )
    return select(Submission.attempt_id).where(or_(Submission.id.in_(first), Submission.reused_from_id.in_(first)))


# --- at the desk -------------------------------------------------------------------------------------------------


def _mine(grader_id: int) -> Select[Assignment]:
    return select(Assignment).where(Assignment.grader_id == grader_id, Assignment.state.in_(WAITING))


def next_for(grader_id: int, now: datetime) -> Assignment | None:
    """The grader's next answer: what they hold already, else by reply-by day and in their own shuffled order.

    Skipped answers come last.
    """
    held = _mine(grader_id).where(Assignment.state == AssignmentState.CLAIMED, Assignment.lease_until > now)
    found = db.session.scalars(held.order_by(Assignment.position).limit(1)).first()
    if found is not None:
        return found
    order = (Assignment.reply_by_on, Assignment.position)
    fresh = _mine(grader_id).where(Assignment.skipped_at.is_(None)).order_by(*order).limit(1)
    skipped = _mine(grader_id).where(Assignment.skipped_at.is_not(None)).order_by(*order).limit(1)
    return db.session.scalars(fresh).first() or db.session.scalars(skipped).first()


def claim(assignment: Assignment, grader_id: int, now: datetime) -> None:
    """Hold an answer for 20 minutes; holding it already starts the 20 minutes again. Else LeaseLost."""
    held = sql.changed(
        update(Assignment)
        .where(Assignment.id == assignment.id, Assignment.grader_id == grader_id, Assignment.state.in_(WAITING))
        .values(state=AssignmentState.CLAIMED, lease_until=now + LEASE)
    )
    if not held:
        raise LeaseLost("This answer is not reserved for you any more. Nothing you typed is lost.")
    assignment.state, assignment.lease_until = AssignmentState.CLAIMED, now + LEASE


def take_next(grader_id: int, now: datetime) -> Assignment | None:
    """Hold the grader's next answer, or None if nothing waits. Another window of theirs may be a moment faster."""
    for _ in range(TRIES):
        assignment = next_for(grader_id, now)
        if assignment is None:
            return None
        try:
            claim(assignment, grader_id, now)
        except LeaseLost:
            continue
        return assignment
    return None


def skip(assignment: Assignment, grader_id: int, reason: str, now: datetime) -> None:
    """Put an answer aside with a reason; it comes back at the end of the queue."""
    skipped = sql.changed(
        update(Assignment)
        .where(Assignment.id == assignment.id, Assignment.grader_id == grader_id, Assignment.state.in_(WAITING))
        .values(state=AssignmentState.OFFERED, lease_until=None, skipped_at=now, skip_reason=reason[:200])
    )
    if not skipped:
        raise LeaseLost("This answer is not reserved for you any more.")
    audit.record(Actor.user(grader_id), "assignment.skip", "assignment", assignment.id, now)


def hand_on(assignment: Assignment, grader_id: int, reason: str, now: datetime) -> None:
    """Give an answer up, with the reason; somebody else is asked to read it. It never comes back to this grader."""
    given = sql.changed(
        update(Assignment)
        .where(Assignment.id == assignment.id, Assignment.grader_id == grader_id, Assignment.state.in_(WAITING))
        .values(state=AssignmentState.RELEASED, lease_until=None, skipped_at=now, skip_reason=reason[:200])
    )
    if not given:
        raise LeaseLost("This answer is not reserved for you any more.")
    kind = "third" if assignment.is_third else "assign"
    defer(kind, assignment.attempt_id, now, key=f"{assignment.attempt_id}:after:{assignment.id}")
    audit.record(Actor.user(grader_id), "assignment.hand_on", "assignment", assignment.id, now)


def hand_on_of(application_ids: Collection[int], grader_id: int, now: datetime) -> None:
    """Give up what this grader has still to read of these applications: they know now who wrote it.

    The same words at another job, taken over by the same person, go as well.
    """
    theirs = select(Attempt.id).join(Invitation).where(Invitation.application_id.in_(application_ids))
    mine = select(Assignment).where(
        or_(Assignment.attempt_id.in_(theirs), Assignment.attempt_id.in_(_same_words(theirs))),
        Assignment.grader_id == grader_id,
        Assignment.state.in_(WAITING),
    )
    for assignment in db.session.scalars(mine).all():
        # Lost means that it was rated or given up a moment ago: nothing is left to do.
        with suppress(LeaseLost):
            hand_on(assignment, grader_id, "seen", now)


def by_code(code: str, grader_id: int) -> Assignment:
    """The grader's own assignment with this code, or NotFound: somebody else's looks like none."""
    found = db.session.scalar(select(Assignment).where(Assignment.code == code, Assignment.grader_id == grader_id))
    if found is None:
        raise NotFound
    return found


def progress(grader_id: int) -> Progress:
    """How many answers this grader has read, has waiting, and has put aside."""
    rows = db.session.execute(
        select(Assignment.state, Assignment.skipped_at.is_not(None), func.count())
        .where(Assignment.grader_id == grader_id, Assignment.state != AssignmentState.RELEASED)
        .group_by(Assignment.state, Assignment.skipped_at.is_not(None))
    ).all()
    done = sum(number for state, _, number in rows if state is AssignmentState.RATED)
    waiting = sum(number for state, _, number in rows if state in WAITING)
    skipped = sum(number for state, is_skipped, number in rows if state in WAITING and is_skipped)
    return Progress(done, waiting, skipped)


def expire(now: datetime) -> None:
    """Give lapsed leases back to the queue of their grader."""
    sql.changed(
        update(Assignment)
        .where(Assignment.state == AssignmentState.CLAIMED, Assignment.lease_until < now)
        .values(state=AssignmentState.OFFERED, lease_until=None)
    )


def of_attempt(attempt_id: int) -> list[Assignment]:
    """Every reading of one answer, the third last."""
    return list(
        db.session.scalars(
            select(Assignment)
            .where(Assignment.attempt_id == attempt_id, Assignment.state != AssignmentState.RELEASED)
            .order_by(Assignment.is_third, Assignment.id)
        )
    )


def application_of(assignment: Assignment) -> Application:
    """The application whose answer is read. For the services; the desk never shows it."""
    return db.session.scalars(
        select(Application).join(Invitation).join(Attempt).where(Attempt.id == assignment.attempt_id)
    ).one()

"""Decisions: made by a person, with a reason, undone until they are released, then told to the candidate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from app import sql
from app.extensions import db
from app.models import Application, Decision, RubricVersion, Stage, User
from app.refusals import IllegalMove, Refused
from app.services import applications, audit, counters, mails, pace, roles
from app.services.audit import Actor

OUTCOMES = (Stage.SHORTLISTED, Stage.NOT_SELECTED)


@dataclass(frozen=True)
class Tally:
    """What came of deciding on several people: how many, how many were decided like this before, who could not be."""

    decided: int
    unchanged: int
    refused: tuple[tuple[str, Refused], ...]


def standing_of(application_ids: Collection[int]) -> dict[int, Decision]:
    """The decision that stands for each of these applications, where there is one."""
    newest = (
        select(func.max(Decision.id))
        .where(Decision.application_id.in_(application_ids), Decision.undone_at.is_(None))
        .group_by(Decision.application_id)
    )
    found = db.session.scalars(select(Decision).where(Decision.id.in_(newest)))
    return {decision.application_id: decision for decision in found}


def decide(application: Application, stage: Stage, reason: str, by: int, now: datetime) -> Decision:
    """Shortlist or turn down, with the reason. A new decision replaces one that was not released."""
    if stage not in OUTCOMES:
        raise IllegalMove("A decision is either to shortlist or not to select.")
    if not reason.strip():
        raise Refused("Please give the reason; it is kept with the decision and never shown to the candidate.")
    if application.released_at is not None:
        raise Refused("The candidate has been told already. Move the applicant on the board instead.")
    actor = Actor.user(by)
    before = standing_of([application.id]).get(application.id)
    if before is not None and before.stage is stage:
        raise Refused("This has been decided already.")
    if before is not None:
        undo(application, by, now)
    if application.stage is not stage:
        applications.change_stage(application, stage, actor, now)
    decision = Decision(
        application_id=application.id, stage=stage, reason=reason.strip(), decided_by_id=by, decided_at=now
    )
    db.session.add(decision)
    db.session.flush()
    counters.add(application.opening_id, counters.DECIDED)
    audit.record(actor, "decision.make", "application", application.id, now, stage=stage.name)
    return decision


def decide_all(applications_: Sequence[Application], stage: Stage, reason: str, by: int, now: datetime) -> Tally:
    """Decide on several people at once; whoever cannot be decided on is named with the reason, the others are done.

    Doing the same again changes nothing.
    """
    decided, unchanged, refused = 0, 0, []
    before = standing_of([application.id for application in applications_])
    for application in applications_:
        standing = before.get(application.id)
        if standing is not None and standing.stage is stage:
            unchanged += 1
            continue
        try:
            with db.session.begin_nested():
                decide(application, stage, reason, by, now)
        except Refused as refusal:
            refused.append((application.code, refusal))
        else:
            decided += 1
    return Tally(decided, unchanged, tuple(refused))


def decide_anew(application: Application, stage: Stage, reason: str, by: int, now: datetime) -> None:
    """After a second review: the decision that was told gives way to this one, which may say the same."""
    standing_of([application.id])[application.id].undone_at = now
    if application.stage is not stage:
        applications.change_stage(application, stage, Actor.user(by), now)
    db.session.add(
        Decision(application_id=application.id, stage=stage, reason=reason.strip(), decided_by_id=by, decided_at=now)
    )
    db.session.flush()
    audit.record(Actor.user(by), "decision.make", "application", application.id, now, stage=stage.name)


def undo(application: Application, by: int, now: datetime) -> None:
    """Take back a decision that has not been released; the applicant is in assessment again."""
    decision = standing_of([application.id]).get(application.id)
    if decision is None or application.released_at is not None:
        raise Refused("There is no decision here that can be taken back.")
    decision.undone_at = now
    applications.change_stage(application, Stage.IN_ASSESSMENT, Actor.user(by), now)
    counters.add(application.opening_id, counters.DECIDED, -1)
    audit.record(Actor.user(by), "decision.undo", "application", application.id, now)


def release(application: Application, by: int, now: datetime) -> bool:
    """Tell the candidate: their page shows the outcome, and a mail goes out. False if they were told already."""
    if application.id not in standing_of([application.id]):
        raise Refused("There is no decision to tell yet.")
    released = sql.changed(
        update(Application)
        .where(Application.id == application.id, Application.released_at.is_(None))
        .values(released_at=now)
    )
    if not released:
        return False
    application.released_at = now
    counters.add(application.opening_id, counters.RELEASED)
    audit.record(Actor.user(by), "decision.release", "application", application.id, now)
    mails.post("outcome", application.candidate, now, application=application.id)
    pace.ask(application.opening.region_id, now)
    return True


def release_all(opening_id: int, by: int, now: datetime) -> int:
    """Tell everybody who is decided on and not told yet; gives how many. Doing it again tells nobody twice."""
    told = 0
    while waiting := waiting_for_release(opening_id):
        told += sum(release(application, by, now) for application in waiting)
        db.session.flush()
    return told


def history(application_id: int) -> list[tuple[Decision, str | None]]:
    """Every decision on an application, the newest first, with the name of who made it while that is known."""
    query = (
        select(Decision, User.name)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.application_id == application_id)
        .order_by(Decision.id.desc())
    )
    return [(decision, name) for decision, name in db.session.execute(query)]


def waiting_for_release(opening_id: int, limit: int = 500) -> list[Application]:
    """Applications that are decided but not told."""
    return list(
        db.session.scalars(
            select(Application)
            .join(Decision)
            .where(
                Application.opening_id == opening_id,
                Application.released_at.is_(None),
                # Somebody who has left is not written to.
                Application.stage != Stage.WITHDRAWN,
                Decision.undone_at.is_(None),
            )
            .distinct()
            .order_by(Application.id)
            .limit(limit)
        )
    )


def rubric_of(application: Application) -> RubricVersion:
    """The rubric in force for an application's role."""
    return roles.rubric_in_force(application.opening.role_id)

"""Other weights for a role: proposed as the next rubric version, looked at in advance, put in force or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update

from app import sql
from app.extensions import db
from app.models import (
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    ChallengeVersion,
    Invitation,
    Opening,
    Preview,
    Rating,
    Role,
    RubricVersion,
    User,
)
from app.refusals import NotFound, Refused
from app.services import audit, publishing, rescoring, roles, rubric_previews
from app.services.audit import Actor
from grading.rubric import fingerprint

HEAVIEST = 10


class Unfit(Refused):
    """These weights cannot be."""

    status = 422
    code = "unfit_weights"


class Overtaken(Refused):
    """Somebody else has put weights in force, or has discarded these."""

    code = "overtaken"


@dataclass(frozen=True)
class Weighing:
    """How much one challenge counts, and each criterion that counts in it. An optional one may be missing."""

    weight: int
    criteria: Mapping[str, int]


def propose(
    role: Role, weighing: Mapping[int, Weighing], line_percent: int | None, by: int, now: datetime
) -> RubricVersion:
    """Write other weights down as the role's next rubric version, and ask what they would change.

    `weighing` is by challenge version id. Nothing is scored by it until it is put in force. Proposing the same again
    gives the same proposal. Unfit unless weights are whole numbers from 0 to 10 with one above 0 among the challenges
    and among the criteria of each (a bonus does not count here), and for criteria that nobody was asked to rate.
    """
    _lock(role)
    in_force = roles.rubric_in_force(role.id)
    weights = _weights(role, weighing)
    if line_percent is not None and not 0 <= line_percent <= 100:
        raise Unfit("The shortlist line lies between 0 and 100 percent.")
    content = (fingerprint(weights), line_percent)
    if content == (in_force.fingerprint, in_force.line_percent):
        raise Unfit("These are the weights that are in force already.")
    _refuse_unrated(role, in_force.weights, weights)
    same = next((one for one in waiting(role) if (one.fingerprint, one.line_percent) == content), None)
    if same is not None:
        return same
    last = db.session.scalar(select(func.max(RubricVersion.number)).where(RubricVersion.role_id == role.id)) or 0
    proposal = RubricVersion(
        role_id=role.id,
        number=last + 1,
        weights=weights,
        fingerprint=content[0],
        line_percent=line_percent,
        proposed_by_id=by,
        created_at=now,
    )
    db.session.add(proposal)
    db.session.flush()
    audit.record(Actor.user(by), "rubric.propose", "rubric_version", proposal.id, now, number=proposal.number)
    rubric_previews.begin(proposal, in_force, now)
    return proposal


def _lock(role: Role) -> None:
    """One change of a role's rubric at a time. SQLite has one writer anyway."""
    db.session.execute(select(Role.id).where(Role.id == role.id).with_for_update()).all()


def _weights(role: Role, weighing: Mapping[int, Weighing]) -> dict[str, Any]:
    versions = {entry.challenge_version_id: entry.challenge_version for entry in role.challenges}
    if set(weighing) != set(versions):
        raise Unfit("Every challenge of the role needs a weight, and no other.")
    if not any(_whole(one.weight) for one in weighing.values()):
        raise Unfit("At least one challenge needs a weight above 0.")
    return {str(key): _weights_of(version, weighing[key]) for key, version in versions.items()}


def _weights_of(version: ChallengeVersion, weighed: Weighing) -> dict[str, Any]:
    """One challenge's weights in rubric order; what is a bonus stays one."""
    challenge = publishing.challenge_of(version)
    known = {criterion.key: criterion for criterion in challenge.criteria}
    missing = [key for key in known if key not in weighed.criteria]
    if set(weighed.criteria) - set(known) or not all(known[key].is_optional for key in missing):
        raise Unfit("Every criterion needs a weight; only those marked as optional can be left out.")
    criteria = {key: _whole(weighed.criteria[key]) for key in known if key in weighed.criteria}
    if not any(weight for key, weight in criteria.items() if not known[key].is_bonus):
        raise Unfit("At least one criterion of each challenge needs a weight above 0; a bonus alone is not enough.")
    bonus = [key for key in criteria if known[key].is_bonus]
    return {"weight": _whole(weighed.weight), "criteria": criteria, "bonus": bonus}


def _whole(weight: int) -> int:
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= HEAVIEST:
        raise Unfit("A weight is a whole number from 0 to %(most)d.", most=HEAVIEST)
    return weight


def _refuse_unrated(role: Role, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Unfit if a criterion comes in that some reading, done by now, has no level for: nobody was asked for it."""
    for key, weighed in after.items():
        for criterion in weighed["criteria"]:
            if criterion not in before[key]["criteria"] and _is_missing(role.id, int(key), criterion):
                raise Unfit(
                    "A criterion that was left out cannot be weighed any more: nobody was asked to rate it in the "
                    "answers that have been read. For the next hiring, create a new role that includes it."
                )


def _is_missing(role_id: int, version_id: int, criterion: str) -> bool:
    """Whether a reading of this challenge is done without a level on this criterion."""
    rated = select(Rating.id).where(
        Rating.assignment_id == Assignment.id, Rating.version == Assignment.version, Rating.criterion == criterion
    )
    without = (
        select(Assignment.id)
        .join(Attempt, Attempt.id == Assignment.attempt_id)
        .join(Invitation, Invitation.id == Attempt.invitation_id)
        .join(Application, Application.id == Invitation.application_id)
        .join(Opening, Opening.id == Application.opening_id)
        .where(
            Opening.role_id == role_id,
            Invitation.challenge_version_id == version_id,
            Assignment.state == AssignmentState.RATED,
            ~exists(rated),
        )
        .limit(1)
    )
    return db.session.scalar(without) is not None


def waiting(role: Role) -> list[RubricVersion]:
    """The proposals of a role that are neither in force nor discarded, the newest first."""
    return [one for one in versions(role) if one.in_force_at is None and one.discarded_at is None]


def versions(role: Role) -> list[RubricVersion]:
    """Every rubric version of a role, proposals and discarded ones too, the newest first. They are few."""
    return list(
        db.session.scalars(
            select(RubricVersion).where(RubricVersion.role_id == role.id).order_by(RubricVersion.number.desc())
        )
    )


def by_number(role: Role, number: int) -> RubricVersion:
    """One rubric version of a role, or NotFound."""
    found = db.session.scalar(
        select(RubricVersion).where(RubricVersion.role_id == role.id, RubricVersion.number == number)
    )
    if found is None:
        raise NotFound
    return found


def proposer(proposal: RubricVersion) -> str | None:
    """Who proposed it, while that is known."""
    return db.session.scalar(select(User.name).where(User.id == proposal.proposed_by_id))


def put_in_force(role: Role, proposal: RubricVersion, by: int, now: datetime) -> None:
    """From here on the role's answers are scored by these weights; everybody who has a score gets one more.

    Refused before its preview is there; Overtaken if other weights came into force since the preview was made, or
    somebody has settled this proposal: of two managers the second is told.
    """
    _lock(role)
    in_force = roles.rubric_in_force(role.id)
    _require_seen(proposal, in_force)
    _refuse_unrated(role, in_force.weights, proposal.weights)
    assert in_force.in_force_at is not None
    # The order of versions must not hang on a clock that was set back.
    at = max(now, in_force.in_force_at + timedelta(microseconds=1))
    _settle(proposal, in_force_at=at)
    role.line_percent = proposal.line_percent
    audit.record(Actor.user(by), "rubric.put_in_force", "rubric_version", proposal.id, now, number=proposal.number)
    db.session.flush()
    rescoring.begin(proposal, now)


def _require_seen(proposal: RubricVersion, in_force: RubricVersion) -> None:
    db.session.refresh(proposal)
    if proposal.in_force_at is not None:
        raise Overtaken("Somebody has put these weights in force already. Nothing more is to be done.")
    preview = db.session.get(Preview, proposal.id, populate_existing=True)
    if preview is not None and preview.against_id != in_force.id:
        raise Overtaken(
            "Other weights were put in force since this preview was made. Work it out again before you decide."
        )
    if preview is None or preview.finished_at is None:
        raise Refused("Please wait for the preview: nobody should change weights without having seen what it does.")


def discard(proposal: RubricVersion, by: int, now: datetime) -> None:
    """Put a proposal away. It stays readable; its number is not given again."""
    _settle(proposal, discarded_at=now)
    audit.record(Actor.user(by), "rubric.discard", "rubric_version", proposal.id, now, number=proposal.number)


def _settle(proposal: RubricVersion, **moment: datetime) -> None:
    settled = sql.changed(
        update(RubricVersion)
        .where(
            RubricVersion.id == proposal.id,
            RubricVersion.in_force_at.is_(None),
            RubricVersion.discarded_at.is_(None),
        )
        .values(**moment)
    )
    if not settled:
        raise Overtaken("Somebody has decided about these weights already. Look at the role again.")
    db.session.refresh(proposal)

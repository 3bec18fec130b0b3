"""Roles: what kind of job is hired for, by which challenges, and how the answers are weighed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import ChallengeVersion, Role, RoleChallenge, RubricVersion
from app.refusals import Refused
from app.services import audit, publishing
from app.services.audit import Actor
from grading.rubric import fingerprint

# An estimate for one answer of about 100 words and five criteria; a reader's own pace is on their desk.
MINUTES_TO_READ = 4


def slug_of(title: str) -> str:
    """A title as part of an address: lower-case ASCII letters, digits and hyphens."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_title).strip("-")[:60] or "role"


def create(
    title: str,
    challenges: Sequence[ChallengeVersion],
    by: Actor,
    now: datetime,
    readers: int = 2,
    line_percent: int | None = 60,
    window_days: int = 7,
    without_optional: bool = False,
) -> Role:
    """Create a role with its challenges in order; its first rubric version takes their weights as published."""
    if not challenges:
        raise Refused("A role needs at least one challenge.")
    if not 1 <= readers <= 5:
        raise Refused("Between one and five people can read each answer.")
    if line_percent is not None and not 0 <= line_percent <= 100:
        raise Refused("The shortlist line lies between 0 and 100 percent.")
    if not 1 <= window_days <= 60:
        raise Refused("Candidates get between 1 and 60 days to answer.")
    role = Role(
        slug=_free_slug(title),
        title=title.strip(),
        readers=readers,
        line_percent=line_percent,
        window_days=window_days,
        created_at=now,
    )
    role.challenges = [
        RoleChallenge(challenge_version=version, position=place) for place, version in enumerate(challenges, start=1)
    ]
    db.session.add(role)
    db.session.flush()
    _first_rubric(role, now, without_optional)
    audit.record(by, "role.create", "role", role.id, now)
    return role


def _first_rubric(role: Role, now: datetime, without_optional: bool) -> RubricVersion:
    weights: dict[str, Any] = {}
    for entry in role.challenges:
        challenge = publishing.challenge_of(entry.challenge_version)
        criteria = {
            criterion.key: criterion.weight
            for criterion in challenge.criteria
            if not (without_optional and criterion.is_optional)
        }
        bonus = [one.key for one in challenge.criteria if one.is_bonus and one.key in criteria]
        weights[str(entry.challenge_version_id)] = {"weight": 1, "criteria": criteria, "bonus": bonus}
    rubric = RubricVersion(
        role_id=role.id,
        number=1,
        weights=weights,
        fingerprint=fingerprint(weights),
        line_percent=role.line_percent,
        created_at=now,
        in_force_at=now,
    )
    db.session.add(rubric)
    db.session.flush()
    return rubric


def rubric_in_force(role_id: int) -> RubricVersion:
    """The rubric version that was put in force last."""
    return db.session.scalars(
        select(RubricVersion)
        .where(RubricVersion.role_id == role_id, RubricVersion.in_force_at.is_not(None))
        .order_by(RubricVersion.in_force_at.desc(), RubricVersion.number.desc())
        .limit(1)
    ).one()


def hold_weights(role_ids: Collection[int]) -> None:
    """Until this transaction ends, nobody puts other weights in force for these roles.

    A score or a reading that is being written would otherwise miss the new ones. SQLite has one writer anyway.
    """
    held = select(Role.id).where(Role.id.in_(role_ids)).order_by(Role.id).with_for_update(read=True)
    db.session.execute(held).all()


def line(role: Role) -> Fraction | None:
    """The shortlist line as a share of the highest score, or None while nobody has drawn one."""
    return line_at(role.line_percent)


def line_at(percent: int | None) -> Fraction | None:
    """A line drawn at this percent of the highest score."""
    return None if percent is None else Fraction(percent, 100)


def reader_hours(applicants: int, readers: int, challenges: int = 1) -> Fraction:
    """Hours of reading that a role costs, third reviews left out. An estimate: see `MINUTES_TO_READ`."""
    return Fraction(applicants * readers * challenges * MINUTES_TO_READ, 60)


def all_roles() -> list[Role]:
    """Every role, the newest first. A company has few."""
    return list(db.session.scalars(select(Role).order_by(Role.id.desc())))


def by_slug(slug: str) -> Role | None:
    """The role with this slug."""
    return db.session.scalar(select(Role).where(Role.slug == slug))


def _free_slug(title: str) -> str:
    base = slug_of(title)
    taken = set(db.session.scalars(select(Role.slug).where(Role.slug.startswith(base))))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if slug not in taken)

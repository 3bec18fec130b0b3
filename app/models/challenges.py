"""Challenges and the rubric versions of a role. What is published is frozen: a change is a new row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base


class ChallengeVersion(Base):
    """The frozen content of one version of one challenge, with its fingerprint."""

    __tablename__ = "challenge_version"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    # Tens of kilobytes that are read once per process: see `publishing.challenge_of`.
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    published_at: Mapped[datetime]


class ChallengeDraft(Base):
    """A challenge that is being written in the browser. `content` is what `draft_content` reads and writes.

    Everybody who hires may work on it; `revision` grows with every save, so that nobody overwrites another unseen.
    """

    __tablename__ = "challenge_draft"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    locales: Mapped[list[Any]]
    # The author may leave the company; the draft stays.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class LibraryFault(Base):
    """What was wrong with a challenge when the library was last published. Gone when a later run finds nothing."""

    __tablename__ = "library_fault"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(500))
    line: Mapped[int]
    message: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime]


class Role(Base):
    """A kind of job hired for across regions: its challenges, how they are read, and the shortlist line."""

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint("appeal_points BETWEEN 1 AND 50", name="appeal_points_sane"),
        CheckConstraint("appeal_days BETWEEN 1 AND 60", name="appeal_days_sane"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    # Two people read each answer unless the role says otherwise (1 to 5).
    readers: Mapped[int] = mapped_column(default=2)
    # Percent of the highest possible score; None while nobody has drawn a line.
    line_percent: Mapped[int | None]
    # A personal timer in minutes, only where the role wants one.
    timer_minutes: Mapped[int | None]
    window_days: Mapped[int] = mapped_column(default=7)
    # A second review may be asked for within so many points of the line; None: not at all.
    appeal_points: Mapped[int | None]
    appeal_days: Mapped[int] = mapped_column(default=7)
    created_at: Mapped[datetime]

    challenges: Mapped[list[RoleChallenge]] = relationship(order_by="RoleChallenge.position")


class RoleChallenge(Base):
    """One challenge of a role, in order."""

    __tablename__ = "role_challenge"
    __table_args__ = (UniqueConstraint("role_id", "position"), UniqueConstraint("role_id", "challenge_version_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    challenge_version_id: Mapped[int] = mapped_column(ForeignKey("challenge_version.id"), index=True)
    position: Mapped[int]

    challenge_version: Mapped[ChallengeVersion] = relationship(lazy="joined")


class RubricVersion(Base):
    """What a role weighs, frozen.

    `weights` is {challenge version id: {"weight": w, "criteria": {key: w}, "bonus": [key]}}.

    It is a proposal until it is put in force; the one put in force last counts. Every score names the version it was
    made under.
    """

    __tablename__ = "rubric_version"
    __table_args__ = (
        UniqueConstraint("role_id", "number"),
        CheckConstraint("in_force_at IS NULL OR discarded_at IS NULL", name="in_force_or_discarded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    number: Mapped[int]
    weights: Mapped[dict[str, Any]]
    # Of the weights alone.
    fingerprint: Mapped[str] = mapped_column(String(64))
    # The shortlist line that comes with it; putting it in force draws the role's line there.
    line_percent: Mapped[int | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]

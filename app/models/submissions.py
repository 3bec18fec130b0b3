"""The candidate's side of a challenge: the link, the attempt, what was handed in, and the facts about it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.challenges import ChallengeVersion
from app.models.openings import Application


class Invitation(Base):
    """The private link to one's challenge, and the window in which it can be answered."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("application_id", "challenge_version_id"),
        CheckConstraint("closes_at > opens_at", name="window_not_empty"),
        CheckConstraint("extra_minutes >= 0 AND more_percent >= 0 AND lost_seconds >= 0", name="only_longer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    challenge_version_id: Mapped[int] = mapped_column(ForeignKey("challenge_version.id"), index=True)
    # SHA-256 of the token in the link, written by the mail that carries it; the token itself is never stored.
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Grows when the link is replaced.
    link_number: Mapped[int] = mapped_column(default=1)
    # When the link with this number was issued; an ended application's link holds for 30 days from here.
    link_issued_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    # The end of the window, with the wall time, the zone and the zone data that it came from.
    closes_at: Mapped[datetime]
    closes_local: Mapped[str] = mapped_column(String(26))
    closes_zone: Mapped[str] = mapped_column(String(64))
    closes_tzdata: Mapped[str] = mapped_column(String(12))
    # Granted: so much longer the window, and so many per cent longer a personal timer.
    extra_minutes: Mapped[int] = mapped_column(default=0)
    more_percent: Mapped[int] = mapped_column(default=0)
    # Given back for our own outages (`OutageCredit`).
    lost_seconds: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    challenge_version: Mapped[ChallengeVersion] = relationship(lazy="joined")


class Attempt(Base):
    """One person at one challenge: when they started, until when they can answer, and the draft."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), unique=True)
    locale: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[datetime]
    cutoff_at: Mapped[datetime]
    # Of the invitation's, what was given back after the start.
    lost_seconds: Mapped[int] = mapped_column(default=0)
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    draft_revision: Mapped[int] = mapped_column(default=0)
    draft_saved_at: Mapped[datetime | None]
    # "If time runs out, hand in what I have."
    hand_in_draft: Mapped[bool] = mapped_column(default=True)
    submission_count: Mapped[int] = mapped_column(default=0)
    # From here on the answer stands and can be read.
    final_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship()


class Submission(Base):
    """What was handed in, immutable. The latest of an attempt stands."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("attempt_id", "number"), UniqueConstraint("attempt_id", "key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    # The receipt's name: random, says nothing about order.
    code: Mapped[str] = mapped_column(String(16), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    number: Mapped[int]
    # Minted with the form: the same key never makes a second submission.
    key: Mapped[str] = mapped_column(String(43))
    answers: Mapped[dict[str, Any]]
    # SHA-256 of the canonical JSON of the answers.
    content_hash: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    is_in_grace: Mapped[bool] = mapped_column(default=False)
    is_late: Mapped[bool] = mapped_column(default=False)
    is_by_timeout: Mapped[bool] = mapped_column(default=False)
    # The answer to the same challenge at another job that was taken over, as the person wished.
    reused_from_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="SET NULL"), index=True)
    # A late answer that a person lets count, with the reason.
    counted_at: Mapped[datetime | None]
    counted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    counted_because: Mapped[str | None] = mapped_column(Text)

    @property
    def counts(self) -> bool:
        """Whether it can stand: it came in time, or somebody lets it count."""
        return not self.is_late or self.counted_at is not None

    attempt: Mapped[Attempt] = relationship()


class LinkState(enum.Enum):
    """What came of opening a link that a candidate handed in."""

    ALIVE = "alive"
    BROKEN = "broken"
    REFUSED = "refused"


class FrozenPage(Base):
    """What a link in a submission showed soon after it was handed in; later changes there do not matter."""

    __tablename__ = "frozen_page"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(81), primary_key=True)
    state: Mapped[LinkState]
    # Why there is no page: a code of app/outgoing.py, or the status of the answer.
    reason: Mapped[str | None] = mapped_column(String(40))
    # Where the redirects ended.
    url: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str | None] = mapped_column(String(100))
    body: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int | None]
    # SHA-256 of the body.
    sha256: Mapped[str | None] = mapped_column(String(64))
    fetched_at: Mapped[datetime]


class CheckFacts(Base):
    """What the checks saw in a submission. Exists if and only if the check run succeeded."""

    __tablename__ = "check_facts"
    __table_args__ = (Index("ix_check_facts_challenge_version_id", "challenge_version_id"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    challenge_version_id: Mapped[int] = mapped_column(ForeignKey("challenge_version.id"), primary_key=True)
    facts: Mapped[list[Any]]
    checked_at: Mapped[datetime]

"""What comes after the answer: a second review, words to the candidate, the survey, leaving, and deleted data."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.openings import Application


class AppealState(enum.Enum):
    """Where a second review stands. Legal moves are in `services/appeals.py`."""

    # A reader is being found, or reads.
    ASKED = "asked"
    # Read again; the score counts it; a person decides.
    READ = "read"
    # The decision stands, or there is another one; either way the candidate was told.
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    # The person has deleted their data before it was settled.
    ENDED = "ended"


class Appeal(Base):
    """A second review that a candidate asked for. One per application, ever."""

    __tablename__ = "appeal"
    __table_args__ = (
        Index(
            "ix_appeal_open",
            "opening_id",
            "asked_at",
            sqlite_where=text("state IN ('ASKED', 'READ')"),
            postgresql_where=text("state IN ('ASKED', 'READ')"),
        ),
        CheckConstraint("state <> 'ASKED' OR read_at IS NULL", name="read_when_read"),
        CheckConstraint("state <> 'READ' OR read_at IS NOT NULL", name="read_has_moment"),
        CheckConstraint("(state IN ('CONFIRMED', 'CHANGED', 'ENDED')) = (settled_at IS NOT NULL)", name="settled_once"),
    )

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # Of the application, which never changes its opening: the manager's list needs no join.
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id"))
    state: Mapped[AppealState] = mapped_column(default=AppealState.ASKED)
    asked_at: Mapped[datetime]
    # The promise for the second review.
    reply_by: Mapped[datetime]
    # The score that counted when it was asked for.
    score_id: Mapped[int | None] = mapped_column(ForeignKey("score.id", ondelete="SET NULL"), index=True)
    read_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class OutcomeComment(Base):
    """What the team adds for the candidate to the outcome: to the whole (slug empty) or to one challenge."""

    __tablename__ = "outcome_comment"

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class SurveyMoment(enum.Enum):
    """When the two questions were answered: how fair it seemed is another thing once one knows the outcome."""

    HANDED_IN = "handed in"
    TOLD = "told"


class Survey(Base):
    """A candidate's answer to the two questions. Shown only together with four others or more, never with a name."""

    __tablename__ = "survey"
    __table_args__ = (
        Index("ix_survey_opening_id_fair", "opening_id", "fair"),
        Index("ix_survey_opening_id_minutes", "opening_id", "minutes"),
        CheckConstraint("fair BETWEEN 1 AND 5", name="fair_on_scale"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_sane"),
    )

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id"))
    moment: Mapped[SurveyMoment]
    fair: Mapped[int]
    # How long it really took, over all challenges.
    minutes: Mapped[int]
    words: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime]


class Reason(enum.Enum):
    """Why somebody leaves, by one tap. Never asked for, never held against anybody."""

    TOO_LONG = "too long"
    NO_COMPUTER = "no computer"
    PAY = "pay"
    FOUND_A_JOB = "found a job"
    OTHER = "other"


class Leaving(Base):
    """Why somebody withdrew, where they said so."""

    __tablename__ = "leaving"

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reason: Mapped[Reason]
    said_at: Mapped[datetime]


class ReplySpeed(Base):
    """Within how many days three of four people in a region were told in the last half year. A worker counts it."""

    __tablename__ = "reply_speed"
    __table_args__ = (CheckConstraint("(told = 0) = (days IS NULL)", name="days_of_some"),)

    region_id: Mapped[int] = mapped_column(
        ForeignKey("region.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    told: Mapped[int]
    # Whole days from the last answer to the outcome.
    days: Mapped[int | None]
    counted_at: Mapped[datetime]


class Erasure(Base):
    """Somebody's data was deleted. The ledger from which it is repeated after an older backup was restored."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index(
            "ix_erasure_under_way",
            "candidate_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime]
    # The mail that confirms it, the last one they get.
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id", ondelete="SET NULL"), index=True)
    # When nothing of theirs was left.
    done_at: Mapped[datetime | None]

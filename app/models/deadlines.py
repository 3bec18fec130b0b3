"""What moves the end of somebody's time: adjustments that a person grants, and outages of our own."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.openings import Application


class Adjustment(enum.Enum):
    """What a candidate asks for. Never why: no condition is asked and none is stored."""

    MORE_TIME = "more time"
    OTHER_FORMAT = "other format"
    OTHER = "other"


class AccommodationState(enum.Enum):
    """Where a request stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


class Accommodation(Base):
    """A candidate's request for extra time or another adjustment, and what was answered. Reviewers never see it."""

    __tablename__ = "accommodation"
    __table_args__ = (
        # One open request at a time.
        Index(
            "ix_accommodation_open",
            "application_id",
            unique=True,
            sqlite_where=text("state = 'ASKED'"),
            postgresql_where=text("state = 'ASKED'"),
        ),
        Index(
            "ix_accommodation_waiting",
            "region_id",
            "id",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(
            "ix_accommodation_answered",
            "region_id",
            "id",
            sqlite_where=text("answered_at IS NOT NULL"),
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
        Index("ix_accommodation_application_id_id", "application_id", "id"),
        CheckConstraint("(state = 'ASKED') = (answered_at IS NULL)", name="answered_once"),
        CheckConstraint("more_percent >= 0 AND extra_minutes >= 0", name="only_longer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The request's name in addresses.
    code: Mapped[str] = mapped_column(String(12), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    # The region whose recruiters answer it, so that their list needs no join.
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    kind: Mapped[Adjustment]
    # Of MORE_TIME: so many per cent more; None is said in words.
    wished_percent: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[AccommodationState] = mapped_column(default=AccommodationState.ASKED)
    asked_at: Mapped[datetime]
    # What was granted with this request, on top of what was granted before.
    more_percent: Mapped[int] = mapped_column(default=0)
    extra_minutes: Mapped[int] = mapped_column(default=0)
    # What the candidate reads.
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    answered_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class Heartbeat(Base):
    """One row: when a web server that can reach the database last said that it takes requests."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    beat_at: Mapped[datetime]


class Outage(Base):
    """A time in which no web server said that it takes requests, planned or not."""

    __tablename__ = "outage"
    __table_args__ = (
        Index(
            "ix_outage_unsettled",
            "id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        CheckConstraint("ended_at > began_at", name="has_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The last beat before it: one silence is one outage, however many notice it.
    began_at: Mapped[datetime] = mapped_column(unique=True)
    ended_at: Mapped[datetime]
    # Invitations up to this id have been looked at.
    after: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]


class OutageCredit(Base):
    """The time that one outage gave back to one invitation. One row for each of both: never twice."""

    __tablename__ = "outage_credit"
    __table_args__ = (CheckConstraint("seconds > 0", name="gives_time"),)

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id"), primary_key=True, index=True)
    seconds: Mapped[int]
    credited_at: Mapped[datetime]

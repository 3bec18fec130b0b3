"""What is said between a candidate and the team, who waits for an answer, and how long answers took."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.accounts import User
from app.models.openings import Application


class Sender(enum.Enum):
    """Which side wrote a message."""

    CANDIDATE = "candidate"
    STAFF = "staff"


class Message(Base):
    """One message of the thread of an application. The words stand here and nowhere else."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("application_id", "key"),
        Index("ix_message_application_id_id", "application_id", "id"),
        CheckConstraint("sender = 'STAFF' OR user_id IS NULL", name="candidates_are_no_users"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    sender: Mapped[Sender]
    # Who of the team wrote it; None for the candidate, and for somebody who has left.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    # Plain text.
    body: Mapped[str] = mapped_column(Text)
    # Of the form's key and the words: the same form with the same words never makes a second message.
    key: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    # When the other side first had it on a page.
    read_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()


class Thread(Base):
    """Where the conversation about one application stands. There from the first message on."""

    __tablename__ = "thread"
    __table_args__ = (
        # A region's inbox, oldest question first, and everything that was said there, newest first.
        Index(
            "ix_thread_waiting",
            "region_id",
            "waiting_since",
            "application_id",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index("ix_thread_region_id_last_message_id", "region_id", "last_message_id"),
    )

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # The region of the opening, which never changes.
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    last_message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    # The moment of the oldest question that nobody has answered or set aside; None while nothing waits.
    waiting_since: Mapped[datetime | None]
    # Who of the team had it open last, so that two do not answer at once.
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    opened_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    last_message: Mapped[Message] = relationship()
    opened_by: Mapped[User | None] = relationship()


class FirstAnswer(Base):
    """How long a question waited for its first answer: two moments, nothing of the person. Stays when they go."""

    __tablename__ = "first_answer"
    __table_args__ = (Index("ix_first_answer_region_id_answered_at", "region_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime]


class AnswerSpeed(Base):
    """How fast a region has answered in the last 90 days, worked out by a worker so that no page counts."""

    __tablename__ = "answer_speed"
    __table_args__ = (CheckConstraint("(answers = 0) = (median_seconds IS NULL)", name="median_of_some"),)

    region_id: Mapped[int] = mapped_column(
        ForeignKey("region.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    answers: Mapped[int]
    median_seconds: Mapped[int | None]
    counted_at: Mapped[datetime]

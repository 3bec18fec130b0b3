"""Background work and outgoing mail. The table is the queue; RQ only rings the bell."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class WorkState(enum.Enum):
    """Where a piece of work stands. Legal moves are in `services/work.py`."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Work(Base):
    """One piece of background work: a check, a score, a mail. Written with the change that needs it."""

    __tablename__ = "work"
    __table_args__ = (
        Index(
            "ix_work_due",
            "kind",
            "next_at",
            "id",
            sqlite_where=text("state = 'PENDING'"),
            postgresql_where=text("state = 'PENDING'"),
        ),
        Index(
            "ix_work_lease_until",
            "lease_until",
            sqlite_where=text("state = 'RUNNING'"),
            postgresql_where=text("state = 'RUNNING'"),
        ),
        # What waits with a reason (after an error, or for its time), and what failed: grouped straight from the index.
        Index(
            "ix_work_put_back",
            "kind",
            "reason",
            "id",
            sqlite_where=text("state = 'PENDING' AND reason IS NOT NULL"),
            postgresql_where=text("state = 'PENDING' AND reason IS NOT NULL"),
        ),
        Index(
            "ix_work_failed",
            "kind",
            "reason",
            "id",
            sqlite_where=text("state = 'FAILED'"),
            postgresql_where=text("state = 'FAILED'"),
        ),
        CheckConstraint("(state = 'RUNNING') = (lease_until IS NOT NULL)", name="lease_while_running"),
        CheckConstraint("deaths <= attempt", name="deaths_are_attempts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    # What makes it one: the same key is never worked twice in effect.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[WorkState] = mapped_column(default=WorkState.PENDING)
    attempt: Mapped[int] = mapped_column(default=0)
    # Times that a process died while it held the lease; counted apart from errors.
    deaths: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    # Grows with every change of hands: a result with an old fence is refused.
    fence: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Outcome(enum.Enum):
    """How one try at a piece of work ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    # An error; it was put back and is tried again.
    RETRIED = "retried"
    # The process died, or was away for longer than its lease.
    DIED = "died"
    # Finished by a process that was believed dead: the result was refused.
    FENCED = "fenced"


class WorkTally(Base):
    """How many tries ended how, kept in the transaction that ends them, so that nobody counts finished rows.

    One row per minute (since 1970); after an hour they are folded into minute 0. `slot` spreads one minute over
    several rows, so that workers do not wait for each other.
    """

    __tablename__ = "work_tally"

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)


class Mail(Base):
    """A mail to be sent, by code and ids; the words are made when it leaves, in its reader's language."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_sent_at_id", "sent_at", "id"),
        CheckConstraint("(candidate_id IS NULL) <> (user_id IS NULL)", name="one_reader"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(String(40))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # Ids only: {"application": 1, "submission": 2}.
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # Kept only while mail stays on this computer (no mail server): the local mailbox page shows them.
    address: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[str | None] = mapped_column(Text)

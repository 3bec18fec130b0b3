"""The browsers in which a candidate acts: their sessions, which are known, and the code for a further one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.openings import Application


class CandidateSession(Base):
    """A browser in which a candidate pressed the button behind their link."""

    __tablename__ = "candidate_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    # Kept to the nearest minutes: after twelve quiet hours the session only reads.
    seen_at: Mapped[datetime]
    # Until then it reads.
    ends_at: Mapped[datetime]

    application: Mapped[Application] = relationship()


class CandidateDevice(Base):
    """A browser that was let in to an application before: its next session needs no code."""

    __tablename__ = "candidate_device"
    __table_args__ = (UniqueConstraint("token_hash", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the browser's own cookie, which is the same for all applications in that browser.
    token_hash: Mapped[str] = mapped_column(String(64))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class EntryCode(Base):
    """The newest code that was asked for to let a further device in. One row per application: only the newest holds."""

    __tablename__ = "entry_code"
    __table_args__ = (CheckConstraint("(code_hash IS NULL) = (expires_at IS NULL)", name="expires_if_it_holds"),)

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # Grows with each code; the code is derived from it and the secret key, and stored nowhere.
    number: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None]
    # Written by the mail that carries the code; gone once it was used or locked.
    code_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

"""A role in one region, the people who apply to it, and where each of them stands."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.challenges import Role
from app.models.regions import Notice, Region


class OpeningState(enum.Enum):
    """Whether people can see an opening and apply to it."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Stage(enum.Enum):
    """Where an application stands. A person moves it; progress with the challenges is derived from attempts."""

    APPLIED = "applied"
    IN_ASSESSMENT = "in assessment"
    SHORTLISTED = "shortlisted"
    INTERVIEW = "interview"
    OFFER = "offer"
    HIRED = "hired"
    NOT_SELECTED = "not selected"
    OFFER_DECLINED = "offer declined"
    WITHDRAWN = "withdrawn"


class Opening(Base):
    """A role in one region: what is advertised there, and until when one can apply."""

    __tablename__ = "opening"
    __table_args__ = (
        UniqueConstraint("role_id", "region_id"),
        Index("ix_opening_state_published_at_id", "state", "published_at", "id"),
        CheckConstraint("(state = 'DRAFT') = (published_at IS NULL)", name="published_once_not_draft"),
        CheckConstraint("headcount BETWEEN 1 AND 999", name="headcount_sane"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), index=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(120))
    # Free text such as "€2,400 to €2,900 a month"; None is shown as "not stated".
    pay: Mapped[str | None] = mapped_column(String(120))
    headcount: Mapped[int] = mapped_column(default=1)
    # What is asked beside the usual, in order, as `services.questions` writes it.
    questions: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    state: Mapped[OpeningState] = mapped_column(default=OpeningState.DRAFT)
    # The last moment to apply and to answer, with the wall time and zone it came from.
    closes_at: Mapped[datetime]
    closes_local: Mapped[str] = mapped_column(String(19))
    closes_zone: Mapped[str] = mapped_column(String(64))
    closes_tzdata: Mapped[str] = mapped_column(String(12))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    role: Mapped[Role] = relationship(lazy="joined")
    region: Mapped[Region] = relationship(lazy="joined")


class Candidate(Base):
    """The person. Identity stands here and nowhere else, so that work can be shown without it."""

    __tablename__ = "candidate"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    # The address as it is compared: lower case, domain in ASCII.
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(12))
    # Hours they can work, in their own zone: {"mon": ["09:00", "17:00"], …}; a missing day is not stated.
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Of "rotating", "nights", "weekends", "holidays".
    shifts: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # Their data is deleted (services/erasure.py): nobody stands here any more.
    erased_at: Mapped[datetime | None]


class Application(Base):
    """One candidate at one opening."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("candidate_id", "opening_id"),
        Index("ix_application_opening_id_stage_stage_since_id", "opening_id", "stage", "stage_since", "id"),
        Index("ix_application_reply_by", "reply_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The name by which reviewers know it: random, says nothing about order or place.
    code: Mapped[str] = mapped_column(String(12), unique=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id"))
    stage: Mapped[Stage] = mapped_column(default=Stage.APPLIED)
    stage_since: Mapped[datetime]
    # The promise told to the candidate.
    reply_by: Mapped[datetime]
    # What the notice that was agreed to was called on the page; the text itself is the notice.
    notice_version: Mapped[str] = mapped_column(String(20))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    consented_at: Mapped[datetime]
    # The opening's questions as they were asked, with what was answered; the opening may ask others later.
    replies: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    # Set when the private link is used for the first time: the address is real.
    verified_at: Mapped[datetime | None]
    # Grows with every change of a rating, so that a score can say which ratings it saw.
    ratings_revision: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    candidate: Mapped[Candidate] = relationship()
    opening: Mapped[Opening] = relationship()
    notice: Mapped[Notice | None] = relationship()


class Touch(Base):
    """How somebody came before they applied: their first landing that said where from, and their last."""

    __tablename__ = "touch"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    is_first: Mapped[bool] = mapped_column(primary_key=True)
    # The opaque token of a tracking link.
    token: Mapped[str | None] = mapped_column(String(64), index=True)
    utm_source: Mapped[str | None] = mapped_column(String(60))
    utm_medium: Mapped[str | None] = mapped_column(String(60))
    utm_campaign: Mapped[str | None] = mapped_column(String(60))
    # Our own page that they landed on, and the host that sent them; never that host's whole address.
    path: Mapped[str] = mapped_column(String(120))
    referrer: Mapped[str | None] = mapped_column(String(120))
    landed_at: Mapped[datetime]


class IdentitySeen(Base):
    """Who has seen the person behind an application; they are never given its unread answers."""

    __tablename__ = "identity_seen"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime]


class Counter(Base):
    """How many, kept in the transaction that changes it, so that no page counts rows."""

    __tablename__ = "counter"

    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id", ondelete="CASCADE"), primary_key=True)
    # A stage's name, or "submitted", "checked", "scored", "decided", "released", "waiting", or "left_" and a reason.
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class Decision(Base):
    """What a person decided about an application, with the reason. The newest that is not undone stands."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_application_id_id", "application_id", "id"),
        CheckConstraint("stage IN ('SHORTLISTED', 'NOT_SELECTED')", name="stage_decidable"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    stage: Mapped[Stage]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

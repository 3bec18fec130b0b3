"""Reading and rating: who reads what, the levels they give, third reviews, and computed scores."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.submissions import Attempt


class AssignmentState(enum.Enum):
    """Where one reading stands."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    RATED = "rated"
    RELEASED = "released"


class Assignment(Base):
    """One answer for one grader to read. Held for a while under a lease; ends as ratings."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("attempt_id", "grader_id"),
        # The grader's next answer, straight from the index: reply-by day first, then their own shuffled order.
        Index(
            "ix_assignment_next",
            "grader_id",
            "reply_by_on",
            "position",
            sqlite_where=text("state IN ('OFFERED', 'CLAIMED')"),
            postgresql_where=text("state IN ('OFFERED', 'CLAIMED')"),
        ),
        Index(
            "ix_assignment_lease_until",
            "lease_until",
            sqlite_where=text("state = 'CLAIMED'"),
            postgresql_where=text("state = 'CLAIMED'"),
        ),
        CheckConstraint("(state = 'CLAIMED') = (lease_until IS NOT NULL)", name="lease_while_claimed"),
        CheckConstraint("(state = 'RATED') = (rated_at IS NOT NULL)", name="rated_when_rated"),
        CheckConstraint("is_third OR NOT is_appeal", name="appeal_is_third"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # What stands in the address of the reading page: random, says nothing about order.
    code: Mapped[str] = mapped_column(String(16), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    grader_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    # Beyond the readers that the role asks for: a third review, or the second review that a candidate asked for.
    is_third: Mapped[bool] = mapped_column(default=False)
    is_appeal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[AssignmentState] = mapped_column(default=AssignmentState.OFFERED)
    reply_by_on: Mapped[date]
    position: Mapped[int]
    lease_until: Mapped[datetime | None]
    skipped_at: Mapped[datetime | None]
    skip_reason: Mapped[str | None] = mapped_column(String(200))
    # Which set of ratings stands; older ones stay readable.
    version: Mapped[int] = mapped_column(default=0)
    rated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship()


class Rating(Base):
    """One level on one criterion by one grader. Level None means that they could not judge it."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("assignment_id", "version", "criterion"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level_on_scale"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    version: Mapped[int]
    criterion: Mapped[str] = mapped_column(String(40))
    level: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[datetime]


class Moderation(Base):
    """A third review, opened where two readers stand too far apart."""

    __tablename__ = "moderation"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    # Criteria that differ by two levels or more; empty when only the line lies between the two.
    criteria: Mapped[list[Any]]
    straddles_line: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    # The third reader's levels on the criteria in question.
    settled: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Score(Base):
    """Computed from ratings and a frozen rubric version; never typed in. Exact: numerator over denominator.

    `detail` is {challenge version id: {"score": "17/24" | None, "criteria": {key: "5/2" | "not judged" | None}}}.
    """

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("application_id", "rubric_version_id", "ratings_revision"),
        Index("ix_score_rubric_version_id", "rubric_version_id"),
        CheckConstraint("(numerator IS NULL) = (denominator IS NULL)", name="whole_fraction"),
        CheckConstraint("denominator > 0", name="denominator_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    rubric_version_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"))
    ratings_revision: Mapped[int]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    detail: Mapped[dict[str, Any]]
    scored_at: Mapped[datetime]


class Standing(Base):
    """The score of an application that counts now, ready to be ranked: one row, replaced by each score run.

    `order_key` is the score as a whole number of billionths, for sorting and paging only; equal scores share a place.
    """

    __tablename__ = "standing"
    __table_args__ = (Index("ix_standing_opening_id_order_key", "opening_id", "order_key", "application_id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id"))
    score_id: Mapped[int] = mapped_column(ForeignKey("score.id", ondelete="CASCADE"), index=True)
    order_key: Mapped[int]
    readers: Mapped[int]
    has_open_third: Mapped[bool] = mapped_column(default=False)

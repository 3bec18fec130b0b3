"""Near-copies: what is kept of each answer's wording to find others like it, and the pairs that were found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Shingle(Base):
    """One of the smallest hashes of a final answer's wording; the question is part of the hash (`grading.copies`)."""

    __tablename__ = "shingle"

    # In this order: everybody with the same hash, the newest last, straight from the key.
    hash: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class Likeness(Base):
    """Two people's answers in one field that share half of their wording or more. A fact, never a verdict.

    Once for each pair, whoever was compared with whom: the submission with the lower number comes first. The share is
    exact, as a fraction of the runs of five words that stand in either.
    """

    __tablename__ = "likeness"
    __table_args__ = (
        CheckConstraint("earlier_id < later_id", name="one_order"),
        CheckConstraint("numerator BETWEEN 1 AND denominator", name="share_is_a_share"),
    )

    earlier_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    later_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    field: Mapped[str] = mapped_column(String(81), primary_key=True)
    numerator: Mapped[int]
    denominator: Mapped[int]
    found_at: Mapped[datetime]

"""New weights: what they would change, worked out in advance, and how far scoring again has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Preview(Base):
    """What a proposed rubric version would change, worked out piece by piece without writing a score."""

    __tablename__ = "preview"

    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("rubric_version.id", ondelete="CASCADE"), primary_key=True
    )
    # The version in force that it is compared with.
    against_id: Mapped[int] = mapped_column(ForeignKey("rubric_version.id"), index=True)
    # Grows when it is worked out again; what an older run still brings is refused.
    run: Mapped[int] = mapped_column(default=1)
    # The last application that was looked at, in the order of their ids; and how many were.
    after: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[int] = mapped_column(default=0)
    # How many readings of the role's answers had been saved when it was begun: later ones are not in it.
    readings_seen: Mapped[int]
    # The same for applicants with a place in a ranking: a reading is scored a little after it was saved.
    scores_seen: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PreviewPart(Base):
    """The old and new scores of some applications, kept only until the preview is finished."""

    __tablename__ = "preview_part"

    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("preview.rubric_version_id", ondelete="CASCADE"), primary_key=True
    )
    run: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    after: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[list[Any]]


class Rescoring(Base):
    """Scoring everybody again under a version that was put in force: how many were asked for, and how many are done."""

    __tablename__ = "rescoring"
    __table_args__ = (CheckConstraint("done <= asked", name="done_were_asked"),)

    rubric_version_id: Mapped[int] = mapped_column(
        ForeignKey("rubric_version.id", ondelete="CASCADE"), primary_key=True
    )
    # The last application whose run was asked for, in the order of their ids.
    after: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    # Since when every run is asked for.
    asked_at: Mapped[datetime | None]

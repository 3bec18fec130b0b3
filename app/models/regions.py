"""The company and its regions."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base


class Company(Base):
    """The one company of this installation. The row's id is always 1."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    # Deferred: every page asks for the company, one for its picture.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[str | None] = mapped_column(String(20))
    # What the company makes, for the challenge that tries it out. Without one, that challenge has a neutral exercise.
    product_name: Mapped[str | None] = mapped_column(String(80))
    product_address: Mapped[str | None] = mapped_column(String(500))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Region(Base):
    """A part of the world with its recruiters, hours and promise. AMER, EMEA and APAC out of the box."""

    __tablename__ = "region"
    __table_args__ = (CheckConstraint("reply_days BETWEEN 1 AND 60", name="reply_days_sane"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    # The zone whose clock the region works by.
    zone: Mapped[str] = mapped_column(String(64))
    works_from: Mapped[time] = mapped_column(default=time(9))
    works_until: Mapped[time] = mapped_column(default=time(17))
    # The promise: a candidate hears back within this many days of the end of their window.
    reply_days: Mapped[int] = mapped_column(default=7)
    # One of six places in the quiet second family of colours.
    colour: Mapped[int] = mapped_column(default=1)


class Notice(Base):
    """One version of a region's privacy notice. Never changed: who agreed to it must be able to read it again.

    `texts` is {language tag: Markdown} and always has English. The highest number is in force.
    """

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("region_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    number: Mapped[int]
    texts: Mapped[dict[str, Any]]
    # None: the text that Winnow ships.
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    region: Mapped[Region] = relationship()

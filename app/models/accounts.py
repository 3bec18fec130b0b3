"""Staff: people who sign in, what they may do, and their sessions."""

from __future__ import annotations

import enum
from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.regions import Region


class Duty(enum.Enum):
    """What a member of staff does here. One person may have several, each in some regions or in all."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    MANAGER = "manager"
    RECRUITER = "recruiter"
    AGENCY = "agency"
    GRADER = "grader"
    AUDITOR = "auditor"


class StaffRole(Base, RoleMixin):
    """A duty as Flask-Security knows it; the rows are written by the migration."""

    __tablename__ = "staff_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")


class User(Base, UserMixin):
    """A member of staff who can sign in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(12), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", lazy="selectin")

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]
        """The duties as Flask-Security asks for them."""
        return [membership.staff_role for membership in self.memberships]


class Membership(Base):
    """One duty of one person, in one region or (region None) everywhere."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "staff_role_id", "region_id"),
        Index("ix_membership_staff_role_id_region_id", "staff_role_id", "region_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    staff_role_id: Mapped[int] = mapped_column(ForeignKey("staff_role.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"), index=True)

    user: Mapped[User] = relationship(back_populates="memberships")
    staff_role: Mapped[StaffRole] = relationship(lazy="joined")
    region: Mapped[Region | None] = relationship(lazy="joined")

    @property
    def duty(self) -> Duty:
        """The duty as an enum."""
        return Duty(self.staff_role.name)


class StaffSession(Base):
    """A signed-in browser of a member of staff. The cookie holds the token, this row its hash."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class OneTimeLink(Base):
    """A link that lets one person set their password once: the first administrator, a new colleague."""

    __tablename__ = "one_time_link"
    __table_args__ = (CheckConstraint("used_at IS NULL OR used_at >= created_at", name="used_after_created"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # None until the mail that carries the link has left.
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # None: whoever opens it becomes the first administrator.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

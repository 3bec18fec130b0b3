"""People who work here: adding them, their one-time links, their sessions."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select, update

from app import sql, tokens
from app.extensions import db
from app.models import Duty, Membership, OneTimeLink, Region, StaffRole, StaffSession, User
from app.refusals import LinkUsed, Refused
from app.services import audit, mails, work
from app.services.audit import SYSTEM, Actor

LINK_HOLDS = timedelta(days=7)
SESSION_HOLDS = timedelta(days=7)
SHORTEST_PASSWORD = 12


class WeakPassword(Refused):
    """The password is too short."""

    status = 422
    code = "weak_password"


class BadAddress(Refused):
    """The mail address cannot be right, or somebody has it already."""

    status = 422
    code = "bad_address"


def ensure_roles() -> None:
    """One row for each duty, for Flask-Security. Safe to run again."""
    for duty in Duty:
        sql.insert_if_absent(StaffRole, name=duty.value, description="")


def add(
    name: str,
    email: str,
    duties: Collection[tuple[Duty, Region | None]],
    by: Actor,
    now: datetime,
    locale: str = "en",
    zone: str = "UTC",
) -> User:
    """Add a person with their duties and mail them a link to choose a password; refused if the address is known."""
    user = create(name, email, duties, now, locale, zone)
    link = _new_link(user, now)
    mails.post("welcome", user, now, one_time_link=link.id)
    audit.record(by, "staff.add", "user", user.id, now, duties=",".join(sorted({duty.value for duty, _ in duties})))
    return user


def create(
    name: str,
    email: str,
    duties: Collection[tuple[Duty, Region | None]],
    now: datetime,
    locale: str = "en",
    zone: str = "UTC",
    is_demo: bool = False,
) -> User:
    """The row of a person with their duties, without a password and without a mail."""
    try:
        address = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise BadAddress("This mail address cannot be right. Please check it.") from error
    if db.session.scalar(select(User.id).where(User.email == address)):
        raise BadAddress("Somebody with this address works here already.")
    user = User(
        email=address,
        name=name.strip(),
        locale=locale,
        zone=zone,
        is_demo=is_demo,
        fs_uniquifier=secrets.token_hex(32),
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()  # the memberships need the id
    for duty, region in duties:
        give(user, duty, region, now)
    return user


def give(user: User, duty: Duty, region: Region | None, now: datetime) -> Membership:
    """Give a person a duty, in a region or (None) everywhere. Answers that waited for a grader are offered again."""
    role = db.session.scalars(select(StaffRole).where(StaffRole.name == duty.value)).one()
    membership = Membership(user=user, staff_role=role, region=region)
    db.session.add(membership)
    db.session.flush()
    if duty is Duty.GRADER:
        work.hurry("assign", now)
        work.hurry("third", now)
    return membership


def everyone(after_id: int = 0, limit: int = 50) -> list[User]:
    """The people, in the order in which they came, one page of them."""
    return list(db.session.scalars(select(User).where(User.id > after_id).order_by(User.id).limit(limit)))


def has_anyone() -> bool:
    """Whether anybody works here yet."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def first_link(now: datetime) -> str:
    """The token of a one-time link for the first administrator; refused once somebody works here."""
    if has_anyone():
        raise Refused("This installation has people already; ask an administrator to add you.")
    ensure_roles()
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id.is_(None)))
    token = tokens.fresh()
    db.session.add(
        OneTimeLink(token_hash=tokens.hash_of(token), user_id=None, created_at=now, ends_at=now + LINK_HOLDS)
    )
    audit.record(SYSTEM, "staff.first_link", "company", 1, now)
    return token


def _new_link(user: User, now: datetime) -> OneTimeLink:
    link = OneTimeLink(user_id=user.id, created_at=now, ends_at=now + LINK_HOLDS)
    db.session.add(link)
    db.session.flush()
    return link


def find_link(token: str, now: datetime) -> OneTimeLink:
    """The unused link with this token, or LinkUsed."""
    link = db.session.scalar(select(OneTimeLink).where(OneTimeLink.token_hash == tokens.hash_of(token)))
    if link is None or link.used_at is not None or link.ends_at <= now:
        raise LinkUsed("This link was used already or has ended. Ask the person who sent it for a new one.")
    return link


def use_link(link: OneTimeLink, now: datetime) -> None:
    """Spend the link; of two who press at once, one is refused."""
    if not sql.changed(
        update(OneTimeLink).where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None)).values(used_at=now)
    ):
        raise LinkUsed("This link was used a moment ago.")


def check_password(password: str) -> None:
    """Refuse a password that is too short. Any characters may be used."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword("Please choose a password of at least %(n)s characters.", n=SHORTEST_PASSWORD)


def open_session(user: User, now: datetime) -> str:
    """Begin a session and give its token for the cookie; expired ones of the same person go."""
    db.session.execute(delete(StaffSession).where(StaffSession.user_id == user.id, StaffSession.ends_at < now))
    token = tokens.fresh()
    db.session.add(
        StaffSession(token_hash=tokens.hash_of(token), user_id=user.id, created_at=now, ends_at=now + SESSION_HOLDS)
    )
    return token


def close_session(token: str) -> None:
    """End the session; its cookie is worth nothing from now on."""
    db.session.execute(delete(StaffSession).where(StaffSession.token_hash == tokens.hash_of(token)))


def session_holds(token: str, user: User, now: datetime) -> bool:
    """Whether this token stands for a living session of this person."""
    return bool(
        db.session.scalar(
            select(func.count())
            .select_from(StaffSession)
            .where(
                StaffSession.token_hash == tokens.hash_of(token),
                StaffSession.user_id == user.id,
                StaffSession.ends_at > now,
            )
        )
    )


def graders(region_id: int) -> list[int]:
    """The ids of the active people who read answers for a region."""
    return list(
        db.session.scalars(
            select(User.id)
            .join(Membership)
            .join(StaffRole)
            .where(
                StaffRole.name == Duty.GRADER.value,
                User.active,
                Membership.region_id.is_(None) | (Membership.region_id == region_id),
            )
            .distinct()
            .order_by(User.id)
        )
    )


def holders(region: Region | None, *duties: Duty) -> list[User]:
    """The active people with one of these duties for a region, its parent or everywhere; without a region, anywhere."""
    query = select(User).join(Membership).join(StaffRole)
    query = query.where(StaffRole.name.in_([duty.value for duty in duties]), User.active)
    if region is not None:
        places = [place for place in (region.id, region.parent_id) if place is not None]
        query = query.where(Membership.region_id.is_(None) | Membership.region_id.in_(places))
    return list(db.session.scalars(query.distinct().order_by(User.id)))

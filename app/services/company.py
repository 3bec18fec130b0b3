"""The company of this installation, and the regions that it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from app.extensions import db
from app.models import Company, Region
from app.refusals import Refused

# The first bytes of the pictures that every browser shows.
LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LARGEST_LOGO = 200_000


class BadLogo(Refused):
    """The logo is not a picture that Winnow can show."""

    status = 422
    code = "bad_logo"


@dataclass(frozen=True)
class RegionPlan:
    """A region as it is set up."""

    code: str
    name: str
    zone: str
    colour: int
    works_from: time = time(9)
    works_until: time = time(17)
    reply_days: int = 7


# Follow the sun: three regions whose working days meet at the edges.
FIRST_REGIONS = (
    RegionPlan("AMER", "Americas", "America/New_York", 1),
    RegionPlan("EMEA", "Europe, Middle East and Africa", "Europe/London", 2),
    RegionPlan("APAC", "Asia and Pacific", "Asia/Singapore", 3),
)


def get() -> Company | None:
    """The company, or None before it is set up."""
    return db.session.get(Company, 1)


def found(name: str, now: datetime, is_demo: bool = False) -> Company:
    """Set up the company with its first three regions; refused if there is one already."""
    if get() is not None:
        raise Refused("This installation has a company already.")
    company = Company(id=1, name=name.strip(), is_demo=is_demo, created_at=now)
    db.session.add(company)
    for plan in FIRST_REGIONS:
        add_region(plan)
    db.session.flush()
    return company


def add_region(plan: RegionPlan) -> Region:
    """Add a region; refused if its code is taken."""
    if db.session.scalar(select(Region.id).where(Region.code == plan.code)):
        raise Refused(f"There is a region {plan.code} already.")
    region = Region(
        code=plan.code,
        name=plan.name,
        zone=plan.zone,
        works_from=plan.works_from,
        works_until=plan.works_until,
        reply_days=plan.reply_days,
        colour=plan.colour,
    )
    db.session.add(region)
    return region


def set_logo(company: Company, content: bytes) -> None:
    """Keep the logo, judged by its first bytes: PNG or JPEG, at most 200 kB."""
    if len(content) > LARGEST_LOGO:
        raise BadLogo(f"The logo has {len(content) // 1000} kB; please use one of at most {LARGEST_LOGO // 1000} kB.")
    kind = next((name for magic, name in LOGO_TYPES.items() if content.startswith(magic)), None)
    if kind is None:
        raise BadLogo("The logo is not a PNG or JPEG picture. Nothing else was lost; please choose another file.")
    company.logo, company.logo_type = content, kind


def regions() -> list[Region]:
    """All regions, from west to east as they were added."""
    return list(db.session.scalars(select(Region).order_by(Region.id)))


def region_by_code(code: str) -> Region | None:
    """The region with this code, in any case."""
    return db.session.scalar(select(Region).where(Region.code == code.upper()))

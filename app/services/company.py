"""The company of this installation, and the regions that it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import delete, select

from app import clock
from app.extensions import db
from app.models import Company, Membership, Notice, Opening, Region
from app.refusals import Refused
from app.services import audit
from app.services.audit import Actor

# The first bytes of the pictures that every browser shows.
LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LARGEST_LOGO = 200_000


class BadLogo(Refused):
    """The logo is not a picture that Winnow can show."""

    status = 422
    code = "bad_logo"


class CodeTaken(Refused):
    """There is a region with this code already."""

    status = 422
    code = "code_taken"


class NoHours(Refused):
    """A working day that ends when it begins."""

    status = 422
    code = "no_hours"


class HalfNamed(Refused):
    """A product without an address, or the other way round."""

    status = 422
    code = "half_named"


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


def rename(company: Company, name: str, by: Actor, now: datetime) -> None:
    """Give the company another name."""
    company.name = name.strip()
    audit.record(by, "company.rename", "company", company.id, now)


def name_product(company: Company, name: str, address: str, by: Actor, now: datetime) -> None:
    """Name the product that candidates try out, with the address where they sign up; two empty texts forget it.

    Candidates who are at work see it at their next look: the frozen challenge holds a gap for it.
    """
    name, address = name.strip(), address.strip()
    if bool(name) != bool(address):
        raise HalfNamed("A product needs both its name and its address. Leave both empty to use the neutral exercise.")
    if (company.product_name or "", company.product_address or "") != (name, address):
        company.product_name, company.product_address = name or None, address or None
        audit.record(by, "company.product", "company", company.id, now)


def add_region(plan: RegionPlan) -> Region:
    """Add a region; refused if its code is taken or its hours are none."""
    if region_by_code(plan.code) is not None:
        raise CodeTaken("There is a region %(code)s already.", code=plan.code)
    region = Region(code=plan.code.upper(), colour=plan.colour)
    _write(region, plan)
    db.session.add(region)
    return region


def open_region(plan: RegionPlan, by: Actor, now: datetime) -> Region:
    """As `add_region`, by a person: the audit trail says who."""
    region = add_region(plan)
    db.session.flush()  # the audit trail needs the id
    audit.record(by, "region.add", "region", region.id, now)
    return region


def change_region(region: Region, plan: RegionPlan, by: Actor, now: datetime) -> None:
    """Rename a region or change its zone, hours and promise; its code and its colour stay.

    Closing dates that were told keep the zone in which they were told.
    """
    _write(region, plan)
    audit.record(by, "region.change", "region", region.id, now)


def remove_region(region: Region, by: Actor, now: datetime) -> None:
    """Remove a region that nothing hangs on; refused while it has openings, people or regions under it."""
    if db.session.scalar(select(Opening.id).where(Opening.region_id == region.id).limit(1)):
        raise Refused(
            "%(code)s has openings. A region with openings stays, so that its applicants are not lost.",
            code=region.code,
        )
    if db.session.scalar(select(Membership.id).where(Membership.region_id == region.id).limit(1)):
        raise Refused("People work for %(code)s. Give them other duties first.", code=region.code)
    if db.session.scalar(select(Region.id).where(Region.parent_id == region.id).limit(1)):
        raise Refused("Other regions belong to %(code)s. Remove those first.", code=region.code)
    audit.record(by, "region.remove", "region", region.id, now)
    # Without an opening nobody can have agreed to a notice of the region.
    db.session.execute(delete(Notice).where(Notice.region_id == region.id))
    db.session.delete(region)


def _write(region: Region, plan: RegionPlan) -> None:
    clock.zone(plan.zone)
    if plan.works_from == plan.works_until:
        raise NoHours("The working day ends when it begins. Please choose another hour.")
    region.name = plan.name.strip()
    region.zone = plan.zone
    region.works_from, region.works_until = plan.works_from, plan.works_until
    region.reply_days = plan.reply_days


def is_at_work(region: Region, now: datetime) -> bool:
    """Whether it is within the region's working hours there now; hours may run over midnight. Days off do not count."""
    there = now.astimezone(clock.zone(region.zone)).time()
    if region.works_from < region.works_until:
        return region.works_from <= there < region.works_until
    return there >= region.works_from or there < region.works_until


def hours_elsewhere(region: Region, zone: str, now: datetime) -> tuple[time, time]:
    """The region's working hours of today by the clocks of another zone."""
    here, there = clock.zone(region.zone), clock.zone(zone)
    today = now.astimezone(here).date()
    begins, ends = (
        datetime.combine(today, hour, here).astimezone(there).time() for hour in (region.works_from, region.works_until)
    )
    return begins, ends


def set_logo(company: Company, content: bytes) -> None:
    """Keep the logo, judged by its first bytes: PNG or JPEG, at most 200 kB."""
    if len(content) > LARGEST_LOGO:
        raise BadLogo(
            "The logo has %(size)s kB; please use one of at most %(limit)s kB.",
            size=len(content) // 1000,
            limit=LARGEST_LOGO // 1000,
        )
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

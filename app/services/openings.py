"""Openings: a role advertised in one region."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_

from app import clock
from app.extensions import db
from app.models import Opening, OpeningState, Region, Role
from app.refusals import IllegalMove, Refused
from app.services import audit, questions
from app.services.audit import Actor
from app.services.questions import Question

LEGAL = {
    OpeningState.DRAFT: {OpeningState.OPEN},
    OpeningState.OPEN: {OpeningState.PAUSED, OpeningState.CLOSED},
    OpeningState.PAUSED: {OpeningState.OPEN, OpeningState.CLOSED},
    OpeningState.CLOSED: set(),
}


class ClosesInPast(Refused):
    """The closing date of a new opening lies in the past."""

    status = 422
    code = "closes_in_past"


@dataclass(frozen=True)
class OpeningPlan:
    """What an opening says. `closes_local` is wall time in the region's zone; `pay` None is shown as not stated."""

    title: str
    description: str
    place: str
    closes_local: datetime
    pay: str | None = None
    headcount: int = 1
    questions: Sequence[Question] = ()


def open_in(role: Role, region: Region, plan: OpeningPlan, by: Actor, now: datetime) -> Opening:
    """Draft this role in a region; refused if it has one there or would close in the past."""
    if in_region(role, region) is not None:
        raise Refused("%(role)s has an opening in %(region)s already.", role=role.title, region=region.code)
    opening = Opening(
        role=role,
        region=region,
        slug=f"{role.slug}-{region.code.lower()}",
        state=OpeningState.DRAFT,
        created_by_id=by.id if by.kind == "user" else None,
        created_at=now,
    )
    _say(opening, plan, now)
    db.session.add(opening)
    db.session.flush()
    audit.record(by, "opening.draft", "opening", opening.id, now)
    return opening


def rewrite(opening: Opening, plan: OpeningPlan, by: Actor, now: datetime) -> None:
    """Change what a draft says. What was published stays: people have applied to those words."""
    if opening.state is not OpeningState.DRAFT:
        raise IllegalMove("This opening was published, so what it says stays as it is.")
    _say(opening, plan, now)
    audit.record(by, "opening.rewrite", "opening", opening.id, now)


def _say(opening: Opening, plan: OpeningPlan, now: datetime) -> None:
    """Write the plan into the opening; nothing is written where it is refused."""
    zone = opening.region.zone
    closes_at = clock.deadline_utc(zone, plan.closes_local)
    if closes_at <= now:
        raise ClosesInPast("The closing date lies in the past.")
    opening.questions = questions.stored(plan.questions)
    opening.title, opening.description = plan.title.strip(), plan.description.strip()
    opening.place, opening.pay = plan.place.strip(), (plan.pay or "").strip() or None
    opening.headcount = plan.headcount
    opening.closes_at, opening.closes_local = closes_at, plan.closes_local.isoformat()
    opening.closes_zone, opening.closes_tzdata = zone, clock.tzdata_version()


def change_state(opening: Opening, to: OpeningState, by: Actor, now: datetime) -> None:
    """Publish, pause, resume or close an opening; other moves are refused."""
    if to not in LEGAL[opening.state]:
        raise IllegalMove(
            "An opening that is %(before)s cannot become %(after)s.", before=opening.state.value, after=to.value
        )
    if to is OpeningState.OPEN and opening.closes_at <= now:
        raise IllegalMove("The closing date lies in the past. Choose a later one first.")
    opening.state = to
    if opening.published_at is None:
        opening.published_at = now
    audit.record(by, f"opening.{to.value}", "opening", opening.id, now)


def reply_by(opening: Opening, answered_by: datetime) -> datetime:
    """The promise: when somebody whose time to answer ends then hears back."""
    return clock.add_days(answered_by, opening.region.reply_days, opening.region.zone)


def takes_applications(opening: Opening, now: datetime) -> bool:
    """Whether one can apply now."""
    return opening.state is OpeningState.OPEN and now < opening.closes_at


def listed(
    now: datetime, before: tuple[datetime, int] | None = None, limit: int = 20, region: Region | None = None
) -> list[Opening]:
    """What the public sees, the newest first, one page before the given (published_at, id), in one region or in all."""
    query = select(Opening).where(Opening.state == OpeningState.OPEN, Opening.closes_at > now)
    if region is not None:
        query = query.where(Opening.region_id == region.id)
    if before is not None:
        query = query.where(tuple_(Opening.published_at, Opening.id) < tuple_(*before))
    return list(db.session.scalars(query.order_by(Opening.published_at.desc(), Opening.id.desc()).limit(limit)))


def by_slug(slug: str) -> Opening | None:
    """The opening with this address."""
    return db.session.scalar(select(Opening).where(Opening.slug == slug))


def in_region(role: Role, region: Region) -> Opening | None:
    """This role's opening in this region, if there is one."""
    return db.session.scalar(select(Opening).where(Opening.role_id == role.id, Opening.region_id == region.id))


def of_role(role: Role) -> list[Opening]:
    """A role's openings, one per region at most."""
    return list(db.session.scalars(select(Opening).where(Opening.role_id == role.id).order_by(Opening.region_id)))


def of_roles(roles: Collection[Role]) -> dict[int, list[Opening]]:
    """The openings of some roles, as role id → openings."""
    found: dict[int, list[Opening]] = {role.id: [] for role in roles}
    query = select(Opening).where(Opening.role_id.in_(found)).order_by(Opening.region_id)
    for opening in db.session.scalars(query):
        found[opening.role_id].append(opening)
    return found


def find(role: Role, region: Region) -> Opening | None:
    """The opening of a role in a region."""
    return db.session.scalar(select(Opening).where(Opening.role_id == role.id, Opening.region_id == region.id))


def ids_in(region: Region) -> list[int]:
    """Every opening of a region, whatever its state, for questions about its applicants."""
    return list(db.session.scalars(select(Opening.id).where(Opening.region_id == region.id)))


def taking_applications(region_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many openings of each region one can apply to now."""
    rows = db.session.execute(
        select(Opening.region_id, func.count())
        .where(Opening.region_id.in_(region_ids), Opening.state == OpeningState.OPEN, Opening.closes_at > now)
        .group_by(Opening.region_id)
    )
    numbers = dict.fromkeys(region_ids, 0)
    for region_id, number in rows:
        numbers[region_id] = number
    return numbers


def in_regions(region_ids: Collection[int]) -> list[Opening]:
    """The openings of some regions, the newest first; closed ones last."""
    query = select(Opening).where(Opening.region_id.in_(region_ids))
    openings = db.session.scalars(query.order_by(Opening.id.desc()).limit(200))
    return sorted(openings, key=lambda opening: opening.state is OpeningState.CLOSED)

"""The board of a region as finished values for its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString

from app import clock, words
from app.clock import ShownTime
from app.models import Application, Region, Stage
from app.pages import shown
from app.refusals import NotFound
from app.services import applications, company, counters, openings

CARDS = 6
# On the way, and at rest: a board shows the first as columns and the others as numbers.
ON_THE_WAY = (Stage.APPLIED, Stage.IN_ASSESSMENT, Stage.SHORTLISTED, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED)
AT_REST = (Stage.NOT_SELECTED, Stage.OFFER_DECLINED, Stage.WITHDRAWN)


@dataclass(frozen=True)
class Card:
    """One applicant on the board. `name` and `there` (the time where they live) are None while names are hidden."""

    id: int
    code: str
    name: str | None
    there: ShownTime | None
    opening: str
    since: ShownTime
    reply_by: ShownTime
    moves: list[tuple[str, LazyString]]
    region: str
    is_verified: bool


@dataclass(frozen=True)
class Column:
    """One stage with its counter and, where they are shown, its first cards."""

    stage: str
    label: LazyString
    number: int
    cards: list[Card]


@dataclass(frozen=True)
class Desk:
    """A region on the list of desks."""

    region: Region
    there: ShownTime
    is_at_work: bool
    open_now: int
    waiting: int
    columns: list[Column]


def desks(regions: Sequence[Region], now: datetime) -> list[Desk]:
    """The regions with their clocks and counters, in two queries."""
    ids = [region.id for region in regions]
    numbers = counters.of_regions(ids)
    open_now = openings.taking_applications(ids, now)
    return [
        Desk(
            region,
            clock.shown(now, region.zone, now),
            company.is_at_work(region, now),
            open_now[region.id],
            numbers[region.id].get(counters.WAITING, 0),
            _columns(numbers[region.id], ON_THE_WAY),
        )
        for region in regions
    ]


def columns(region: Region, has_names: bool, now: datetime) -> list[Column]:
    """The columns of a region's board, each with those who have waited longest; one query for each that has any."""
    numbers = counters.of_regions([region.id])[region.id]
    opening_ids = openings.ids_in(region)
    found = _columns(numbers, (*ON_THE_WAY, *AT_REST))
    for stage, column in zip((*ON_THE_WAY, *AT_REST), found, strict=True):
        if column.number and stage in ON_THE_WAY:
            column.cards.extend(cards(applications.in_stage(opening_ids, stage, limit=CARDS), has_names, now))
    return found


def cards(page: Sequence[Application], has_names: bool, now: datetime) -> list[Card]:
    """Applications as cards, with the moves that the board offers."""
    return [
        Card(
            id=application.id,
            code=application.code,
            name=application.candidate.name if has_names else None,
            there=clock.shown(now, application.candidate.zone, now) if has_names else None,
            opening=application.opening.title,
            since=shown(application.stage_since),
            reply_by=shown(application.reply_by),
            moves=[(words.slug(stage), words.STAGES[stage]) for stage in applications.offered_moves(application)],
            region=application.opening.region.code,
            is_verified=applications.is_verified(application),
        )
        for application in page
    ]


def waiting(region: Region) -> int:
    """How many questions of the region's applicants wait for an answer."""
    return counters.of_regions([region.id])[region.id].get(counters.WAITING, 0)


def _columns(numbers: dict[str, int], stages: Sequence[Stage]) -> list[Column]:
    return [Column(words.slug(stage), words.STAGES[stage], numbers.get(stage.name, 0), []) for stage in stages]


def stage_of(slug: str) -> Stage:
    """The stage with this name in an address, or NotFound."""
    found = next((stage for stage in Stage if words.slug(stage) == slug), None)
    if found is None:
        raise NotFound
    return found


def mark(application: Application) -> str:
    """Where the next page of a column begins: after this application."""
    return f"{application.stage_since.isoformat()}~{application.id}"


def after(mark: str | None) -> tuple[datetime, int] | None:
    """Read a mark; NotFound for one that we did not write."""
    if mark is None:
        return None
    moment, _, number = mark.partition("~")
    try:
        since, application_id = datetime.fromisoformat(moment), int(number)
    except ValueError as error:
        raise NotFound from error
    if since.tzinfo is None or not 0 < application_id < 2**63:
        raise NotFound
    return since, application_id

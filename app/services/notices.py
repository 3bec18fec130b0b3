"""The privacy notice of each region, by version. A version never changes: who agreed to it can read it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from app import locales, sql
from app.extensions import db
from app.models import Notice, Region
from app.refusals import Refused
from app.services import audit
from app.services.audit import Actor

SHIPPED = Path(__file__).resolve().parents[1] / "notices"
LONGEST = 20_000


class NoticeMoved(Refused):
    """Somebody else has written a newer version meanwhile."""

    code = "notice_moved"


class BadNotice(Refused):
    """A version that says nothing, or nothing new."""

    status = 422
    code = "bad_notice"


@dataclass(frozen=True)
class Version:
    """One version as it is read. `since` None: the text that Winnow ships, before anybody has agreed to it here."""

    region: Region
    number: int
    texts: Mapping[str, str]
    since: datetime | None

    @property
    def name(self) -> str:
        """What it is called on pages and in the application that agreed to it."""
        return f"{self.region.code} {self.number}"

    def text(self, locale: str) -> tuple[str, str]:
        """The language that the text really is in, and the text as Markdown: the reader's language, else English."""
        found = locale if self.texts.get(locale) else locales.DEFAULT
        return found, self.texts[found]


@cache
def shipped() -> dict[str, str]:
    """The text that every region starts with, in each language. It says what Winnow itself does with data."""
    return {tag: (SHIPPED / f"notice.{tag}.md").read_text(encoding="utf-8").strip() for tag in locales.LOCALES}


def in_force(region: Region) -> Version:
    """The version that people agree to now. Until one is kept, it is number 1 with the shipped text."""
    newest = _newest(region)
    return version(newest) if newest else Version(region, 1, shipped(), None)


def version(notice: Notice) -> Version:
    """A kept version as it is read."""
    return Version(notice.region, notice.number, notice.texts, notice.created_at)


def by_number(region: Region, number: int) -> Version | None:
    """One version of a region's notice, old ones as well."""
    kept = _kept(region, number)
    if kept is not None:
        return version(kept)
    newest = in_force(region)
    return newest if newest.number == number else None


def all_of(region: Region) -> list[Version]:
    """Every version of a region's notice, the newest first."""
    rows = db.session.scalars(select(Notice).where(Notice.region_id == region.id).order_by(Notice.number.desc()))
    return [version(notice) for notice in rows] or [in_force(region)]


def in_force_everywhere(regions: Collection[Region]) -> list[Version]:
    """The versions in force of some regions, in one query."""
    newest = select(Notice.region_id, func.max(Notice.number)).group_by(Notice.region_id)
    rows = db.session.scalars(
        select(Notice).where(tuple_(Notice.region_id, Notice.number).in_(newest)).options(joinedload(Notice.region))
    )
    kept = {notice.region_id: notice for notice in rows}
    return [version(kept[each.id]) if each.id in kept else Version(each, 1, shipped(), None) for each in regions]


def agreed_to(region: Region, now: datetime) -> Notice:
    """The version in force, to be noted with an application; the shipped text is kept the first time it is needed."""
    newest = _newest(region)
    if newest is not None:
        return newest
    sql.insert_if_absent(Notice, region_id=region.id, number=1, texts=shipped(), created_at=now)
    kept = _kept(region, 1)
    assert kept is not None
    return kept


def write(region: Region, texts: Mapping[str, str], seen: int, by: Actor, now: datetime) -> Notice:
    """Put a new version in force; refused without English words, without a change, or if another came meanwhile.

    `seen` is the number of the version that the writer started from.
    """
    before = agreed_to(region, now)
    if before.number != seen:
        raise NoticeMoved("Somebody else has written a newer version. Yours is still here: compare, and save again.")
    words = {tag: text.strip() for tag, text in texts.items() if tag in locales.LOCALES and text.strip()}
    if locales.DEFAULT not in words:
        raise BadNotice("The English text is missing. Whoever has no text in their own language reads it.")
    if max(len(text) for text in words.values()) > LONGEST:
        raise BadNotice("A text has at most %(most)d characters.", most=LONGEST)
    if words == before.texts:
        raise BadNotice("Nothing is different from the version in force.")
    by_id = by.id if by.kind == "user" else None
    number = before.number + 1
    if not sql.insert_if_absent(
        Notice, region_id=region.id, number=number, texts=words, written_by_id=by_id, created_at=now
    ):
        raise NoticeMoved("Somebody else has written a newer version. Yours is still here: compare, and save again.")
    notice = _kept(region, number)
    assert notice is not None
    audit.record(by, "notice.write", "notice", notice.id, now, number=number)
    return notice


def _newest(region: Region) -> Notice | None:
    mine = select(Notice).where(Notice.region_id == region.id)
    return db.session.scalar(mine.order_by(Notice.number.desc()).limit(1))


def _kept(region: Region, number: int) -> Notice | None:
    return db.session.scalar(select(Notice).where(Notice.region_id == region.id, Notice.number == number))

"""Challenges and drafts as finished values for the library's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.locales import DEFAULT, own_name
from app.models import ChallengeDraft, ChallengeVersion
from app.services import authoring, catalog, draft_faults, publishing
from app.services.catalog_types import DRAFT, Challenge, Device, Example, PartKind


@dataclass(frozen=True)
class Language:
    """One language of a challenge. `signed_by` is None while nobody has; English needs nobody."""

    tag: str
    name: str
    signed_by: str | None
    is_draft: bool


@dataclass(frozen=True)
class Volume:
    """One published challenge, as the library lists it."""

    slug: str
    version: int
    title: str
    summary: str
    minutes: int
    needs_computer: bool
    kinds: tuple[PartKind, ...]
    languages: tuple[Language, ...]
    is_own: bool


def volume(version: ChallengeVersion, locale: str) -> Volume:
    """A published challenge in a reader's language."""
    challenge = publishing.challenge_of(version)
    brief = catalog.text_for(challenge, locale).value
    return Volume(
        slug=challenge.slug,
        version=challenge.version,
        title=brief.title,
        summary=brief.summary,
        minutes=challenge.minutes,
        needs_computer=challenge.device is Device.COMPUTER,
        kinds=tuple(dict.fromkeys(part.kind for part in challenge.parts)),
        languages=tuple(_language(challenge, tag) for tag in challenge.locales),
        is_own=authoring.is_own(challenge.slug),
    )


def _language(challenge: Challenge, tag: str) -> Language:
    reviews = {challenge.briefs[tag].review, challenge.rubrics[tag].review}
    if tag in challenge.guides:
        reviews.add(challenge.guides[tag].review)
    is_draft = DRAFT in reviews
    signed_by = ", ".join(sorted(filter(None, reviews))) if not is_draft else None
    return Language(tag, own_name(tag), signed_by or None, is_draft)


@dataclass(frozen=True)
class Manuscript:
    """A draft, as the library lists it. `missing` is the number of its faults."""

    slug: str
    version: int
    title: str
    languages: tuple[str, ...]
    missing: int
    updated_at: datetime


def manuscript(draft: ChallengeDraft) -> Manuscript:
    """A draft that is being written."""
    content = authoring.content_of(draft)
    return Manuscript(
        slug=draft.slug,
        version=draft.version,
        title=draft_faults.title_of(content),
        languages=tuple(own_name(tag) for tag in content.locales),
        missing=len(authoring.look(draft).faults),
        updated_at=draft.updated_at,
    )


@dataclass(frozen=True)
class Shown:
    """An example with its score in percent and the levels by the criteria's keys."""

    example: Example
    percent: int


def examples(challenge: Challenge, locale: str) -> tuple[Shown, ...]:
    """The examples in a language first, then the English ones, then the others."""
    ranks = {locale: 0, DEFAULT: 1}
    found = sorted(challenge.examples, key=lambda one: (ranks.get(one.locale, 2), one.locale, one.number))
    return tuple(Shown(one, round(100 * catalog.share(challenge, one))) for one in found)

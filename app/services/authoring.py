"""Challenges written in the browser: begun, saved by one or several people, signed, published or discarded.

A draft is judged by the one loader that reads files, and published by the one service that freezes files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app import sql
from app.extensions import db
from app.locales import DEFAULT, LOCALES
from app.models import ChallengeDraft, ChallengeVersion
from app.refusals import DraftConflict, NotFound, Refused
from app.services import audit, catalog, draft_content, draft_faults, draft_rows, publishing, roles
from app.services.audit import Actor
from app.services.catalog_types import DRAFT, PartKind
from app.services.draft_content import Content, TextRow
from app.services.draft_copies import copied
from app.services.draft_faults import Look

_SLUG_ROOM = 54


class NotReady(Refused):
    """A draft with faults cannot be published."""

    code = "not_ready"


def shipped_slugs() -> frozenset[str]:
    """The names of the challenges that come with the product, good or broken."""
    return frozenset(path.name for path in catalog.SHIPPED.iterdir() if path.is_dir())


def is_own(slug: str) -> bool:
    """Whether a challenge is the company's own, not one that came with the product."""
    return slug not in shipped_slugs()


def create(title: str, author_id: int, now: datetime) -> ChallengeDraft:
    """Begin a challenge: a reply to one message, three facts and two questions wait for their words."""
    content = Content(
        title={DEFAULT: title.strip()},
        minutes="15",
        messages=(draft_content.MessageRow(),),
        facts=(TextRow(),) * 3,
        follow_ups=(TextRow(), TextRow()),
        guide_title={DEFAULT: "How to read the answers"},
    )
    content = draft_rows.settled(Content(), draft_rows.add_part(content, PartKind.REPLY, "Your reply"))
    return _begin(_free_slug(title), 1, content, author_id, now)


def copy(version: ChallengeVersion, author_id: int, now: datetime) -> ChallengeDraft:
    """Begin with everything that a published challenge has: its next version if it is the company's own, else anew."""
    challenge = publishing.challenge_of(version)
    content = copied(challenge)
    if is_own(version.slug):
        return _begin(version.slug, _next_version(version.slug), content, author_id, now)
    content = replace(content, examples=tuple(replace(row, is_showcase=False) for row in content.examples))
    return _begin(_free_slug(version.slug), 1, content, author_id, now)


def _begin(slug: str, version: int, content: Content, author_id: int, now: datetime) -> ChallengeDraft:
    draft = ChallengeDraft(
        slug=slug,
        version=version,
        content=draft_content.plain(content),
        locales=list(content.locales),
        author_id=author_id,
        revision=1,
        created_at=now,
        updated_at=now,
    )
    db.session.add(draft)
    db.session.flush()
    audit.record(Actor.user(author_id), "draft.create", "challenge_draft", draft.id, now)
    return draft


def _free_slug(title: str) -> str:
    """A slug that no challenge has: shipped, published or being written."""
    base = roles.slug_of(title)[:_SLUG_ROOM].strip("-")
    base = "challenge" if base == "role" and "role" not in title.lower() else base
    published = db.session.scalars(select(ChallengeVersion.slug).where(ChallengeVersion.slug.startswith(base)))
    drafted = db.session.scalars(select(ChallengeDraft.slug).where(ChallengeDraft.slug.startswith(base)))
    taken = {*published, *drafted, *shipped_slugs()}
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if slug not in taken)


def _next_version(slug: str) -> int:
    """The number after the highest that is published or being written."""
    published = db.session.scalars(select(ChallengeVersion.version).where(ChallengeVersion.slug == slug))
    drafted = db.session.scalars(select(ChallengeDraft.version).where(ChallengeDraft.slug == slug))
    taken: list[int] = [0, *published, *drafted]
    return max(taken) + 1


def get(slug: str, version: int) -> ChallengeDraft:
    """The draft of this name, published ones too; NotFound if there is none."""
    query = select(ChallengeDraft).where(ChallengeDraft.slug == slug, ChallengeDraft.version == version)
    found = db.session.scalar(query) if version <= publishing.MOST_VERSIONS else None
    if found is None:
        raise NotFound
    return found


def drafts() -> list[ChallengeDraft]:
    """What is being written, the latest change first. A company has few."""
    query = select(ChallengeDraft).where(ChallengeDraft.published_at.is_(None))
    return list(db.session.scalars(query.order_by(ChallengeDraft.updated_at.desc(), ChallengeDraft.id.desc())))


def content_of(draft: ChallengeDraft) -> Content:
    """The content of a draft."""
    return draft_content.read(draft.content)


def look(draft: ChallengeDraft) -> Look:
    """What the draft lacks, and the challenge as far as it goes."""
    return draft_faults.look(draft.slug, draft.version, draft.content)


def save(draft: ChallengeDraft, content: Content, revision: int, now: datetime) -> Content:
    """Keep what was typed, right or not; gives the content as it was kept, with its keys.

    `revision` is the one that the page started from. If somebody has saved since, DraftConflict: nothing is
    overwritten, and the page shows what was typed.
    """
    if draft.published_at is not None:
        raise Refused("This challenge is published and does not change any more. Make a new version of it.")
    kept = draft_rows.settled(content_of(draft), content)
    saved = sql.changed(
        update(ChallengeDraft)
        .where(
            ChallengeDraft.id == draft.id, ChallengeDraft.revision == revision, ChallengeDraft.published_at.is_(None)
        )
        .values(content=draft_content.plain(kept), locales=list(kept.locales), revision=revision + 1, updated_at=now)
    )
    db.session.refresh(draft)
    if not saved:
        raise DraftConflict("Somebody else has saved this challenge since you opened this page.")
    return kept


def set_locales(content: Content, locales: Iterable[str]) -> Content:
    """Choose the languages. English stays; a language that is taken out keeps its words and examples for later."""
    wanted = {*locales, DEFAULT}
    return replace(content, locales=tuple(tag for tag in LOCALES if tag in wanted))


def sign(draft: ChallengeDraft, locale: str, name: str, by: Actor, revision: int, now: datetime) -> None:
    """A native speaker has read everything in a language and puts their name to it."""
    content = content_of(draft)
    if locale not in content.locales or locale == DEFAULT:
        raise Refused("This challenge has no such language.")
    signed: dict[str, Any] = {
        field: {**dict(getattr(content, field)), locale: name}
        for field in ("brief_review", "rubric_review", "guide_review")
    }
    examples = tuple(replace(row, review=name) if row.locale == locale else row for row in content.examples)
    changed = replace(content, **signed, examples=examples)
    _keep_signed(draft, changed, revision, now)
    audit.record(by, "draft.sign", "challenge_draft", draft.id, now, language=locale)


def _keep_signed(draft: ChallengeDraft, content: Content, revision: int, now: datetime) -> None:
    saved = sql.changed(
        update(ChallengeDraft)
        .where(ChallengeDraft.id == draft.id, ChallengeDraft.revision == revision)
        .values(content=draft_content.plain(content), revision=revision + 1, updated_at=now)
    )
    db.session.refresh(draft)
    if not saved:
        raise DraftConflict("Somebody else has saved this challenge since you opened this page.")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a draft: who has signed it, or None while nobody has; English needs nobody."""

    locale: str
    signed_by: str | None


def languages(content: Content) -> tuple[Language, ...]:
    """The languages of a draft with their marks."""
    return tuple(Language(locale, _signed_by(content, locale)) for locale in content.locales)


def _signed_by(content: Content, locale: str) -> str | None:
    reviews = {content.brief_review.get(locale) or DRAFT, content.rubric_review.get(locale) or DRAFT}
    return None if DRAFT in reviews else ", ".join(sorted(reviews))


def publish(draft: ChallengeDraft, by: Actor, revision: int, now: datetime) -> ChallengeVersion:
    """Freeze the draft as a version that roles can use. Refused while it has faults."""
    if draft.published_at is not None:
        raise Refused("This challenge is published already.")
    if draft.revision != revision:
        raise DraftConflict("Somebody else has saved this challenge since you opened this page.")
    if publishing.find(draft.slug, draft.version) is not None:
        # Somebody has published this number from a folder meanwhile.
        draft.version = _next_version(draft.slug)
    found = look(draft)
    if found.faults or found.challenge is None:
        raise NotReady("Some things are still missing. They are listed on this page.")
    version, _is_new = publishing.publish(found.challenge, now)
    draft.published_at = now
    db.session.flush()
    audit.record(by, "draft.publish", "challenge_version", version.id, now)
    return version


def discard(draft: ChallengeDraft, by: Actor, now: datetime) -> None:
    """Throw a draft away. One that is published stays: scores may name it."""
    if draft.published_at is not None:
        raise Refused("This challenge is published already.")
    audit.record(by, "draft.discard", "challenge_draft", draft.id, now)
    db.session.delete(draft)

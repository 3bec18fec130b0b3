"""Answers worded alike as finished values for their pages. A fact: nothing follows from it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app import permissions
from app.manager.rankings import name_of
from app.models import Application, Region, Stage, Submission, User
from app.services import catalog, likenesses
from app.services.catalog_types import Challenge
from app.services.likenesses import Pair, Passage


@dataclass(frozen=True)
class Alike:
    """One line of a dossier. `code` is None where the other application is none of the reader's regions."""

    slug: str
    field: str
    label: str
    share: float
    code: str | None
    region: Region
    is_first: bool


@dataclass(frozen=True)
class Text:
    """One of the two answers. `name` is None while the applicant is known by code only."""

    application: Application
    code: str
    name: str | None
    region: Region
    stage: Stage
    handed_in_at: datetime
    locale: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class View:
    """The page of a pair. `named` are the ids of those whose names it shows."""

    title: str
    label: str
    share: float
    # The one that was handed in first stands first.
    texts: tuple[Text, ...]
    follow_ups: tuple[str, ...]
    named: tuple[int, ...]


def listed(application: Application, reader: User, locale: str) -> dict[str, list[Alike]]:
    """The pairs of an application by the slug of their challenge, in the reader's language."""
    found: dict[str, list[Alike]] = {}
    for pair in likenesses.of(application):
        opening = pair.other.opening
        alike = Alike(
            slug=pair.challenge.slug,
            field=pair.field,
            label=_label(pair.challenge, pair.field, locale),
            share=float(pair.share),
            code=pair.other.code if permissions.can_manage(reader, opening) else None,
            region=opening.region,
            is_first=_handed_in(pair.mine) < _handed_in(pair.theirs),
        )
        found.setdefault(alike.slug, []).append(alike)
    return found


def look(pair: Pair, locale: str) -> View:
    """Everything that the page of a pair says."""
    sides = zip((pair.mine, pair.theirs), likenesses.side_by_side(pair), strict=True)
    ordered = sorted(sides, key=lambda side: _handed_in(side[0]))
    texts = tuple(_text(submission, passages) for submission, passages in ordered)
    return View(
        title=catalog.text_for(pair.challenge, locale).value.title,
        label=_label(pair.challenge, pair.field, locale),
        share=float(pair.share),
        texts=texts,
        follow_ups=tuple(one.value for one in catalog.follow_ups_for(pair.challenge, locale)),
        named=tuple(one.application.id for one in texts if one.name is not None),
    )


def _handed_in(submission: Submission) -> tuple[datetime, int]:
    return submission.received_at, submission.id


def _label(challenge: Challenge, field: str, locale: str) -> str:
    """What the field is called, where the challenge has more than one."""
    label = catalog.text_for(challenge, locale).value.labels.get(field)
    return label.label if label and len(challenge.fields) > 1 else ""


def _text(submission: Submission, passages: tuple[Passage, ...]) -> Text:
    application = submission.attempt.invitation.application
    return Text(
        application=application,
        code=application.code,
        name=name_of(application),
        region=application.opening.region,
        stage=application.stage,
        handed_in_at=submission.received_at,
        locale=submission.attempt.locale,
        passages=passages,
    )

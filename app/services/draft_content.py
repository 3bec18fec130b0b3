"""A challenge while it is written in the browser: the words of the format, with room for what is not there yet.

Every value is kept as it was typed, numbers too, so that nothing is lost because it is not right yet; the loader judges
it. `Words` maps a language to a text. The name of a value is its path in here (`criteria.0.levels.2.en`): forms, faults
and files share it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from app.locales import DEFAULT
from app.services.catalog_content import thaw
from app.services.catalog_types import AnswerLanguage, Channel, Device, Part, PartKind
from grading.checks import CheckKind

Words = Mapping[str, str]
Change = Callable[[str, Words], Words]
LEVELS = 4
R = TypeVar("R")


def english(words: Words) -> str:
    """The text from which all others are translated."""
    return words.get(DEFAULT, "")


def _words() -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A customer's message. `part` is the part that answers it, or one of its items; empty: the first part."""

    part: str = ""
    sender: Words = field(default_factory=_words)
    address: Words = field(default_factory=_words)
    subject: Words = field(default_factory=_words)
    text: Words = field(default_factory=_words)


@dataclass(frozen=True, slots=True)
class TextRow:
    """A fact to rely on, or a follow-up question."""

    key: str = ""
    words: Words = field(default_factory=_words)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One text of several, one ticket to put in order, one language of source."""

    key: str = ""
    label: Words = field(default_factory=_words)
    hint: Words = field(default_factory=_words)


@dataclass(frozen=True, slots=True)
class PartRow:
    """One thing to answer. `limit` is in characters for each field."""

    key: str = ""
    kind: PartKind = PartKind.REPLY
    is_required: bool = True
    channel: Channel = Channel.EMAIL
    limit: str = "10000"
    has_reasons: bool = False
    types: tuple[str, ...] = ()
    label: Words = field(default_factory=_words)
    hint: Words = field(default_factory=_words)
    original: Words = field(default_factory=_words)
    items: tuple[ItemRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion with its four anchors."""

    key: str = ""
    weight: str = "2"
    is_optional: bool = False
    is_bonus: bool = False
    name: Words = field(default_factory=_words)
    meaning: Words = field(default_factory=_words)
    levels: tuple[Words, ...] = ({},) * LEVELS


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that the machine looks for. Wordings and patterns stand one a line.

    `places` gives the items of an ordering their place in the agreed order; `swaps` are lines of two places.
    """

    key: str = ""
    name: str = ""
    kind: CheckKind = CheckKind.SAYS
    looks_at: str = ""
    low: str = ""
    high: str = ""
    word_list: str = ""
    phrases: Words = field(default_factory=_words)
    patterns: Words = field(default_factory=_words)
    places: Words = field(default_factory=_words)
    swaps: str = ""


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """An answer with the levels that a careful person would give, and why."""

    number: int
    quality: str = "good"
    locale: str = DEFAULT
    is_chatbot: bool = False
    answers: Words = field(default_factory=_words)
    levels: Words = field(default_factory=_words)
    why: str = ""
    facts: Words = field(default_factory=_words)
    misread: tuple[str, ...] = ()
    is_showcase: bool = False
    review: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The whole challenge. `seen` names the sections of the editor that were saved once."""

    title: Words = field(default_factory=_words)
    summary: Words = field(default_factory=_words)
    task: Words = field(default_factory=_words)
    product: Words = field(default_factory=_words)
    no_product: Words = field(default_factory=_words)
    minutes: str = ""
    device: Device = Device.ANY
    answer_language: AnswerLanguage = AnswerLanguage.OPENING
    has_product: bool = False
    locales: tuple[str, ...] = (DEFAULT,)
    messages: tuple[MessageRow, ...] = ()
    facts: tuple[TextRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    criteria: tuple[CriterionRow, ...] = ()
    follow_ups: tuple[TextRow, ...] = ()
    guide_title: Words = field(default_factory=_words)
    guide_text: Words = field(default_factory=_words)
    brief_review: Words = field(default_factory=_words)
    rubric_review: Words = field(default_factory=_words)
    guide_review: Words = field(default_factory=_words)
    checks: tuple[CheckRow, ...] = ()
    examples: tuple[ExampleRow, ...] = ()
    seen: tuple[str, ...] = ()


def plain(content: Content) -> dict[str, Any]:
    """The content as JSON values. `read` is its inverse."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(content)))
    return values


def read(values: Mapping[str, Any]) -> Content:
    """The content that was kept. Raises ValueError when it is not one."""
    return thaw(Content, values)


def as_part(row: PartRow) -> Part:
    """The part that the loader will see, for the rules on its fields."""
    items = tuple(item.key for item in row.items)
    return Part(row.key, row.kind, is_required=row.is_required, items=items, has_reasons=row.has_reasons)


def fields_of(row: PartRow) -> tuple[str, ...]:
    """The names of the fields of a part's answer."""
    return as_part(row).fields


def map_words(content: Content, change: Change) -> Content:
    """A copy in which every text that can be translated was changed; `change` gets its path and its words."""
    whole = ("title", "summary", "task", *(("product", "no_product") if content.has_product else ()))
    changed: dict[str, Any] = {
        name: change(name, getattr(content, name)) for name in (*whole, "guide_title", "guide_text")
    }
    return replace(
        content,
        **changed,
        messages=_each("messages", content.messages, ("sender", "address", "subject", "text"), change),
        facts=_each("facts", content.facts, ("words",), change),
        parts=tuple(_part(f"parts.{place}", part, change) for place, part in enumerate(content.parts)),
        criteria=tuple(_criterion(f"criteria.{place}", one, change) for place, one in enumerate(content.criteria)),
        follow_ups=_each("follow_ups", content.follow_ups, ("words",), change),
    )


def _each(path: str, rows: tuple[R, ...], names: tuple[str, ...], change: Change) -> tuple[R, ...]:
    return tuple(
        replace(row, **{name: change(f"{path}.{place}.{name}", getattr(row, name)) for name in names})  # type: ignore[type-var]
        for place, row in enumerate(rows)
    )


def _part(path: str, part: PartRow, change: Change) -> PartRow:
    names = ("label", "hint", *(("original",) if part.kind is PartKind.REWRITE else ()))
    changed: dict[str, Any] = {name: change(f"{path}.{name}", getattr(part, name)) for name in names}
    return replace(part, **changed, items=_each(f"{path}.items", part.items, ("label", "hint"), change))


def _criterion(path: str, one: CriterionRow, change: Change) -> CriterionRow:
    return replace(
        one,
        name=change(f"{path}.name", one.name),
        meaning=change(f"{path}.meaning", one.meaning),
        levels=tuple(change(f"{path}.levels.{level}", words) for level, words in enumerate(one.levels)),
    )

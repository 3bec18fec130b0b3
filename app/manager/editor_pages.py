"""What the pages of the editor show beside the draft itself, as finished values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app import words
from app.locales import DEFAULT, LOCALES, own_name
from app.manager.editor_forms import CHATBOT, FILE_TYPES, QUALITIES, Section, label_keys
from app.manager.editor_words import label_of
from app.services import catalog
from app.services.catalog_types import Challenge, PartKind
from app.services.draft_checks import WITH_LIMITS, WITH_WORDINGS, field_names, parts_by_field, suits
from app.services.draft_content import Content, PartRow, Words, as_part, english, fields_of, map_words
from app.services.draft_faults import WITH_ITEMS, title_of
from grading.checks import ANY, CheckKind
from grading.phrases import PhraseList

__all__ = ["notes", "texts", "title_of", "titles", "values"]
# Longer texts get a box of several lines.
_LONG = ("task", "guide_text", "text", "original", "words", "meaning", "product", "no_product", "0", "1", "2", "3")


def titles() -> dict[Section, str]:
    """What the pages are called, in order."""
    return {
        Section.SITUATION: _("The situation"),
        Section.ANSWER: _("The answer"),
        Section.RUBRIC: _("The rubric"),
        Section.EXAMPLES: _("Examples"),
        Section.CHECKS: _("Checks"),
        Section.LANGUAGES: _("Languages"),
        Section.PUBLISH: _("Preview and publish"),
    }


def values(page: Section, content: Content, tag: str | None) -> dict[str, Any]:
    """The values that one page needs."""
    match page:
        case Section.SITUATION:
            labels = _labels(content)
            return {"belongs_to": [(key, labels[key]) for key in label_keys(content)]}
        case Section.ANSWER:
            kinds = [(kind.value, words.PART_KINDS[kind]) for kind in PartKind]
            return {"kinds_named": kinds, "with_items": WITH_ITEMS, "file_types": FILE_TYPES}
        case Section.EXAMPLES:
            return {"qualities": _qualities(), "fields": _fields(content), "tongues": _tongues(content.locales)}
        case Section.CHECKS:
            return _checks(content)
        case Section.LANGUAGES:
            return {"tongues": _tongues(LOCALES), "pairs": pairs(content, tag) if tag else [], "default": DEFAULT}
        case _:
            return {"tongues": _tongues(content.locales)}


def _tongues(tags: Iterable[str]) -> list[tuple[str, str]]:
    return [(tag, own_name(tag)) for tag in tags]


def _qualities() -> list[tuple[str, str]]:
    names = {"poor": _("poor"), "weak": _("weak"), "fair": _("fair"), "good": _("good"), "excellent": _("excellent")}
    return [*((word, names[word]) for word in QUALITIES), (CHATBOT, _("a typical chatbot answer"))]


def _labels(content: Content) -> dict[str, str]:
    """What parts and items are called, by the names of their fields."""
    found = {}
    for part in content.parts:
        found[part.key] = english(part.label) or part.key
        for item in part.items:
            found[f"{part.key}.{item.key}"] = f"{found[part.key]}: {english(item.label) or item.key}"
    return found


@dataclass(frozen=True)
class AnswerField:
    """One field of an example's answer. An ordering is written as the keys of its items."""

    name: str
    label: str
    hint: str
    is_required: bool


def _fields(content: Content) -> list[AnswerField]:
    labels = _labels(content)
    return [
        AnswerField(
            name, labels.get(name, name), _hint(part) if name == part.key else "", name in as_part(part).required_fields
        )
        for part in content.parts
        for name in fields_of(part)
    ]


def _hint(part: PartRow) -> str:
    """An ordering is stored as item keys, which a person has to see to write them."""
    if part.kind is not PartKind.ORDERING:
        return ""
    keys = ", ".join(f"{item.key} ({english(item.label)})" for item in part.items)
    return str(_("The short names in order, with spaces between: %(keys)s", keys=keys))


def _checks(content: Content) -> dict[str, Any]:
    labels, parts = _labels(content), parts_by_field(content)
    kinds = [kind for kind in CheckKind if kind is not CheckKind.PHRASES and _fits(kind, parts)]
    offered = [(kind.value, str(words.CHECK_KINDS[kind])) for kind in sorted(kinds, key=list(words.CHECK_KINDS).index)]
    lists = [(f"{CheckKind.PHRASES}:{one}", str(words.WORD_LISTS[one])) for one in PhraseList]
    return {
        "offered": [*offered, *lists],
        "looks": {
            kind: [(name, labels.get(name, name)) for name in field_names(content) if suits(kind, name, parts[name])]
            for kind in CheckKind
        },
        "items": {part.key: part.items for part in content.parts},
        "with_limits": WITH_LIMITS,
        "with_wordings": WITH_WORDINGS,
        "tags": [(ANY, _("every language")), *_tongues(content.locales)],
    }


def _fits(kind: CheckKind, parts: dict[str, PartRow]) -> bool:
    return kind is CheckKind.PARTS or any(suits(kind, name, part) for name, part in parts.items())


@dataclass(frozen=True)
class Pair:
    """A text in English and its translation."""

    path: str
    label: str
    english: str
    text: str
    is_long: bool


def pairs(content: Content, tag: str) -> list[Pair]:
    """Every text that can be translated and is there in English, in the order of the pages."""
    found: list[Pair] = []

    def note(path: str, words: Words) -> Words:
        if english(words).strip() or words.get(tag, "").strip():
            is_long = path.rpartition(".")[2] in _LONG
            found.append(Pair(path, label_of(f"{path}.{DEFAULT}"), english(words), words.get(tag, ""), is_long))
        return words

    map_words(content, note)
    return found


def texts(content: Content) -> dict[str, str]:
    """All that is typed as text, by the names that the pages give it."""
    found: dict[str, str] = {"minutes": content.minutes}

    def note(path: str, words: Words) -> Words:
        found.update({f"{path}.{tag}": words.get(tag, "") for tag in content.locales})
        return words

    map_words(content, note)
    for place, one in enumerate(content.criteria):
        found[f"criteria.{place}.weight"] = one.weight
    for place, row in enumerate(content.examples):
        found |= {f"examples.{place}.answers.{name}": text for name, text in row.answers.items()}
        found |= {f"examples.{place}.levels.{key}": level for key, level in row.levels.items()}
        found |= {f"examples.{place}.why": row.why, f"examples.{place}.quality": row.quality}
        found[f"examples.{place}.locale"] = row.locale
    for place, check in enumerate(content.checks):
        found |= {f"checks.{place}.phrases.{tag}": text for tag, text in check.phrases.items()}
        found |= {f"checks.{place}.patterns.{tag}": text for tag, text in check.patterns.items()}
        found |= {f"checks.{place}.low": check.low, f"checks.{place}.high": check.high}
        found |= {f"checks.{place}.name": check.name, f"checks.{place}.looks_at": check.looks_at}
    return found


def notes(challenge: Challenge | None) -> list[str]:
    """What is allowed but unwise, without the challenge's name."""
    return [one.partition(": ")[2] for one in catalog.warnings(challenge)] if challenge else []

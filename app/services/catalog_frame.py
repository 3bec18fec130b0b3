"""challenge.yaml: the frame of a challenge, without prose, that the texts in all languages have to fill."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.locales import DEFAULT, LOCALES
from app.services.catalog_types import AnswerLanguage, Channel, CriterionWeight, Device, Part, PartKind
from app.services.strict_yaml import Table
from grading.checks import Check, CheckKind
from grading.phrases import PhraseList

FORMAT = 1
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SOURCES = ("html", "css")
_FILE_TYPES = ("pdf", "png", "jpg", "txt", "md", "csv")
_WITH_ITEMS = (PartKind.TEXTS, PartKind.ORDERING, PartKind.SOURCE)
_WITH_PHRASES = (CheckKind.NAME, CheckKind.SAYS, CheckKind.LEAK)
_WITH_LIMITS = (CheckKind.LENGTH, CheckKind.QUESTIONS)


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything in a challenge that has no language."""

    minutes: int
    device: Device
    answer_language: AnswerLanguage
    locales: tuple[str, ...]
    parts: tuple[Part, ...]
    criteria: tuple[CriterionWeight, ...]
    facts: tuple[str, ...]
    follow_ups: tuple[str, ...]
    checks: tuple[Check, ...]


def read_frame(table: Table) -> Frame:
    """Read the table of challenge.yaml; what is wrong is collected as faults in its sheet."""
    table.whole("format", FORMAT, FORMAT)
    locales = _locales(table)
    parts = tuple(_parts(table))
    frame = Frame(
        minutes=table.whole("minutes", 1, 240) or 1,
        device=table.choice("device", Device) or Device.ANY,
        answer_language=table.choice("answer_language", AnswerLanguage) or AnswerLanguage.OPENING,
        locales=locales,
        parts=parts,
        criteria=tuple(_criteria(table)),
        facts=_keys(table, "facts"),
        follow_ups=_keys(table, "follow_ups"),
        checks=tuple(_checks(table, parts, locales)),
    )
    if len(frame.follow_ups) != 2:
        table.line_fault("follow_ups", "an interview has exactly two follow-up questions")
    table.close()
    return frame


def _locales(table: Table) -> tuple[str, ...]:
    found = table.words("locales")
    for locale in found:
        if locale and locale not in LOCALES:
            table.line_fault("locales", f"unknown language {locale!r}; known: {', '.join(LOCALES)}")
    if found and DEFAULT not in found:
        table.line_fault("locales", "'en' must be among them: the other languages fall back to it")
    return tuple(locale for locale in LOCALES if locale in found)


def _well_formed(table: Table, at: str, key: str) -> None:
    if key and not _KEY.fullmatch(key):
        table.line_fault(at, f"{key!r} must be small letters, digits and _, beginning with a letter")


def _keys(table: Table, name: str, required: bool = True) -> tuple[str, ...]:
    found = table.words(name, required)
    for key in found:
        _well_formed(table, name, key)
    return found


def _own_key(table: Table, taken: set[str]) -> str:
    key = table.text("key")
    _well_formed(table, "key", key)
    if key in taken:
        table.line_fault("key", f"the key {key!r} stands twice")
    taken.add(key)
    return key


def _parts(table: Table) -> Iterator[Part]:
    taken: set[str] = set()
    for entry in table.tables("parts"):
        key = _own_key(entry, taken)
        kind = entry.choice("kind", PartKind)
        if kind is None:
            continue
        items = _keys(entry, "items") if kind in _WITH_ITEMS else ()
        for item in items:
            if kind is PartKind.SOURCE and item not in _SOURCES:
                entry.line_fault("items", f"source can be {' or '.join(_SOURCES)}, not {item!r}")
        types = entry.words("types") if kind is PartKind.FILE else ()
        for name in types:
            if name not in _FILE_TYPES:
                entry.line_fault("types", f"unknown type of file {name!r}; known: {', '.join(_FILE_TYPES)}")
        yield Part(
            key=key,
            kind=kind,
            is_required=entry.flag("required", True),
            channel=entry.choice("channel", Channel) if kind is PartKind.REPLY else None,
            items=items,
            has_reasons=entry.flag("reasons", False) if kind is PartKind.ORDERING else False,
            types=types,
            limit=entry.whole("limit", 1, 100_000, required=False) or 10_000,
        )
        entry.close()


def _criteria(table: Table) -> Iterator[CriterionWeight]:
    taken: set[str] = set()
    for entry in table.tables("criteria"):
        key = _own_key(entry, taken)
        weight = entry.whole("weight", 1, 10)
        yield CriterionWeight(key, weight or 1, entry.flag("optional", False))
        entry.close()


def _checks(table: Table, parts: tuple[Part, ...], locales: tuple[str, ...]) -> Iterator[Check]:
    fields = [name for part in parts for name in part.fields]
    wanted = tuple(name for part in parts if part.is_required for name in part.fields)
    taken: set[str] = set()
    for entry in table.tables("checks"):
        key = _own_key(entry, taken)
        kind = entry.choice("kind", CheckKind)
        if kind is None:
            continue
        where = wanted
        if kind is not CheckKind.PARTS:
            field = entry.text("field")
            if field and field not in fields:
                entry.line_fault("field", f"no part has the field {field!r}; there are: {', '.join(fields)}")
            where = (field,)
        low, high = _limits(entry, kind)
        yield Check(
            key=key,
            kind=kind,
            fields=where,
            low=low,
            high=high,
            word_list=entry.choice("list", PhraseList) if kind is CheckKind.PHRASES else None,
            phrases=_phrases(entry, kind, locales),
        )
        entry.close()


def _limits(entry: Table, kind: CheckKind) -> tuple[int | None, int | None]:
    if kind not in _WITH_LIMITS:
        return None, None
    low = entry.whole("low", 0, 100_000, required=False)
    high = entry.whole("high", 0, 100_000, required=False)
    if low is not None and high is not None and low > high:
        entry.line_fault("low", "'low' is more than 'high'")
    return low, high


def _phrases(entry: Table, kind: CheckKind, locales: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Read the words to look for. They are literal: no pattern from a file is ever run."""
    if kind not in _WITH_PHRASES and not (kind is CheckKind.PHRASES and entry.has("phrases")):
        return {}
    inner = entry.table("phrases")
    if inner is None:
        return {}
    found = {locale: inner.words(locale) for locale in locales}
    inner.close()
    return found

"""challenge.yaml: the frame of a challenge, without prose, that the texts in all languages have to fill."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.locales import DEFAULT, LOCALES
from app.services.catalog_types import AnswerLanguage, Channel, CriterionWeight, Device, Part, PartKind
from app.services.strict_yaml import Table
from grading.checks import ANY, Check, CheckKind
from grading.patterns import PatternError, compile_pattern
from grading.phrases import PhraseList

FORMAT = 1
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SOURCES = ("html", "css")
_FILE_TYPES = ("pdf", "png", "jpg", "txt", "md", "csv")
_WITH_ITEMS = (PartKind.TEXTS, PartKind.ORDERING, PartKind.SOURCE)
_WITH_PHRASES = (CheckKind.NAME, CheckKind.SAYS, CheckKind.LEAK)
# Kinds of check that read a field of one kind of part only.
_FIELD_OF = {CheckKind.ORDER: PartKind.ORDERING, CheckKind.LINK: PartKind.URL}
_SOURCE_OF = {CheckKind.HTML: "html", CheckKind.PICTURES: "html", CheckKind.CSS: "css"}
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
    has_product: bool


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
        has_product=table.flag("product", False),
    )
    if frame.criteria and all(criterion.is_bonus for criterion in frame.criteria):
        table.line_fault("criteria", "one criterion at least must not be a bonus")
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
        yield CriterionWeight(key, weight or 1, entry.flag("optional", False), entry.flag("bonus", False))
        entry.close()


def _checks(table: Table, parts: tuple[Part, ...], locales: tuple[str, ...]) -> Iterator[Check]:
    taken: set[str] = set()
    for entry in table.tables("checks"):
        key = _own_key(entry, taken)
        kind = entry.choice("kind", CheckKind)
        if kind is None:
            continue
        low, high = _limits(entry, kind)
        order = _order(entry, parts) if kind is CheckKind.ORDER else ()
        yield Check(
            key=key,
            kind=kind,
            fields=_looked_at(entry, kind, parts),
            low=low,
            high=high,
            word_list=entry.choice("list", PhraseList) if kind is CheckKind.PHRASES else None,
            phrases=_words(entry, kind, "phrases", locales),
            patterns=_words(entry, kind, "patterns", locales),
            order=order,
            swaps=tuple(_swaps(entry, order)) if kind is CheckKind.ORDER else (),
        )
        _require_words(entry, kind)
        entry.close()


def _looked_at(entry: Table, kind: CheckKind, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The fields that a check reads: every one that must be answered, or the one that it names."""
    if kind is CheckKind.PARTS:
        return tuple(name for part in parts for name in part.required_fields)
    fields = {name: part for part in parts for name in part.fields}
    field = entry.text("field")
    part = fields.get(field)
    if field and part is None:
        entry.line_fault("field", f"no part has the field {field!r}; there are: {', '.join(fields)}")
    elif part is not None and not _suits(kind, field, part):
        entry.line_fault("field", f"a check of kind {kind.value!r} cannot look at {field!r}")
    return (field,)


def _suits(kind: CheckKind, field: str, part: Part) -> bool:
    if kind in _SOURCE_OF:
        return part.kind is PartKind.SOURCE and field.endswith(f".{_SOURCE_OF[kind]}")
    if kind in _FIELD_OF:
        return part.kind is _FIELD_OF[kind] and field == part.key
    return part.kind is not PartKind.FILE


def _limits(entry: Table, kind: CheckKind) -> tuple[int | None, int | None]:
    if kind not in _WITH_LIMITS:
        return None, None
    low = entry.whole("low", 0, 100_000, required=False)
    high = entry.whole("high", 0, 100_000, required=False)
    if low is not None and high is not None and low > high:
        entry.line_fault("low", "'low' is more than 'high'")
    return low, high


def _order(entry: Table, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Read the agreed key of an ordering: every item of the part, once."""
    found = entry.words("order")
    items = {part.key: part.items for part in parts}.get(entry.text("field"), ())
    if found and items and sorted(found) != sorted(items):
        entry.line_fault("order", f"'order' must name every item once: {', '.join(items)}")
    return found


def _swaps(entry: Table, order: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pair in entry.words("swaps", required=False):
        first, _space, second = pair.partition(" ")
        if first == second or first not in order or second not in order:
            entry.line_fault("swaps", f"{pair!r} must be two items of the order with a space between")
        else:
            yield first, second


def _words(entry: Table, kind: CheckKind, name: str, locales: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Read what to look for: literal words, or RE2 patterns. Each language has a list, or one holds for `any`."""
    if kind not in (*_WITH_PHRASES, CheckKind.PHRASES) or not entry.has(name):
        return {}
    inner = entry.table(name)
    if inner is None:
        return {}
    # Patterns add to phrases, so they may be there for some languages only.
    is_partial = inner.has(ANY) or (name == "patterns" and entry.has("phrases"))
    wanted = [tag for tag in (*locales, ANY) if inner.has(tag) or (tag != ANY and not is_partial)]
    found = {tag: inner.words(tag) for tag in wanted}
    inner.close()
    if name == "patterns":
        _compile_all(inner, found)
    return found


def _require_words(entry: Table, kind: CheckKind) -> None:
    if kind in _WITH_PHRASES and not entry.has("phrases") and not entry.has("patterns"):
        entry.line_fault("kind", f"a check of kind {kind.value!r} needs 'phrases' or 'patterns'")


def _compile_all(table: Table, patterns: dict[str, tuple[str, ...]]) -> None:
    for locale, listed in patterns.items():
        for pattern in listed:
            try:
                compile_pattern(pattern)
            except PatternError as error:
                table.line_fault(locale, f"RE2 does not take the pattern {pattern!r}: {error}")

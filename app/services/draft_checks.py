"""The checks of a draft: as lines of the format, and those that suit a field without being asked for."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.catalog_types import PartKind
from app.services.draft_content import CheckRow, Content, PartRow, Words, fields_of
from app.services.draft_sheets import Sheet
from grading.checks import ANY, CheckKind
from grading.phrases import PhraseList

WITH_LIMITS = (CheckKind.LENGTH, CheckKind.QUESTIONS)
WITH_WORDINGS = (CheckKind.NAME, CheckKind.SAYS, CheckKind.LEAK, CheckKind.PHRASES)
WRITTEN = (PartKind.REPLY, PartKind.REWRITE, PartKind.TEXTS)
_BY_PART = {PartKind.URL: (CheckKind.LINK,), PartKind.ORDERING: (CheckKind.ORDER,)}
_BY_SOURCE = {"html": (CheckKind.HTML, CheckKind.PICTURES), "css": (CheckKind.CSS,)}


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def write_check(sheet: Sheet, content: Content, check: CheckRow, path: str) -> None:
    """One check of challenge.yaml."""
    sheet.entry("key", check.key, f"{path}.name")
    sheet.line(f"    kind: {check.kind.value}", path)
    if check.kind is not CheckKind.PARTS:
        sheet.text("field", check.looks_at, f"{path}.looks_at", 2)
    if check.kind in WITH_LIMITS:
        sheet.number_if_any("low", check.low, f"{path}.low", 2)
        sheet.number_if_any("high", check.high, f"{path}.high", 2)
    if check.kind is CheckKind.PHRASES:
        sheet.text_if_any("list", check.word_list, path, 2)
    if check.kind in WITH_WORDINGS:
        _wordings(sheet, "phrases", check.phrases, content.locales, path)
        # Patterns add to phrases, so they may be there for some languages only.
        _wordings(sheet, "patterns", check.patterns, content.locales, path, is_partial=_any(check.phrases))
    if check.kind is CheckKind.ORDER:
        _order(sheet, content, check, path)


def _any(words: Words) -> bool:
    return any(text.strip() for text in words.values())


def _wordings(
    sheet: Sheet, name: str, words: Words, locales: tuple[str, ...], path: str, is_partial: bool = False
) -> None:
    """What to look for, a list for each language. A language that has none gets an empty list, and a fault."""
    if not any(words.get(tag, "").strip() for tag in (*locales, ANY)):
        return
    sheet.head(name, f"{path}.{name}.{ANY}", 2)
    is_partial = is_partial or bool(words.get(ANY, "").strip())
    for tag in (*locales, ANY):
        listed = lines_of(words.get(tag, ""))
        if listed or (not is_partial and tag != ANY):
            sheet.words(tag, listed, f"{path}.{name}.{tag}", 3)


def _order(sheet: Sheet, content: Content, check: CheckRow, path: str) -> None:
    """The agreed order. An item without a place of its own is left out, and the loader says which are needed."""
    items = next((part.items for part in content.parts if part.key == check.looks_at), ())
    places = {item.key: check.places.get(item.key, "").strip() for item in items}
    numbered = {int(text): key for key, text in places.items() if text.isascii() and text.isdigit() and len(text) < 4}
    alone = {number: key for number, key in numbered.items() if list(places.values()).count(places[key]) == 1}
    sheet.words("order", [alone[number] for number in sorted(alone)], f"{path}.places", 2)
    pairs = [
        " ".join(numbered.get(int(word), word) if word.isascii() and word.isdigit() else word for word in line.split())
        for line in lines_of(check.swaps)
    ]
    if pairs:
        sheet.words("swaps", pairs, f"{path}.swaps", 2)


def automatic(part: PartRow, name: str) -> Iterator[CheckRow]:
    """The checks that suit a field of an answer; they are there when the field is new and can be removed."""
    if part.kind in WRITTEN:
        yield CheckRow(kind=CheckKind.LENGTH, looks_at=name)
        yield CheckRow(kind=CheckKind.PLACEHOLDER, looks_at=name)
        yield CheckRow(kind=CheckKind.LANGUAGE, looks_at=name)
    if part.kind is PartKind.REPLY:
        for word_list in (PhraseList.HOOPS, PhraseList.OVERPROMISE, PhraseList.BLAME):
            yield CheckRow(kind=CheckKind.PHRASES, looks_at=name, word_list=word_list.value)
    kinds = _BY_SOURCE.get(name.rpartition(".")[2], ()) if part.kind is PartKind.SOURCE else _BY_PART.get(part.kind, ())
    if name == part.key or part.kind is PartKind.SOURCE:
        for kind in kinds:
            yield CheckRow(kind=kind, looks_at=name)


def parts_by_field(content: Content) -> dict[str, PartRow]:
    """All fields of an answer in the order of the parts, each with its part."""
    return {name: part for part in content.parts for name in fields_of(part)}


def suits(kind: CheckKind, name: str, part: PartRow) -> bool:
    """Whether a check can look at a field; the loader has the same rule."""
    if part.kind is PartKind.SOURCE and kind in (CheckKind.HTML, CheckKind.PICTURES, CheckKind.CSS):
        return kind in _BY_SOURCE.get(name.rpartition(".")[2], ())
    if kind in (CheckKind.HTML, CheckKind.PICTURES, CheckKind.CSS):
        return False
    if kind in (CheckKind.LINK, CheckKind.ORDER):
        return kind in _BY_PART.get(part.kind, ()) and name == part.key
    return part.kind is not PartKind.FILE


def field_names(content: Content) -> list[str]:
    """All fields of an answer, in the order of the parts."""
    return [name for part in content.parts for name in fields_of(part)]

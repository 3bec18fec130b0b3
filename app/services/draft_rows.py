"""The rows of a draft: added, removed and moved; their keys; and what follows for the rest of the draft."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from app.locales import DEFAULT
from app.services.catalog_types import DRAFT, PartKind
from app.services.draft_checks import automatic, field_names, parts_by_field, suits
from app.services.draft_content import (
    CheckRow,
    Content,
    CriterionRow,
    ExampleRow,
    ItemRow,
    MessageRow,
    PartRow,
    TextRow,
    english,
    fields_of,
)
from app.services.draft_files import write
from grading.checks import CheckKind
from grading.phrases import PhraseList

MOST_ROWS = 40
_KEY_LENGTH = 40
R = TypeVar("R")


class Move(StrEnum):
    """What a button beside a row does."""

    REMOVE = "remove"
    UP = "up"
    DOWN = "down"


def moved(rows: Sequence[R], place: int, move: Move) -> tuple[R, ...]:
    """The rows after a move; a place that is not there changes nothing."""
    found = list(rows)
    if not 0 <= place < len(found):
        return tuple(found)
    row = found.pop(place)
    if move is not Move.REMOVE:
        found.insert(max(0, place - 1) if move is Move.UP else place + 1, row)
    return tuple(found)


def move_row(content: Content, name: str, place: int, move: Move) -> Content:
    """Move or remove a row of `messages`, `facts`, `parts`, `criteria`, `checks` or `examples`."""
    rows: Mapping[str, tuple[Any, ...]] = {
        "messages": content.messages,
        "facts": content.facts,
        "parts": content.parts,
        "criteria": content.criteria,
        "checks": content.checks,
        "examples": content.examples,
    }
    changed: dict[str, Any] = {name: moved(rows[name], place, move)} if name in rows else {}
    return replace(content, **changed)


def move_item(content: Content, place: int, item: int, move: Move) -> Content:
    """Move or remove an item of a part."""
    return _with_part(content, place, lambda part: replace(part, items=moved(part.items, item, move)))


def _with_part(content: Content, place: int, change: Callable[[PartRow], PartRow]) -> Content:
    parts = tuple(change(part) if at == place else part for at, part in enumerate(content.parts))
    return replace(content, parts=parts)


def add_message(content: Content) -> Content:
    """One more message of a customer."""
    return replace(content, messages=_more(content.messages, MessageRow()))


def add_fact(content: Content) -> Content:
    """One more fact to rely on."""
    return replace(content, facts=_more(content.facts, TextRow()))


def add_part(content: Content, kind: PartKind, label: str) -> Content:
    """One more thing to answer, called `label`. Source starts with both of its languages."""
    sources = tuple(ItemRow(key, dict.fromkeys(content.locales, key.upper())) for key in ("html", "css"))
    part = PartRow(
        kind=kind,
        items=sources if kind is PartKind.SOURCE else (),
        types=("pdf",) if kind is PartKind.FILE else (),
        has_reasons=kind is PartKind.ORDERING,
        label={DEFAULT: label},
    )
    return replace(content, parts=_more(content.parts, part))


def add_item(content: Content, place: int, label: str) -> Content:
    """One more item of a part."""
    return _with_part(
        content, place, lambda part: replace(part, items=_more(part.items, ItemRow("", {DEFAULT: label})))
    )


def add_criterion(content: Content, name: str) -> Content:
    """One more criterion."""
    return replace(content, criteria=_more(content.criteria, CriterionRow(name={DEFAULT: name})))


def add_check(content: Content, kind: CheckKind, word_list: PhraseList | None, name: str) -> Content:
    """One more thing for the machine to look for, in the first field that it can look at until another is chosen."""
    names = [field for field, part in parts_by_field(content).items() if suits(kind, field, part)]
    row = CheckRow(
        name=name, kind=kind, looks_at=names[0] if names else "", word_list=word_list.value if word_list else ""
    )
    return replace(content, checks=_more(content.checks, row))


def add_example(content: Content, is_chatbot: bool) -> Content:
    """One more example, with the next free number."""
    number = max((row.number for row in content.examples), default=0) + 1
    if number > 99:
        return content
    row = ExampleRow(number, quality="chatbot" if is_chatbot else "good", is_chatbot=is_chatbot)
    return replace(content, examples=_more(content.examples, row))


def _more(rows: tuple[R, ...], row: R) -> tuple[R, ...]:
    return (*rows, row) if len(rows) < MOST_ROWS else rows


# --- keys ----------------------------------------------------------------------------------------------------------


def key_of(words: str, taken: Iterable[str], otherwise: str) -> str:
    """A key made of words: small ASCII letters, digits and `_`, not longer than 40, none of those that are taken."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_KEY_LENGTH].strip("_")
    if not base or not base[0].isalpha():
        base = f"{otherwise}_{base}".strip("_")[:_KEY_LENGTH]
    used = set(taken)
    tries = (base, *(f"{base[: _KEY_LENGTH - 4].rstrip('_')}_{number}" for number in range(2, 1000)))
    return next(key for key in tries if key not in used)


def _keyed(rows: tuple[R, ...], words: Callable[[R], str], otherwise: str) -> tuple[R, ...]:
    """Give each row without a key one. A key that is there stays, whatever the words become."""
    found: list[Any] = list(rows)
    for place, row in enumerate(found):
        if not row.key:
            found[place] = replace(row, key=key_of(words(row), [one.key for one in found], otherwise))
    return tuple(found)


def _unnamed(old: tuple[R, ...], new: tuple[R, ...], words: Callable[[R], str]) -> tuple[R, ...]:
    """Take back the keys of rows that had no words yet and have some now. Nothing refers to such a key."""
    waiting = {one.key for one in cast("tuple[Any, ...]", old) if not words(one).strip()}
    rows: list[Any] = list(new)
    return tuple(replace(row, key="") if row.key in waiting and words(row).strip() else row for row in rows)


def _short(text: str) -> str:
    return " ".join(text.split()[:4])


def keyed(content: Content) -> Content:
    """Make the keys that are missing from the English words: a row keeps its key from its first save on."""
    parts = _keyed(content.parts, lambda row: english(row.label), "answer")
    return replace(
        content,
        facts=_keyed(content.facts, lambda row: _short(english(row.words)), "fact"),
        follow_ups=_keyed(content.follow_ups, lambda row: _short(english(row.words)), "question"),
        criteria=_keyed(content.criteria, lambda row: english(row.name), "criterion"),
        checks=_keyed(content.checks, lambda row: row.name or row.word_list or row.kind.value, "check"),
        parts=tuple(
            replace(part, items=_keyed(part.items, lambda row: _short(english(row.label)), "item")) for part in parts
        ),
    )


# --- what follows ----------------------------------------------------------------------------------------------------


def settled(old: Content, new: Content) -> Content:
    """The draft after an edit: keys made, and what depends on a field that came or went brought in step."""
    named = replace(
        new,
        facts=_unnamed(old.facts, new.facts, lambda row: english(row.words)),
        follow_ups=_unnamed(old.follow_ups, new.follow_ups, lambda row: english(row.words)),
        checks=_unnamed(old.checks, new.checks, lambda row: row.name),
    )
    found = keyed(named)
    found = _with_fields(old, found)
    found = _forget_stale_facts(old, found)
    return _unsigned(old, found)


def _with_fields(old: Content, new: Content) -> Content:
    """A new field gets the checks that suit it; one that is gone takes its checks, messages and answers along."""
    before, after = set(field_names(old)), set(field_names(new))
    kept = [check for check in new.checks if check.kind is CheckKind.PARTS or check.looks_at not in before - after]
    fresh = [
        check for part in new.parts for name in fields_of(part) if name not in before for check in automatic(part, name)
    ]
    if fresh and not any(check.kind is CheckKind.PARTS for check in kept):
        fresh.insert(0, CheckRow(kind=CheckKind.PARTS))
    known = {part.key for part in new.parts} | {f"{part.key}.{item.key}" for part in new.parts for item in part.items}
    return keyed(
        replace(
            new,
            checks=(*kept, *fresh),
            messages=tuple(row if row.part in known else replace(row, part="") for row in new.messages),
            examples=tuple(
                replace(row, answers={name: text for name, text in row.answers.items() if name in after})
                for row in new.examples
            ),
        )
    )


def _forget_stale_facts(old: Content, new: Content) -> Content:
    """What the checks were expected to see in an example holds only for that answer and those checks."""
    before = {(row.number, row.locale): row.answers for row in old.examples}
    checks = {row.key: row for row in old.checks}
    same = {row.key for row in new.checks if checks.get(row.key) == row}

    def kept(row: ExampleRow) -> ExampleRow:
        if before.get((row.number, row.locale)) != row.answers:
            return replace(row, facts={}, misread=())
        return replace(
            row,
            facts={key: note for key, note in row.facts.items() if key in same},
            misread=tuple(key for key in row.misread if key in same),
        )

    return replace(new, examples=tuple(kept(row) for row in new.examples))


def _unsigned(old: Content, new: Content) -> Content:
    """Take a signature away where the words that were signed have changed since."""
    before, after = write(old).files, write(new).files
    reviews = {name: dict(getattr(new, f"{name}_review")) for name in ("brief", "rubric", "guide")}
    for name, found in reviews.items():
        for locale in new.locales:
            file = f"{name}.{locale}.{'yaml' if name == 'rubric' else 'md'}"
            if found.get(locale) and before.get(file) != after.get(file):
                found[locale] = "" if locale == DEFAULT else DRAFT
    return replace(
        new,
        brief_review=reviews["brief"],
        rubric_review=reviews["rubric"],
        guide_review=reviews["guide"],
    )

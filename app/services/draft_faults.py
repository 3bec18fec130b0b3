"""What a draft still lacks, at the values that it is about; and the challenge as far as it goes, for its preview.

The loader stops at a broken frame and reads no text then. So each fault is noted, filled with something that can be
shown, and the files are read again: an author sees all faults at once, and the preview shows what is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.locales import DEFAULT
from app.services.catalog import Challenge, ChallengeFault, parse
from app.services.catalog_types import PartKind
from app.services.draft_checks import field_names
from app.services.draft_content import (
    LEVELS,
    CheckRow,
    Content,
    CriterionRow,
    ExampleRow,
    ItemRow,
    MessageRow,
    PartRow,
    TextRow,
    english,
    read,
)
from app.services.draft_files import Written, write
from grading.checks import CheckKind

ROUNDS = 8
GAP = "…"
_NUMBERS = {"minutes": "15", "weight": "1", "limit": "10000"}
_ROWS = ("checks", "examples")
WITH_ITEMS = (PartKind.TEXTS, PartKind.ORDERING, PartKind.SOURCE)


@dataclass(frozen=True, slots=True)
class DraftFault:
    """What is wrong at one value of a draft, in the loader's words. `path` is empty where it is about the whole."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Look:
    """All faults of a draft, and the challenge with its gaps filled; None where not even that can be shown."""

    faults: tuple[DraftFault, ...]
    challenge: Challenge | None


def look(slug: str, version: int, values: Mapping[str, Any]) -> Look:
    """Read a draft as the loader does. Without faults the challenge is exactly what publishing freezes."""
    return _look(slug, version, json.dumps(values, sort_keys=True))


@lru_cache(maxsize=32)
def _look(slug: str, version: int, text: str) -> Look:
    # Reading takes a fifth of a second for a challenge in six languages, and every page of the editor asks.
    content = read(json.loads(text))
    found = dict.fromkeys(_empty_lists(content))
    fills: dict[str, str] = {}
    without: set[str] = set()
    for turn in range(ROUNDS):
        written = write(content if turn == 0 else padded(content), fills, frozenset(without))
        try:
            return Look(tuple(found), parse(f"{slug}/v{version}", written.files))
        except ChallengeFault as error:
            noted = _placed(error, written)
        known = {fault.path for fault in found}
        found |= dict.fromkeys(fault for fault in noted if fault.path not in known and not _is_padding(fault, content))
        for fault in noted:
            _repair(fault.path, fills, without)
    return Look(tuple(found), None)


def _empty_lists(content: Content) -> list[DraftFault]:
    """Lists that only the last reading would miss, and that are padded before it comes to that."""
    needs_message = not content.messages and any(part.kind is PartKind.REPLY for part in content.parts)
    return [
        DraftFault(path, f"{path!r} must be a list with at least one entry")
        for path, is_missing in (
            ("messages", needs_message),
            ("examples", not any(row.locale in content.locales for row in content.examples)),
        )
        if is_missing
    ]


def _placed(error: ChallengeFault, written: Written) -> list[DraftFault]:
    placed = [DraftFault(written.path_of(fault), fault.message) for fault in error.faults]
    # An empty value can be a fault twice, once for itself and once for what follows from it.
    first = {fault.path or fault.message: fault for fault in reversed(placed)}
    return [fault for fault in placed if first[fault.path or fault.message] is fault]


def _is_padding(fault: DraftFault, content: Content) -> bool:
    return fault.path.startswith((f"checks.{len(content.checks)}.", f"examples.{len(content.examples)}."))


def _repair(path: str, fills: dict[str, str], without: set[str]) -> None:
    """Make the next reading possible: leave the row out, or put something where the fault is."""
    name, _dot, rest = path.partition(".")
    if name in _ROWS and rest:
        without.add(f"{name}.{rest.partition('.')[0]}")
    elif name == "product":
        fills[path] = "{name} {address}"
    elif path:
        fills[path] = _NUMBERS.get(path.rpartition(".")[2], GAP)


def padded(content: Content) -> Content:
    """The draft with one row where a list must not be empty and is."""
    parts = tuple(_padded_part(part) for part in content.parts) or (PartRow(key="reply", label=_gap()),)
    with_parts = replace(content, parts=parts)
    needs_message = any(part.kind is PartKind.REPLY for part in parts)
    criteria = content.criteria or (CriterionRow("gap", name=_gap(), meaning=_gap(), levels=(_gap(),) * LEVELS),)
    return replace(
        with_parts,
        messages=content.messages or ((MessageRow(sender=_gap(), text=_gap()),) if needs_message else ()),
        facts=content.facts or (TextRow("gap", _gap()),),
        criteria=criteria,
        follow_ups=content.follow_ups or tuple(TextRow(f"gap{place}", _gap()) for place in (1, 2)),
        checks=(*content.checks, CheckRow("gap", kind=CheckKind.PARTS)),
        # The last row of all, so that the places of the others stay what they are.
        examples=(
            *content.examples,
            ExampleRow(
                99,
                answers=dict.fromkeys(field_names(with_parts), GAP),
                levels={one.key: "0" for one in criteria},
                why=GAP,
            ),
        ),
    )


def _padded_part(part: PartRow) -> PartRow:
    needs_items = part.kind in WITH_ITEMS and not part.items
    item = ItemRow("html" if part.kind is PartKind.SOURCE else "gap", _gap())
    return replace(
        part,
        types=part.types or (("pdf",) if part.kind is PartKind.FILE else ()),
        items=(item,) if needs_items else part.items,
    )


def _gap() -> dict[str, str]:
    return {DEFAULT: GAP}


def title_of(content: Content) -> str:
    """What a draft is called."""
    return english(content.title).strip() or GAP

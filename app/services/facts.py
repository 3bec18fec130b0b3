"""Facts about an answer as pages show them: by field, those worth a look first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.services import catalog
from app.services.catalog_types import Challenge
from grading.checks import CheckKind, Note

FEW = 6
"""So many facts about one field are shown without folding any of them."""

_PLAIN = frozenset({Note.WITHIN, Note.COMPLETE, Note.EXPECTED, Note.CLEAN, Note.ALIVE, Note.AS_AGREED})
_GOOD_TO_FIND = frozenset({CheckKind.NAME, CheckKind.SAYS})
_GOOD_TO_MISS = frozenset({CheckKind.PLACEHOLDER, CheckKind.LEAK, CheckKind.PHRASES})


@dataclass(frozen=True)
class Group:
    """What was seen in one field. `label` is empty where all facts are about the same one; `usual` can be folded."""

    label: str
    locale: str
    notable: tuple[Mapping[str, Any], ...]
    usual: tuple[Mapping[str, Any], ...]


def grouped(challenge: Challenge, facts: Sequence[Mapping[str, Any]], locale: str) -> tuple[Group, ...]:
    """The facts by field, in the order of the parts, labelled in the words that the candidate saw.

    Notable is what the challenge would rather have otherwise: a fact that is missing, a gap of a template, too long. It
    is only an order of reading; every fact stays where it can be seen.
    """
    fields = dict.fromkeys(str(fact["field"]) for fact in facts)
    text = catalog.text_for(challenge, locale)
    groups = []
    for name in sorted(fields, key=lambda field: _place(challenge, field)):
        own = [fact for fact in facts if fact["field"] == name]
        label = text.value.labels.get(name)
        words = label.label if label and len(fields.keys() - {""}) > 1 else ""
        usual = [fact for fact in own if _is_usual(fact)] if len(own) > FEW else []
        notable = [fact for fact in own if fact not in usual]
        groups.append(Group(words, text.locale, tuple(notable), tuple(usual)))
    return tuple(groups)


def _place(challenge: Challenge, field: str) -> int:
    return challenge.fields.index(field) if field in challenge.fields else -1


def _is_usual(fact: Mapping[str, Any]) -> bool:
    if fact["note"] in _PLAIN:
        return True
    if fact["kind"] in _GOOD_TO_FIND:
        return bool(fact["note"] == Note.FOUND)
    return fact["kind"] in _GOOD_TO_MISS and fact["note"] == Note.NOT_FOUND

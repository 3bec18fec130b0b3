"""A practice task: the same kinds of fields as a real one, with a harmless message. Values only; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.services.catalog_types import Brief, Challenge, Label, Message, Part, PartKind
from app.services.tasks import Task

ITEMS = {
    PartKind.TEXTS: ("first", "second"),
    PartKind.ORDERING: ("first", "second", "third"),
}


def of(task: Task, words: Mapping[str, str], locale: str) -> Task:
    """The practice for a task: one part for each kind of part that it has. `words` are in the reader's language."""
    parts = tuple(_part(kind, task.challenge) for kind in dict.fromkeys(part.kind for part in task.challenge.parts))
    labels = {name: _label(name, words) for part in parts for name in part.label_keys}
    answered = next((part.key for part in parts if part.kind is PartKind.REPLY), parts[0].key)
    message = Message(answered, words["sender"], words["message"], words["subject"])
    brief = Brief(words["title"], words["summary"], (message,), {}, labels, words["task"])
    challenge = replace(task.challenge, parts=parts, briefs={locale: brief}, facts=(), criteria=(), checks=())
    return replace(task, locale=locale, challenge=challenge, brief=brief, criteria=(), instructions=brief.task)


def _part(kind: PartKind, challenge: Challenge) -> Part:
    """As the first real one of its kind, with a name and items of its own."""
    real = next(part for part in challenge.parts if part.kind is kind)
    items = ITEMS.get(kind, real.items)
    return replace(real, key=f"practice-{kind.value}", items=items, has_reasons=False)


def _label(name: str, words: Mapping[str, str]) -> Label:
    kind, _, item = name.removeprefix("practice-").partition(".")
    return Label(words[item or kind], original=words["original"] if kind == PartKind.REWRITE else "")

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
    """The practice for a task: a reply to the message, and one part for each other kind of part that the task has.

    `words` are in the reader's language.
    """
    kinds = dict.fromkeys((PartKind.REPLY, *(part.kind for part in task.challenge.parts)))
    parts = tuple(_part(kind, task.challenge) for kind in kinds)
    labels = {name: _label(name, words) for part in parts for name in part.label_keys}
    message = Message(parts[0].key, words["sender"], words["message"], words["subject"])
    brief = Brief(words["title"], words["summary"], (message,), {}, labels, words["task"])
    challenge = replace(task.challenge, parts=parts, briefs={locale: brief}, facts=(), criteria=(), checks=())
    return replace(task, locale=locale, challenge=challenge, brief=brief, criteria=(), instructions=brief.task)


def _part(kind: PartKind, challenge: Challenge) -> Part:
    """As the first real one of its kind, with a name and items of its own."""
    real = next((part for part in challenge.parts if part.kind is kind), Part("", kind))
    items = ITEMS.get(kind, real.items)
    return replace(real, key=f"practice-{kind.value}", items=items, has_reasons=False)


def _label(name: str, words: Mapping[str, str]) -> Label:
    kind, _, item = name.removeprefix("practice-").partition(".")
    return Label(words[item or kind], original=words["original"] if kind == PartKind.REWRITE else "")

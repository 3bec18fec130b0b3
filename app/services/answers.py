"""An answer as pages show it: finished values for every kind of part, in the words that the candidate saw."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from app import file_types
from app.models import StoredFile
from app.refusals import NotFound
from app.services import catalog, orders
from app.services.catalog_types import Brief, Challenge, Message, Part, PartKind


@dataclass(frozen=True)
class Placed:
    """One item of an ordering. `place` is None where it was given none."""

    place: int | None
    label: str
    reason: str
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class FileShown:
    """A file of an answer. `name` is a neutral one for those who may not know whose it is.

    `is_ready`: there is a copy to read; `is_lost`: no copy could be made.
    """

    code: str
    name: str
    type: str
    size: int
    sha256: str
    is_ready: bool
    is_lost: bool

    @property
    def is_picture(self) -> bool:
        """Whether pages can show it at once."""
        return self.type in file_types.PICTURES


@dataclass(frozen=True)
class Answered:
    """One field of an answer, or a whole ordering. `kind` is the part's, and `part` its key.

    `original` is the text that a rewriting started from; `messages` are those that this field alone answers. An
    address is given to reviewers as `is_given` without its text: its host can say who somebody is.
    """

    key: str
    part: str
    label: str
    text: str
    kind: PartKind
    original: str = ""
    placed: tuple[Placed, ...] = ()
    messages: tuple[Message, ...] = ()
    is_given: bool = False
    # On the first field of a part's source: it can be shown as a page.
    has_preview: bool = False
    # What the address showed was kept and can be shown.
    has_frozen: bool = False
    file: FileShown | None = None


def answered(
    challenge: Challenge,
    answers: Mapping[str, str],
    locale: str,
    is_unnamed: bool = False,
    frozen: Collection[str] = (),
    files: Mapping[str, StoredFile] | None = None,
) -> tuple[Answered, ...]:
    """The fields of an answer in the order of its parts. For a reader who may not know who wrote it: `is_unnamed`.

    `frozen` names the fields whose link showed something that was kept; `files` are the answer's, by code.
    """
    brief = catalog.text_for(challenge, locale).value
    found = []
    for part in challenge.parts:
        for shown in _of_part(part, answers, brief, is_unnamed):
            file = (files or {}).get(shown.text) if part.kind is PartKind.FILE else None
            seen = _file(file, f"{part.key}.{file.type}" if is_unnamed else file.original_name) if file else None
            found.append(replace(shown, has_frozen=shown.key in frozen, file=seen))
    return tuple(found)


def _file(file: StoredFile, name: str) -> FileShown:
    is_ready = file.copy_sha256 is not None
    is_lost = not is_ready and file.bleached_at is not None
    return FileShown(file.code, name, file.type, file.size, file.sha256, is_ready, is_lost)


def general_messages(brief: Brief, challenge: Challenge) -> tuple[Message, ...]:
    """The messages that belong to no single item: they stand above the whole answer."""
    parts = {part.key for part in challenge.parts}
    return tuple(message for message in brief.messages if message.part in parts)


def messages_of(brief: Brief, name: str) -> tuple[Message, ...]:
    """The messages that one item answers."""
    return tuple(message for message in brief.messages if message.part == name)


def agreed_orders(challenge: Challenge, locale: str) -> dict[str, tuple[str, ...]]:
    """The key of each check of an order, as the words of its items. Only for who has rated or may see all levels."""
    labels = catalog.text_for(challenge, locale).value.labels
    found = {}
    for check in challenge.checks:
        if check.order:
            names = (f"{check.fields[0]}.{item}" for item in check.order)
            found[check.key] = tuple(labels[name].label if name in labels else name for name in names)
    return found


def source(challenge: Challenge, part_key: str, answers: Mapping[str, str]) -> tuple[str, str]:
    """The HTML and the CSS of a part of source; NotFound where the challenge has no such part."""
    for part in challenge.parts:
        if part.key == part_key and part.kind is PartKind.SOURCE:
            return answers.get(f"{part_key}.html", ""), answers.get(f"{part_key}.css", "")
    raise NotFound


def _of_part(part: Part, answers: Mapping[str, str], brief: Brief, is_unnamed: bool) -> Iterator[Answered]:
    if part.kind is PartKind.ORDERING:
        yield _ordering(part, answers, brief)
        return
    for key in part.fields:
        label = brief.labels.get(key) or brief.labels.get(part.key)
        text = answers.get(key, "")
        yield Answered(
            key=key,
            part=part.key,
            label=label.label if label else key,
            text="" if is_unnamed and part.kind is PartKind.URL else text,
            kind=part.kind,
            original=label.original if label else "",
            messages=messages_of(brief, key) if key != part.key else (),
            is_given=bool(text.strip()),
            has_preview=part.kind is PartKind.SOURCE and key == part.fields[0],
        )


def _ordering(part: Part, answers: Mapping[str, str], brief: Brief) -> Answered:
    text = answers.get(part.key, "")
    places = orders.places(text, part.items)
    placed = []
    for item in orders.by_place(places, part.items):
        name = f"{part.key}.{item}"
        label = brief.labels.get(name)
        words = label.label if label else item
        placed.append(Placed(places.get(item), words, answers.get(name, ""), messages_of(brief, name)))
    label = brief.labels.get(part.key)
    is_given = bool(places) or any(one.reason.strip() for one in placed)
    return Answered(
        part.key, part.key, label.label if label else part.key, text, part.kind, placed=tuple(placed), is_given=is_given
    )

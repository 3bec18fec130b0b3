"""What the editor's pages send, read value by value into a draft.

The draft itself says which values there are: each is asked for by its path, and nothing else is looked at. A value is
kept as it was typed; what no database can keep, or what is far too long, is noted and shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.forms import is_storable, unix_lines
from app.locales import DEFAULT
from app.services import authoring, draft_rows
from app.services.catalog_types import AnswerLanguage, Channel, Device, PartKind
from app.services.draft_checks import field_names
from app.services.draft_content import CheckRow, Content, CriterionRow, ExampleRow, PartRow, Words, map_words
from app.services.draft_rows import Move
from grading.checks import ANY, CheckKind
from grading.phrases import PhraseList

LONGEST = 30_000
FILE_TYPES = ("pdf", "png", "jpg", "txt", "md", "csv")
QUALITIES = ("poor", "weak", "fair", "good", "excellent")
CHATBOT = "chatbot"
E = TypeVar("E", bound=StrEnum)


class Section(StrEnum):
    """The pages of the editor, in order."""

    SITUATION = "situation"
    ANSWER = "answer"
    RUBRIC = "rubric"
    EXAMPLES = "examples"
    CHECKS = "checks"
    LANGUAGES = "languages"
    PUBLISH = "publish"


class Reader:
    """A form while it is read. `errors` says by path what cannot be kept."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self.form = form
        self.errors: dict[str, str] = {}

    def text(self, path: str, old: str = "") -> str:
        """A text; the old one where the form has none."""
        if path not in self.form:
            return old
        text = unix_lines(self.form[path]) or ""
        if not is_storable(text):
            self.errors[path] = _("This holds a character that cannot be saved. Please type the text again.")
        elif len(text) > LONGEST:
            self.errors[path] = _(
                "This has %(number)s characters. The longest text has %(limit)s.", number=len(text), limit=LONGEST
            )
        return text

    def line(self, path: str, old: str = "") -> str:
        """A text of one line."""
        return " ".join(self.text(path, old).split("\n")).strip()

    def words(self, path: str, old: Words, locale: str) -> Words:
        """A text in one language; the other languages stay."""
        name = f"{path}.{locale}"
        return {**old, locale: self.text(name)} if name in self.form else old

    def flag(self, path: str) -> bool:
        """A box that is ticked or not."""
        return path in self.form

    def choice(self, path: str, kinds: type[E], old: E) -> E:
        """One word of an enum; the old one where the form has none or another."""
        return next((kind for kind in kinds if kind.value == self.form.get(path)), old)

    def one_of(self, path: str, known: tuple[str, ...], old: str) -> str:
        """One of several words."""
        found = self.form.get(path, old)
        return found if found in known else old

    def several(self, path: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """All that are ticked."""
        return tuple(word for word in known if word in self.form.getlist(path))


def read_section(section: Section, reader: Reader, content: Content, locale: str = DEFAULT) -> Content:
    """The draft with what one page sent."""
    content = map_words(content, lambda path, words: reader.words(path, words, locale))
    match section:
        case Section.SITUATION:
            content = _situation(reader, content)
        case Section.ANSWER:
            parts = tuple(_part(reader, part, f"parts.{at}") for at, part in enumerate(content.parts))
            content = replace(content, parts=parts)
        case Section.RUBRIC:
            criteria = tuple(_criterion(reader, one, f"criteria.{at}") for at, one in enumerate(content.criteria))
            content = replace(content, criteria=criteria)
        case Section.EXAMPLES:
            examples = tuple(
                _example(reader, content, one, f"examples.{at}") for at, one in enumerate(content.examples)
            )
            content = replace(content, examples=examples)
        case Section.CHECKS:
            checks = tuple(_check(reader, content, one, f"checks.{at}") for at, one in enumerate(content.checks))
            content = replace(content, checks=checks)
        case Section.LANGUAGES:
            content = authoring.set_locales(content, reader.form.getlist("locales"))
    return replace(content, seen=tuple(dict.fromkeys((*content.seen, section.value))))


def _situation(reader: Reader, content: Content) -> Content:
    known = tuple(label_keys(content))
    messages = tuple(
        replace(row, part=reader.one_of(f"messages.{at}.part", known, row.part))
        for at, row in enumerate(content.messages)
    )
    return replace(
        content,
        minutes=reader.line("minutes", content.minutes),
        device=reader.choice("device", Device, content.device),
        answer_language=reader.choice("answer_language", AnswerLanguage, content.answer_language),
        messages=messages,
    )


def label_keys(content: Content) -> list[str]:
    """What a message can belong to: every part and every item."""
    return [name for part in content.parts for name in (part.key, *(f"{part.key}.{one.key}" for one in part.items))]


def _part(reader: Reader, part: PartRow, path: str) -> PartRow:
    return replace(
        part,
        is_required=not reader.flag(f"{path}.is_optional"),
        channel=reader.choice(f"{path}.channel", Channel, part.channel),
        limit=reader.line(f"{path}.limit", part.limit),
        has_reasons=reader.flag(f"{path}.has_reasons"),
        types=reader.several(f"{path}.types", FILE_TYPES) if part.kind is PartKind.FILE else part.types,
    )


def _criterion(reader: Reader, one: CriterionRow, path: str) -> CriterionRow:
    return replace(
        one,
        weight=reader.line(f"{path}.weight", one.weight),
        is_optional=reader.flag(f"{path}.is_optional"),
        is_bonus=reader.flag(f"{path}.is_bonus"),
    )


def _example(reader: Reader, content: Content, one: ExampleRow, path: str) -> ExampleRow:
    quality = reader.one_of(f"{path}.quality", (*QUALITIES, CHATBOT), one.quality)
    return replace(
        one,
        quality=quality,
        is_chatbot=quality == CHATBOT,
        locale=reader.one_of(f"{path}.locale", content.locales, one.locale),
        answers={
            name: reader.text(f"{path}.answers.{name}", one.answers.get(name, "")) for name in field_names(content)
        },
        levels={
            row.key: reader.one_of(f"{path}.levels.{row.key}", ("", "0", "1", "2", "3"), one.levels.get(row.key, ""))
            for row in content.criteria
        },
        why=reader.text(f"{path}.why", one.why),
    )


def _check(reader: Reader, content: Content, one: CheckRow, path: str) -> CheckRow:
    tags = (ANY, *content.locales)
    items = next((part.items for part in content.parts if part.key == one.looks_at), ())
    return replace(
        one,
        name=reader.line(f"{path}.name", one.name),
        looks_at=reader.one_of(f"{path}.looks_at", tuple(field_names(content)), one.looks_at),
        low=reader.line(f"{path}.low", one.low),
        high=reader.line(f"{path}.high", one.high),
        phrases=_by_tag(reader, f"{path}.phrases", one.phrases, tags),
        patterns=_by_tag(reader, f"{path}.patterns", one.patterns, tags),
        places={item.key: reader.line(f"{path}.places.{item.key}", one.places.get(item.key, "")) for item in items},
        swaps=reader.text(f"{path}.swaps", one.swaps),
    )


def _by_tag(reader: Reader, path: str, old: Mapping[str, str], tags: tuple[str, ...]) -> Words:
    found = dict(old)
    for tag in tags:
        if f"{path}.{tag}" in reader.form:
            found[tag] = reader.text(f"{path}.{tag}")
    return {tag: text for tag, text in found.items() if text.strip() or tag not in tags}


# --- the buttons beside rows: "add:facts", "remove:criteria:2", "up:items:0:1" --------------------------------


def apply_button(reader: Reader, content: Content, pressed: str) -> Content:
    """The draft after the button that was pressed; an unknown one changes nothing."""
    act, _colon, rest = pressed.partition(":")
    name, *numbers = rest.split(":")
    places = [int(word) for word in numbers if word.isascii() and word.isdigit() and len(word) < 4]
    if act == "add":
        return _add(reader, content, name, places)
    if act not in list(Move) or not places:
        return content
    if name == "items":
        return draft_rows.move_item(content, places[0], places[-1], Move(act))
    return draft_rows.move_row(content, name, places[0], Move(act))


def _add(reader: Reader, content: Content, name: str, places: list[int]) -> Content:
    if name == "messages":
        return draft_rows.add_message(content)
    if name == "facts":
        return draft_rows.add_fact(content)
    if name in ("examples", CHATBOT):
        return draft_rows.add_example(content, is_chatbot=name == CHATBOT)
    if name == "checks":
        kind, _colon, word_list = reader.form.get("new.check", "").partition(":")
        known = next((one for one in CheckKind if one.value == kind), CheckKind.SAYS)
        listed = next((one for one in PhraseList if one.value == word_list), None)
        return draft_rows.add_check(content, known, listed, reader.line("new.check_name"))
    if name not in ("parts", "criteria") and not (name == "items" and places):
        return content
    path = f"new.items.{places[0]}" if name == "items" else f"new.{name}"
    label = reader.line(path)
    if not label:
        reader.errors[path] = _("Please write what it is called, then add it.")
        return content
    if name == "parts":
        return draft_rows.add_part(content, reader.choice("new.kind", PartKind, PartKind.REPLY), label)
    if name == "items":
        return draft_rows.add_item(content, places[0], label)
    return draft_rows.add_criterion(content, label)

"""Faults of a draft in words for whoever writes it, and what its values are called."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask_babel import gettext as _

from app.locales import DEFAULT, LOCALES, own_name
from app.manager.editor_forms import Section
from grading.checks import ANY

_SECTIONS = {
    "title": Section.SITUATION,
    "summary": Section.SITUATION,
    "task": Section.SITUATION,
    "product": Section.SITUATION,
    "no_product": Section.SITUATION,
    "minutes": Section.SITUATION,
    "device": Section.SITUATION,
    "messages": Section.SITUATION,
    "facts": Section.SITUATION,
    "parts": Section.ANSWER,
    "criteria": Section.RUBRIC,
    "follow_ups": Section.RUBRIC,
    "guide_title": Section.RUBRIC,
    "guide_text": Section.RUBRIC,
    "examples": Section.EXAMPLES,
    "checks": Section.CHECKS,
}


def section_of(path: str) -> Section:
    """The page on which a value is written."""
    name, _dot, _rest = path.partition(".")
    is_wording = name == "checks"
    if language_of(path) not in (None, DEFAULT) and not is_wording:
        return Section.LANGUAGES
    return _SECTIONS.get(name, Section.PUBLISH)


def language_of(path: str) -> str | None:
    """The language at the end of a path, if it has one."""
    last = path.rpartition(".")[2]
    return last if last in LOCALES else None


def said(message: str, path: str) -> str:
    """A fault of the loader in plain words."""
    for pattern, words in _WORDS:
        found = re.search(pattern, message)
        if found:
            return str(words(path, found))
    return message


def _empty_list(path: str, _found: re.Match[str]) -> str:
    name = path.rpartition(".")[2] if path.startswith("parts.") else path.partition(".")[0]
    names: dict[str, str] = {
        "facts": _("Give at least one fact: what a good answer needs to know."),
        "parts": _("Add at least one thing to answer."),
        "items": _("Add at least one, for each text or ticket."),
        "types": _("Tick at least one type of file."),
        "messages": _("Add the message that candidates reply to."),
        "criteria": _("Add at least one criterion."),
        "checks": _("List at least one wording for this language, or one for every language."),
        "examples": _("Add at least one example. Reviewers need some to agree on the levels."),
    }
    return names.get(name) or str(_("Something is missing here."))


_WORDS: list[tuple[str, Callable[[str, re.Match[str]], str]]] = [
    ("there is no example", lambda _path, _found: _empty_list("examples", _found)),
    (r"is empty|has no value|no text after", lambda _path, _found: _("Please fill this in.")),
    (
        r"whole number from (\d+) to (\d+)",
        lambda _path, found: _("Please write a whole number from %(low)s to %(high)s.", low=found[1], high=found[2]),
    ),
    ("must be a list with at least one", _empty_list),
    ("needs 'phrases'", lambda _path, _found: _("List at least one wording, one a line.")),
    ("'low' is more than", lambda _path, _found: _("The lowest number is more than the highest.")),
    ("must name every item once", lambda _path, _found: _("Give every ticket a place of its own: 1, 2, 3 and so on.")),
    (
        "must be two items of the order",
        lambda _path, _found: _("Write two places on each line, with a space between: 2 3"),
    ),
    ("must not be a bonus", lambda _path, _found: _("One criterion at least must not be a bonus.")),
    (r"longer than the part allows", lambda _path, _found: _("This is longer than the answer may be.")),
    (r"larger than (\d+) kB", lambda _path, found: _("Together this is more than %(limit)s kB.", limit=found[1])),
    (
        "control character|character that YAML",
        lambda _path, _found: _("There is a character in here that no page can show. Please type the text again."),
    ),
    ("must hold", lambda _path, _found: _("Write {name} and {address} where the name and the address shall stand.")),
    ("cannot look at", lambda _path, _found: _("This cannot be looked for in that answer.")),
]


def label_of(path: str) -> str:
    """What a value is called, for lists of values: “Criterion 2, level 0 (Español)”."""
    tag = language_of(path) or (ANY if path.endswith(f".{ANY}") else None)
    words = path.removesuffix(f".{tag}").split(".") if tag else path.split(".")
    row = f"{_row_name(words[0])} {int(words[1]) + 1}" if len(words) > 1 and words[1].isdigit() else _names(words[0])
    inner = _inner(words[2:]) if len(words) > 2 else ""
    label = f"{row}: {inner}" if inner else row
    return f"{label} ({own_name(tag)})" if tag in LOCALES and tag != DEFAULT else label


def _inner(words: list[str]) -> str:
    if words[0] == "levels" and words[-1].isdigit():
        return str(_("level %(number)s", number=words[-1]))
    if words[0] == "items" and len(words) > 1:
        return f"{int(words[1]) + 1}. {_names(words[-1])}"
    return _names(words[0])


def _row_name(name: str) -> str:
    names: dict[str, str] = {
        "messages": _("Message"),
        "facts": _("Fact"),
        "parts": _("Answer"),
        "criteria": _("Criterion"),
        "follow_ups": _("Question"),
        "checks": _("Check"),
        "examples": _("Example"),
    }
    return names.get(name, name)


def _names(name: str) -> str:
    names: dict[str, str] = {
        "": _("The challenge"),
        "title": _("Title"),
        "summary": _("One line for the advert"),
        "task": _("The task"),
        "product": _("The task, with a product"),
        "no_product": _("The task, without a product"),
        "minutes": _("Minutes"),
        "messages": _("Messages"),
        "facts": _("Facts"),
        "parts": _("What is answered"),
        "criteria": _("Criteria"),
        "follow_ups": _("Questions for the interview"),
        "checks": _("Checks"),
        "examples": _("Examples"),
        "guide_title": _("Title of the guide"),
        "guide_text": _("Guide for reviewers"),
        "sender": _("sender"),
        "address": _("address"),
        "subject": _("subject"),
        "text": _("text"),
        "part": _("belongs to"),
        "label": _("label"),
        "hint": _("hint"),
        "original": _("the text to start from"),
        "limit": _("longest answer"),
        "items": _("items"),
        "types": _("types of file"),
        "name": _("name"),
        "meaning": _("meaning"),
        "weight": _("weight"),
        "words": "",
        "answers": _("answer"),
        "levels": _("levels"),
        "why": _("why"),
        "low": _("at least"),
        "high": _("at most"),
        "looks_at": _("looks at"),
        "phrases": _("wordings"),
        "patterns": _("patterns"),
        "places": _("agreed order"),
        "swaps": _("either way"),
    }
    return names.get(name, name)

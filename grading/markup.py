"""Checks of source: faults in HTML and CSS with their lines, and pictures without words for who cannot see them."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from grading import css_source, html_source
from grading.facts import Check, Fact, Note, Range, fact
from grading.folding import Folded
from grading.wording import merged

MOST_FAULTS = 50
"""So many faults are listed, and `count` says how many there are; whoever has that many has one cause."""

_WIDEST = 120
"""Characters that one fault highlights at most."""

_NEW_LINE = {"html": re.compile(r"\r\n|[\r\n]"), "css": re.compile(r"\r\n|[\r\n\f]")}


def html(check: Check, answer: Folded, locale: str) -> Fact:
    """List the parse errors of HTML, as the standard names them: `line:code` each, with the tag or text at fault.

    An element that is never closed is noted where it was opened. Nothing is said of what browsers accept silently:
    tags and attributes that do not exist, or links that lead nowhere.
    """
    if not answer.text.strip():
        return fact(check, None, (), Note.EMPTY)
    found = html_source.read(answer.original).faults
    lines = _line_starts(answer.original, "html")
    listed = [(f"{bisect_right(lines, start)}:{code}", (start, end)) for start, end, code in found[:MOST_FAULTS]]
    return _listed(check, answer.original, len(found), listed)


def css(check: Check, answer: Folded, locale: str) -> Fact:
    """List what a browser would drop from CSS: `line:code` each, with its line. See `css_source.read` for the codes."""
    if not answer.text.strip():
        return fact(check, None, (), Note.EMPTY)
    text = answer.original
    found = css_source.read(text)
    lines = [*_line_starts(text, "css"), len(text)]
    listed = [
        (f"{line}:{code}", _rest_of_line(text, lines, line, column)) for (line, column), code in found[:MOST_FAULTS]
    ]
    return _listed(check, text, len(found), listed)


def _line_starts(text: str, kind: str) -> list[int]:
    return [0, *(found.end() for found in _NEW_LINE[kind].finditer(text))]


def _rest_of_line(text: str, lines: Sequence[int], line: int, column: int) -> Range:
    """The line at fault without the space around it; of a long line, what follows the place."""
    start, end = lines[line - 1], lines[line]
    if end - start > _WIDEST:
        start += column - 1
    words = text[start : min(end, start + _WIDEST)]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())


def _listed(check: Check, text: str, count: int, faults: Sequence[tuple[str, Range]]) -> Fact:
    places = [_inside(text, place) for _name, place in faults]
    seen: dict[str, int | list[str]] = {"count": count, "faults": [name for name, _place in faults]}
    return fact(check, seen, merged(places), Note.FAULTS if count else Note.CLEAN)


def _inside(text: str, place: Range) -> Range:
    """Make a range that has something in it and is not too long to look at."""
    start = min(place[0], len(text) - 1)
    return start, max(start + 1, min(place[1], start + _WIDEST, len(text)))


def pictures(check: Check, answer: Folded, locale: str) -> Fact:
    """Count pictures, and those without a text alternative, and highlight the latter.

    By WCAG 2.2 success criterion 1.1.1, its failure F65 and the techniques H24, H36 and H37: an `img` needs `alt`,
    which may be empty and then says that the picture is decoration; `input type=image`, `area href`, and whatever has
    `role=img` need words. `aria-label`, `aria-labelledby` and `title` are words too, and so is the `title` inside an
    svg. An svg without a role is not judged (the words may stand beside it), nor are backgrounds in CSS, nor whether
    the words are good.
    """
    if not answer.text.strip():
        return fact(check, None, (), Note.EMPTY)
    found = [picture for picture in html_source.read(answer.original).pictures if _is_picture(picture)]
    missing = [picture for picture in found if not _has_words(picture)]
    seen = {"pictures": len(found), "missing": len(missing)}
    where = merged(_inside(answer.original, picture.where) for picture in missing)
    return fact(check, seen, where, Note.INCOMPLETE if missing else Note.COMPLETE)


def _is_picture(element: html_source.Element) -> bool:
    attributes = element.attributes
    if element.name == "input":
        return attributes.get("type", "").strip().lower() == "image"
    if element.name == "area":
        return "href" in attributes
    return element.name == "img" or "img" in _roles(element)


def _has_words(element: html_source.Element) -> bool:
    attributes = element.attributes
    if element.name == "img" and ("alt" in attributes or _roles(element) & {"none", "presentation"}):
        return True
    names = ("aria-label", "aria-labelledby", "title", *(("alt",) if element.name in ("input", "area") else ()))
    return element.has_title or any(attributes.get(name, "").strip() for name in names)


def _roles(element: html_source.Element) -> frozenset[str]:
    return frozenset(element.attributes.get("role", "").lower().split())

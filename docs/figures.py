"""What the pages of figures about the checks share: names of checks, shares, and the place that is written anew."""

from __future__ import annotations

from collections.abc import Iterable

from grading.checks import Check, CheckKind


def name_of(check: Check) -> str:
    """The kind of a check, with the list that it uses."""
    return f"{check.kind}: {check.word_list}" if check.word_list else check.kind.value


def in_order(names: Iterable[str]) -> list[str]:
    """Each of these names of checks once: by kind, and within a kind by list."""
    kinds, lists = [kind.value for kind in CheckKind], ("", "hoops", "overpromise", "blame", "generic")

    def place(name: str) -> tuple[int, int]:
        kind, _, word_list = name.partition(": ")
        return kinds.index(kind), lists.index(word_list)

    return sorted(set(names), key=place)


def share(part: int, whole: int) -> str:
    """A share in percent; a dash where there is nothing to share."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def put_between(begin: str, end: str, text: str, written: str) -> str:
    """Give the text with what was written between its two marks. Raises ValueError where it has no marks."""
    before, has_begin, rest = text.partition(begin)
    _, has_end, after = rest.partition(end)
    if not (has_begin and has_end):
        raise ValueError("the page has no marks for the tables")
    return f"{before}{begin}\n{written}\n{end}{after}"

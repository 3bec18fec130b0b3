"""How often the checks are right on the shipped examples: the tables in docs/challenges.md between its two marks.

`python -m docs.checks` writes them anew. An example names in `misread` the checks whose note a careful person would not
agree with; all other notes count as right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.locales import LOCALES, own_name
from app.services import catalog
from docs.figures import in_order, name_of, put_between, share
from grading.checks import CheckKind, Note, run

PAGE = Path(__file__).parent / "challenges.md"
BEGIN = "<!-- Written by `python -m docs.checks`; do not change it by hand. -->"
END = "<!-- End of what is written by the script. -->"

RAISED = frozenset({Note.FOUND, Note.INCOMPLETE, Note.SHORT, Note.LONG, Note.DIFFERS, Note.OTHER, Note.FAULTS})
"""Notes that say "look here"."""

SILENT = frozenset({Note.EMPTY, Note.NO_LIST, Note.UNSURE, Note.UNKNOWN})
"""Notes that say nothing: they are neither right nor wrong. So is `short` where it means too little text to tell."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One note about one example, and whether a careful person agrees with it."""

    name: str
    locale: str
    is_raised: bool
    is_right: bool


def readings(library: catalog.Library) -> Iterator[Reading]:
    """Run every check over every example; notes that say nothing are left out."""
    for challenge in library.challenges:
        for example in challenge.examples:
            facts = run(challenge.checks, example.answers, example.locale)
            for check, fact in zip(challenge.checks, facts, strict=True):
                if fact.note in SILENT or (check.kind is CheckKind.LANGUAGE and fact.note is Note.SHORT):
                    continue
                yield Reading(name_of(check), example.locale, fact.note in RAISED, check.key not in example.misread)


def tables(library: catalog.Library) -> str:
    """Give both tables as Markdown, with the numbers that they stand on."""
    found = list(readings(library))
    names = in_order(one.name for one in found)
    locales = [locale for locale in LOCALES if any(one.locale == locale for one in found)]
    examples = sum(len(challenge.examples) for challenge in library.challenges)
    return "\n".join(
        [
            f"{examples} examples of {len(library.challenges)} challenges, {len(found)} notes.",
            "",
            *_table("check", names, found, lambda one, name: one.name == name, "`{}`".format),
            "",
            *_table("language", locales, found, lambda one, locale: one.locale == locale, own_name),
        ]
    )


def _table(
    head: str,
    keys: list[str],
    found: list[Reading],
    belongs: Callable[[Reading, str], bool],
    shown: Callable[[str], str],
) -> Iterator[str]:
    yield f"| {head} | notes | raised | of these right (precision) | missed | found of what is there (recall) |"
    yield "|---|--:|--:|--:|--:|--:|"
    for key in keys:
        # (raised, right) -> how many
        count = Counter((one.is_raised, one.is_right) for one in found if belongs(one, key))
        hits, wrong, missed = count[True, True], count[True, False], count[False, False]
        figures = (sum(count.values()), hits + wrong, share(hits, hits + wrong), missed, share(hits, hits + missed))
        yield f"| {shown(key)} | {' | '.join(map(str, figures))} |"


def page(text: str, library: catalog.Library) -> str:
    """Give the page with the tables in their place. Raises ValueError where it has no marks."""
    return put_between(BEGIN, END, text, tables(library))


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), catalog.load_all(catalog.SHIPPED)), "utf-8")


if __name__ == "__main__":
    main()

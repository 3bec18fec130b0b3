"""How often the checks are right on answers that no list was tuned on: the tables in docs/held_out.md.

`python -m docs.held_out` writes them anew. The answers, and what a careful reader sees in each, are in
tests/challenges/held_out, whose README has the rules; the first is that nothing is tuned on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.locales import LOCALES, own_name
from app.services import catalog
from docs.figures import in_order, name_of, put_between, share
from grading.checks import Check, CheckKind, Note, run

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "challenges" / "held_out"
PAGE = Path(__file__).parent / "held_out.md"
BEGIN = "<!-- Written by `python -m docs.held_out`; do not change it by hand. -->"
END = "<!-- End of what docs.held_out writes. -->"

JUDGED = frozenset(CheckKind) - {CheckKind.LENGTH, CheckKind.HTML, CheckKind.CSS, CheckKind.PICTURES, CheckKind.LINK}
"""The kinds that a truth speaks about; the others count, parse or fetch, and there is nothing to understand."""

SEEN: Mapping[CheckKind, frozenset[Note]] = {
    CheckKind.PARTS: frozenset({Note.INCOMPLETE}),
    CheckKind.QUESTIONS: frozenset({Note.LONG, Note.SHORT}),
    CheckKind.ORDER: frozenset({Note.DIFFERS}),
    CheckKind.LANGUAGE: frozenset({Note.OTHER}),
}
"""The notes by which these kinds say "look here". All others say it with `found`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One held-out answer; `truth` says by check what a careful reader sees."""

    name: str
    slug: str
    locale: str
    answers: Mapping[str, str]
    truth: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """One check on one answer: whether there is something to see, and whether the machine said so."""

    answer: Answer
    check: Check
    is_there: bool
    is_seen: bool

    @property
    def kind(self) -> str:
        """The kind of check, with the list that it uses."""
        return name_of(self.check)


def answers(folder: Path = FOLDER) -> list[Answer]:
    """Read all held-out answers, in the order of their names."""
    found = []
    for path in sorted(folder.glob("*/*.yaml")):
        _, locale = path.stem.split(".", 1)
        content = yaml.safe_load(path.read_text("utf-8"))
        found.append(Answer(f"{path.parent.name}/{path.stem}", path.parent.name, locale, **content))
    return found


def readings(library: catalog.Library, held_out: Iterable[Answer]) -> Iterator[Reading]:
    """Run every judged check over every answer. A note that says nothing ("unsure", no list) counts as not seen.

    Truth says "complete", "within", "as agreed" or "expected" where SEEN names the opposite; what is there to be seen
    is then the fault. Raises KeyError where a truth is missing.
    """
    for one in held_out:
        challenge = library.get(one.slug, 1)
        if challenge is None:
            raise KeyError(one.slug)
        for check, fact in zip(challenge.checks, run(challenge.checks, one.answers, one.locale), strict=True):
            if check.kind in JUDGED:
                is_there = one.truth[check.key] != (check.kind in SEEN)
                yield Reading(one, check, is_there, fact.note in SEEN.get(check.kind, {Note.FOUND}))


@dataclass(frozen=True, slots=True)
class Count:
    """What a group of readings adds up to."""

    hits: int
    wrong: int
    missed: int
    silent: int

    @classmethod
    def of(cls, found: Iterable[Reading]) -> Count:
        """Count hits, false hits, misses, and where rightly nothing was said."""
        pairs = [(one.is_there, one.is_seen) for one in found]
        return cls(*(pairs.count(pair) for pair in ((True, True), (False, True), (True, False), (False, False))))

    def cells(self) -> tuple[str, ...]:
        """The figures of one row, as text."""
        total = self.hits + self.wrong + self.missed + self.silent
        figures = map(str, (total, self.hits + self.missed, self.hits, self.wrong, self.missed))
        return (*figures, share(self.hits, self.hits + self.wrong), share(self.hits, self.hits + self.missed))

    def short(self) -> str:
        """Hits of what was raised, and of what is there: `12/13 · 12/15`; a dash where neither is anything."""
        raised, there = self.hits + self.wrong, self.hits + self.missed
        return f"{self.hits}/{raised} · {self.hits}/{there}" if raised or there else "–"


def tables(library: catalog.Library, held_out: Iterable[Answer]) -> str:
    """Give the three tables as Markdown, with the numbers that they stand on."""
    found = list(readings(library, held_out))
    kinds = in_order(one.kind for one in found)
    size = len({one.answer.name for one in found})
    return "\n".join(
        [
            f"{size} answers to {len({one.answer.slug for one in found})} challenges, {len(found)} notes judged.",
            "",
            *_table("check", kinds, found, lambda one: one.kind, "`{}`".format),
            "",
            *_table("language", LOCALES, found, lambda one: one.answer.locale, own_name),
            "",
            "Each kind in each language: right of those raised · found of those there.",
            "",
            *_matrix(kinds, found),
        ]
    )


def _table(
    head: str,
    keys: Iterable[str],
    found: list[Reading],
    key_of: Callable[[Reading], str],
    shown: Callable[[str], str],
) -> Iterator[str]:
    yield f"| {head} | notes | there | hits | false hits | missed | precision | recall |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for key in keys:
        yield f"| {shown(key)} | {' | '.join(Count.of(one for one in found if key_of(one) == key).cells())} |"
    yield f"| all | {' | '.join(Count.of(found).cells())} |"


def _matrix(kinds: Iterable[str], found: list[Reading]) -> Iterator[str]:
    yield f"| check | {' | '.join(map(own_name, LOCALES))} |"
    yield f"|---|{'--:|' * len(LOCALES)}"
    for kind in kinds:
        cells = [
            Count.of(one for one in found if one.kind == kind and one.answer.locale == locale).short()
            for locale in LOCALES
        ]
        yield f"| `{kind}` | {' | '.join(cells)} |"


def page(text: str, library: catalog.Library, held_out: Iterable[Answer]) -> str:
    """Give the page with the tables in their place. Raises ValueError where it has no marks."""
    return put_between(BEGIN, END, text, tables(library, held_out))


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8"), catalog.load_all(catalog.SHIPPED), answers()), "utf-8")


if __name__ == "__main__":
    main()

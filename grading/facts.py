"""What checks are made of, and what they say: a check looks for one thing, a fact says what it saw and where."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from grading.phrases import PhraseList

Range = tuple[int, int]
Seen = int | dict[str, int] | list[str] | dict[str, int | list[str]]

MAX_RANGES = 200
"""At most so many ranges are kept for highlighting; the number in `seen` counts all."""

ANY = "any"
"""The key of phrases and patterns that hold in every language, such as a name or an amount."""


class CheckKind(StrEnum):
    """What a check looks at."""

    LENGTH = "length"
    PLACEHOLDER = "placeholder"
    NAME = "name"
    SAYS = "says"
    LEAK = "leak"
    QUESTIONS = "questions"
    PHRASES = "phrases"
    PARTS = "parts"
    ORDER = "order"
    LANGUAGE = "language"
    HTML = "html"
    CSS = "css"
    PICTURES = "pictures"
    LINK = "link"


class Note(StrEnum):
    """What a check saw, as a code that pages put into words in the reader's language."""

    EMPTY = "empty"  # there is no text to look at
    SHORT = "short"  # fewer than the challenge expects, or too little text to tell its language
    WITHIN = "within"  # as many as the challenge expects, or it expects no number
    LONG = "long"  # more than the challenge expects
    FOUND = "found"
    NOT_FOUND = "not_found"
    NO_LIST = "no_list"  # there is no word list for this language, so nothing is known
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    AS_AGREED = "as_agreed"  # the order is that of the key, allowed swaps included
    DIFFERS = "differs"  # another order than the key's
    EXPECTED = "expected"  # the language that was asked for
    OTHER = "other"  # another language than the one asked for
    UNSURE = "unsure"  # the language could be more than one
    CLEAN = "clean"  # the source has no faults that the parser knows
    FAULTS = "faults"
    ALIVE = "alive"  # the link answered, and what it showed was kept
    BROKEN = "broken"  # the link gave no page
    REFUSED = "refused"  # the link leads where Winnow does not go
    UNKNOWN = "unknown"  # nobody has looked yet


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for. `fields` name the texts of an answer; every kind but `parts` looks at exactly one.

    `low` and `high` are numbers of words (length) or of questions. `phrases` are literal words and `patterns` RE2
    expressions, both per language tag or under `any`. `order` is the agreed key of an ordering and `swaps` the pairs
    in it that may stand either way.
    """

    key: str
    kind: CheckKind
    fields: tuple[str, ...]
    low: int | None = None
    high: int | None = None
    word_list: PhraseList | None = None
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check saw in one field: `where` holds ranges of code points, end not included, in rising order.

    `seen` is a count, counts by name, or codes; it never quotes the answer, so it can be stored and logged.
    """

    check: str
    kind: CheckKind
    field: str
    seen: Seen | None
    where: tuple[Range, ...]
    note: Note

    def as_json(self) -> dict[str, object]:
        """Return the fact as plain JSON values."""
        plain = asdict(self)
        return plain | {"kind": self.kind.value, "note": self.note.value, "where": [list(pair) for pair in self.where]}


def fact(check: Check, seen: Seen | None, where: Iterable[Range], note: Note) -> Fact:
    """Say what a check saw in its field; only the first `MAX_RANGES` ranges are kept."""
    name = check.fields[0] if check.fields else ""
    return Fact(check.key, check.kind, name, seen, tuple(where)[:MAX_RANGES], note)

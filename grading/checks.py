"""Facts about an answer: what was seen and where. Never a verdict, never a point.

Every check reads plain text in time that grows with its length, gives the same facts for the same input, and accepts
any string (right-to-left marks, NUL, lone surrogates, 100,000 characters).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from grading.folding import Folded, find, fold, is_unspaced
from grading.phrases import PHRASES, PhraseList

Range = tuple[int, int]
Seen = int | dict[str, int] | list[str]

MAX_RANGES = 200
"""At most so many ranges are kept for highlighting; the number in `seen` counts all."""

_WORD_JOINERS = frozenset("'’-‑.@_")
# Accents and invisible marks do not end a word.
_INSIDE_WORDS = frozenset({"Mn", "Mc", "Me", "Cf"})
_PLACEHOLDER = re.compile(
    r"\[[^\[\]\n]{1,40}\](?!\()"  # [NAME], but not a Markdown link
    r"|\{\{[^{}\n]{1,40}\}\}"
    r"|\{[^\W\d][\w \-]{0,39}\}"
    r"|<[^\W\d][\w \-]{0,39}>"
    r"|%[A-Za-z_]{2,30}%"
    r"|(?<!\w)X{3,20}(?!\w)"
    r"|(?<!_)_{3,80}(?!_)"
    r"|【[^【】\n]{1,40}】"
)
_HAS_LETTER = re.compile(r"[^\W\d_]|_{3}")
# "Really?!" is one question; the ? in an address (page?id=7) is none.
_QUESTION = re.compile(r"[?？؟][?？؟!！]{0,50}+(?![\w-]{1,40}=)")


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


class Note(StrEnum):
    """What a check saw, as a code that pages put into words in the reader's language."""

    EMPTY = "empty"  # there is no text to look at
    SHORT = "short"  # fewer than the challenge expects
    WITHIN = "within"  # as many as the challenge expects, or it expects no number
    LONG = "long"  # more than the challenge expects
    FOUND = "found"
    NOT_FOUND = "not_found"
    NO_LIST = "no_list"  # there is no word list for this language, so nothing is known
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for. `fields` name the texts of an answer; every kind but `parts` looks at exactly one.

    `low` and `high` are numbers of words (length) or of questions; `phrases` are literal words per language tag.
    """

    key: str
    kind: CheckKind
    fields: tuple[str, ...]
    low: int | None = None
    high: int | None = None
    word_list: PhraseList | None = None
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check saw in one field: `where` holds ranges of code points, end not included, in rising order.

    `seen` is a count, counts by name, or field names; it never quotes the answer, so it can be stored and logged.
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


def count_words(text: str) -> int:
    """Count words in any script. Chinese and Japanese have no spaces: three of their characters count as two words."""
    words = unspaced = 0
    in_word = False
    for character in text:
        if is_unspaced(character):
            unspaced += character.isalnum()
            in_word = False
        elif character.isalnum():
            words += not in_word
            in_word = True
        elif character not in _WORD_JOINERS and unicodedata.category(character) not in _INSIDE_WORDS:
            in_word = False
    return words + (2 * unspaced + 2) // 3


def run(checks: Sequence[Check], answers: Mapping[str, str], locale: str) -> list[Fact]:
    """Run the checks in order over the texts of one answer, written in the language `locale`; one fact per check.

    A field that is missing counts as empty. Word lists are those of `locale`; where a challenge has none for it, the
    fact says `no_list` instead of guessing. Work grows linearly with the length of the answer. Never raises.
    """
    folded = {name: fold(text) for name, text in answers.items() if isinstance(text, str)}
    empty = fold("")
    facts = []
    for check in checks:
        if check.kind is CheckKind.PARTS:
            facts.append(_parts(check, folded))
        else:
            name = check.fields[0] if check.fields else ""
            facts.append(_LOOK[check.kind](check, folded.get(name, empty), locale))
    return facts


def _fact(check: Check, seen: Seen | None, where: Iterable[Range], note: Note) -> Fact:
    return Fact(check.key, check.kind, check.fields[0] if check.fields else "", seen, tuple(where)[:MAX_RANGES], note)


def _compare(number: int, check: Check) -> Note:
    if check.low is not None and number < check.low:
        return Note.SHORT
    if check.high is not None and number > check.high:
        return Note.LONG
    return Note.WITHIN


def _length(check: Check, answer: Folded, locale: str) -> Fact:
    text = answer.original.strip()
    words = count_words(text)
    note = Note.EMPTY if not answer.text.strip() else _compare(words, check)
    return _fact(check, {"words": words, "characters": len(text)}, (), note)


def _questions(check: Check, answer: Folded, locale: str) -> Fact:
    where = [match.span() for match in _QUESTION.finditer(answer.original)]
    return _fact(check, len(where), where, _compare(len(where), check))


def _placeholder(check: Check, answer: Folded, locale: str) -> Fact:
    if not answer.text.strip():
        return _fact(check, 0, (), Note.EMPTY)
    brackets = (match.span() for match in _PLACEHOLDER.finditer(answer.original) if _HAS_LETTER.search(match.group()))
    generic = PHRASES[PhraseList.GENERIC]
    # English templates turn up in answers of every language.
    words = {*generic.get(locale, ()), *generic["en"]}
    return _found(check, [*brackets, *find(answer, sorted(words))])


def _name_or_says(check: Check, answer: Folded, locale: str) -> Fact:
    phrases = check.phrases.get(locale)
    if not phrases:
        return _fact(check, None, (), Note.NO_LIST)
    return _found(check, find(answer, phrases))


def _phrases(check: Check, answer: Folded, locale: str) -> Fact:
    shared = PHRASES[check.word_list].get(locale, ()) if check.word_list else ()
    own = check.phrases.get(locale, ())
    if not shared and not own:
        return _fact(check, None, (), Note.NO_LIST)
    return _found(check, find(answer, (*shared, *own)))


def _found(check: Check, ranges: Iterable[Range]) -> Fact:
    where = _merged(ranges)
    return _fact(check, len(where), where, Note.FOUND if where else Note.NOT_FOUND)


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """Join ranges that overlap, so that two phrases over the same words are one hit."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _parts(check: Check, answers: Mapping[str, Folded]) -> Fact:
    missing = list(_missing(check.fields, answers))
    return Fact(check.key, check.kind, "", missing, (), Note.INCOMPLETE if missing else Note.COMPLETE)


def _missing(fields: Iterable[str], answers: Mapping[str, Folded]) -> Iterator[str]:
    for name in fields:
        if name not in answers or not answers[name].text.strip():
            yield name


_LOOK: Mapping[CheckKind, Callable[[Check, Folded, str], Fact]] = {
    CheckKind.LENGTH: _length,
    CheckKind.PLACEHOLDER: _placeholder,
    CheckKind.NAME: _name_or_says,
    CheckKind.SAYS: _name_or_says,
    CheckKind.LEAK: _name_or_says,
    CheckKind.QUESTIONS: _questions,
    CheckKind.PHRASES: _phrases,
}

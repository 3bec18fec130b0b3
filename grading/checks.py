"""Facts about an answer: what was seen and where. Never a verdict, never a point.

Every check reads plain text in time that grows with its length, gives the same facts for the same input, and accepts
any string (right-to-left marks, NUL, lone surrogates, 100,000 characters).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from grading.copies import near_copy, sketch
from grading.facts import ANY, MAX_RANGES, Check, CheckKind, Fact, Note, Range, Seen, fact
from grading.folding import Folded, fold
from grading.language import language
from grading.markup import css, html, pictures
from grading.order import order
from grading.wording import count_words, length, name_or_says, phrases, placeholder, questions

__all__ = [
    "ANY",
    "MAX_RANGES",
    "Check",
    "CheckKind",
    "Fact",
    "Note",
    "Range",
    "Seen",
    "count_words",
    "near_copy",
    "run",
    "sketch",
]


def run(
    checks: Sequence[Check], answers: Mapping[str, str], locale: str, links: Mapping[str, Note] | None = None
) -> list[Fact]:
    """Run the checks in order over the texts of one answer, written in the language `locale`; one fact per check.

    A field that is missing counts as empty. Word lists are those of `locale`; where a challenge has none for it, the
    fact says `no_list` instead of guessing. `links` says by field what came of fetching a link (alive, broken or
    refused): a check looks at values and never at the network. Work grows linearly with the length of the answer.
    Never raises.
    """
    folded = {name: fold(text) for name, text in answers.items() if isinstance(text, str)}
    empty = fold("")
    facts = []
    for check in checks:
        name = check.fields[0] if check.fields else ""
        if check.kind is CheckKind.PARTS:
            facts.append(_parts(check, folded))
        elif check.kind is CheckKind.LINK:
            facts.append(_link(check, folded.get(name, empty), (links or {}).get(name, Note.UNKNOWN)))
        else:
            facts.append(_LOOK[check.kind](check, folded.get(name, empty), locale))
    return facts


def _parts(check: Check, answers: Mapping[str, Folded]) -> Fact:
    missing = list(_missing(check.fields, answers))
    return Fact(check.key, check.kind, "", missing, (), Note.INCOMPLETE if missing else Note.COMPLETE)


def _missing(fields: Iterable[str], answers: Mapping[str, Folded]) -> Iterator[str]:
    for name in fields:
        if name not in answers or not answers[name].text.strip():
            yield name


def _link(check: Check, answer: Folded, state: Note) -> Fact:
    return fact(check, None, (), state if answer.text.strip() else Note.EMPTY)


_LOOK: Mapping[CheckKind, Callable[[Check, Folded, str], Fact]] = {
    CheckKind.LENGTH: length,
    CheckKind.PLACEHOLDER: placeholder,
    CheckKind.NAME: name_or_says,
    CheckKind.SAYS: name_or_says,
    CheckKind.LEAK: name_or_says,
    CheckKind.QUESTIONS: questions,
    CheckKind.PHRASES: phrases,
    CheckKind.ORDER: order,
    CheckKind.LANGUAGE: language,
    CheckKind.HTML: html,
    CheckKind.CSS: css,
    CheckKind.PICTURES: pictures,
}

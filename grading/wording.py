"""Checks of wording: how long, which questions, gaps of a template, and the words that a challenge lists."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from grading.facts import ANY, Check, Fact, Note, Range, fact
from grading.folding import Folded, find, fold, is_unspaced
from grading.patterns import matches
from grading.phrases import NEGATIONS, PHRASES, WITHOUT, PhraseList

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
# How far before a phrase a negation is looked for.
_REACH = 60
_FEW_WORDS = 4
_FEW_CHARACTERS = 6
_OPENING = frozenset('"“„«‘‹「『《')
_CLAUSE_END = re.compile(r"[.!?;:,\n。！？；：，、]")
_WORD = re.compile(r"[\w']+")
# "Really?!" is one question; the ? in an address (page?id=7) is none.
_QUESTION = re.compile(r"[?？؟][?？؟!！]{0,50}+(?![\w-]{1,40}=)")


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


def _compare(number: int, check: Check) -> Note:
    if check.low is not None and number < check.low:
        return Note.SHORT
    if check.high is not None and number > check.high:
        return Note.LONG
    return Note.WITHIN


def length(check: Check, answer: Folded, locale: str) -> Fact:
    """Count words and characters."""
    text = answer.original.strip()
    words = count_words(text)
    note = Note.EMPTY if not answer.text.strip() else _compare(words, check)
    return fact(check, {"words": words, "characters": len(text)}, (), note)


def questions(check: Check, answer: Folded, locale: str) -> Fact:
    """Count questions; "Really?!" is one."""
    where = [match.span() for match in _QUESTION.finditer(answer.original)]
    return fact(check, len(where), where, _compare(len(where), check))


def placeholder(check: Check, answer: Folded, locale: str) -> Fact:
    """Find gaps of a template: brackets that nobody filled, and greetings to nobody."""
    if not answer.text.strip():
        return fact(check, 0, (), Note.EMPTY)
    brackets = (match.span() for match in _PLACEHOLDER.finditer(answer.original) if _HAS_LETTER.search(match.group()))
    generic = PHRASES[PhraseList.GENERIC]
    # English templates turn up in answers of every language.
    words = {*generic.get(locale, ()), *generic["en"]}
    return _found(check, [*brackets, *find(answer, sorted(words))])


def name_or_says(check: Check, answer: Folded, locale: str) -> Fact:
    """Find the challenge's words: a name, a fact, or what must not be said."""
    if not _listed(check, locale):
        return fact(check, None, (), Note.NO_LIST)
    return _found(check, _places(check, answer, locale))


def phrases(check: Check, answer: Folded, locale: str) -> Fact:
    """Find words of a shared list of the language, and the challenge's own.

    A phrase of the shared list is left out where a negation stands before it in the same clause ("no need to call us")
    or an opening quotation mark (who quotes "your fault" does not say it). The challenge's own are taken as they are.
    """
    shared = PHRASES[check.word_list].get(locale, ()) if check.word_list else ()
    if not shared and not _listed(check, locale):
        return fact(check, None, (), Note.NO_LIST)
    meant = (place for place in find(answer, shared) if _is_meant(answer.original, place[0], locale))
    return _found(check, [*meant, *_places(check, answer, locale)])


def _is_meant(text: str, start: int, locale: str) -> bool:
    if text[max(0, start - 1) : start] in _OPENING:
        return False
    clause = _CLAUSE_END.split(text[max(0, start - _REACH) : start])[-1]
    folded = fold(clause).text
    if locale == "zh-Hans":
        return not any(word in folded[-_FEW_CHARACTERS:] for word in NEGATIONS[locale])
    words = _WORD.findall(folded)[-_FEW_WORDS:]
    before = f" {' '.join(words)} "
    return not (
        any(f" {fold(word).text} " in before for word in NEGATIONS.get(locale, ()))
        or any(before.endswith(f" {fold(word).text} ") for word in WITHOUT.get(locale, ()))
    )


def _listed(check: Check, locale: str) -> bool:
    """Whether the challenge says what to look for in this language."""
    return any(words.get(tag) for words in (check.phrases, check.patterns) for tag in (locale, ANY))


def _places(check: Check, answer: Folded, locale: str) -> Iterator[Range]:
    for tag in (locale, ANY):
        yield from find(answer, check.phrases.get(tag, ()))
        yield from matches(answer.original, check.patterns.get(tag, ()))


def _found(check: Check, ranges: Iterable[Range]) -> Fact:
    where = merged(ranges)
    return fact(check, len(where), where, Note.FOUND if where else Note.NOT_FOUND)


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Join ranges that overlap, so that two phrases over the same words are one hit."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)

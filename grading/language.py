"""The check of language: does the text seem to be in the one that was asked for? A flag to look at, never a verdict."""

import re
from copy import copy
from functools import cache
from typing import Any

from grading.facts import Check, Fact, Note, fact
from grading.folding import Folded
from grading.wording import count_words

FEWEST_WORDS = 15
"""Below this, too many texts are taken for another language (93 to 97 % are right at 5 words, 97 to 100 at 15)."""

SURE = 0.95
"""The share of probability that the likeliest language needs; otherwise the fact says `unsure`.

Measured on 1,873 pieces of 15 words from this library's texts in six languages, cut of addresses and numbers: none was
taken for another of the six, and two were unsure.
"""

# Language tags of challenges, and what the identifier calls them.
CODES = {"en": "en", "es": "es", "pt-BR": "pt", "ro": "ro", "ru": "ru", "zh-Hans": "zh"}
_TAGS = {code: tag for tag, code in CODES.items()} | dict.fromkeys(("wuu", "yue"), "zh-Hans")

# What stands between spaces, Chinese characters and their punctuation.
_PIECE = re.compile(r"[^\s\u3000-\u30ff\u3400-\u9fff\uff00-\uff20]+")
_NO_LANGUAGE = re.compile(r"[@/\\_=<>{}\[\]`|#0-9]|www\.", re.IGNORECASE)


def language(check: Check, answer: Folded, locale: str) -> Fact:
    """Compare the text's likeliest language with `locale`, one of the six languages that challenges can have.

    The six are compared with each other first; a text that is surely in a seventh (German, say) is `other` too, with
    its ISO 639 code in `seen`. A mixed text counts as the language that has the most of it. Closely related languages
    that the model does not know are taken for the nearest that it does.
    """
    if not answer.text.strip():
        return fact(check, None, (), Note.EMPTY)
    if locale not in CODES:
        return fact(check, None, (), Note.NO_LIST)
    words = spoken(answer.original)
    if count_words(words) < FEWEST_WORDS:
        return fact(check, None, (), Note.SHORT)
    of_six, of_all = _identifiers()
    (code, share), (any_code, any_share) = of_six.classify(words), of_all.classify(words)
    found, widest = _TAGS[code], _TAGS.get(any_code, any_code)
    if widest not in CODES and any_share >= SURE:
        return fact(check, [widest], (), Note.OTHER)
    if widest != found or share < SURE:
        return fact(check, None, (), Note.UNSURE)
    return fact(check, [found], (), Note.EXPECTED if found == locale else Note.OTHER)


def spoken(text: str) -> str:
    """Give the text without what has no language: addresses, numbers, code and gaps of a template."""
    return _PIECE.sub(lambda piece: " " if _NO_LANGUAGE.search(piece.group()) else piece.group(), text)


@cache
def _identifiers() -> tuple[Any, Any]:
    # Loaded at the first use, by a worker: 0.9 s and 137 MB that the web server must never pay. Reading changes nothing
    # in them; two threads that come first at once load them twice, and one of the two stays.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    of_all = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    of_six = copy(of_all)
    of_six.set_languages(sorted(CODES.values()))
    return of_six, of_all

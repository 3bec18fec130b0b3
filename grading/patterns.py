"""Patterns that challenge authors write, in RE2: its time grows with the text, whatever pattern and text are."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from grading.facts import Range

LONGEST = 300
"""Characters of one pattern; a longer one cannot be understood by the next author."""

MOST_MATCHES = 200
"""So many places are looked for per pattern. One search is linear, but finding all places of `a.*?c|a` is not."""

_MEMORY = 1 << 20
# Every kind of place that RE2 can tell apart (`^`, `$`, `\A`, `\z`, `\b`, `\B`), with nothing between its two sides.
_SIDES = ("", "\n", "a", " ")
_NOWHERE = tuple((before + after, len(before)) for before in _SIDES for after in _SIDES)
# UTF-8, which RE2 reads, has no lone surrogates; one character stands for each, so that positions stay.
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class PatternError(ValueError):
    """A pattern that RE2 does not take; the text says why."""


def compile_pattern(pattern: str) -> Any:
    """Compile a pattern that ignores case. Raises PatternError: unknown syntax, too long or too large when compiled,
    or able to match nothing (`x*`, `^`, `a|\\b`).

    RE2 has no back references and no look-around (`(?=`, `\\1`): they are what makes other engines explode.
    """
    if len(pattern) > LONGEST:
        raise PatternError(f"longer than {LONGEST} characters")
    try:
        compiled = _compile(pattern)
    except UnicodeEncodeError as error:
        raise PatternError("it holds half a character (a lone surrogate)") from error
    except re2.error as error:
        reason = error.args[0] if error.args else "not a pattern"
        raise PatternError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from error
    if any(compiled.fullmatch(text, at, at) for text, at in _NOWHERE):
        raise PatternError("it would match nothing at all, so it would be found everywhere")
    return compiled


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(pattern, options)


def matches(text: str, patterns: Iterable[str]) -> Iterator[Range]:
    """Yield the ranges (code points) that each pattern matches, the first `MOST_MATCHES` of it, in order."""
    plain = text.translate(_SURROGATES)
    for pattern in patterns:
        for match in islice(_compile(pattern).finditer(plain), MOST_MATCHES):
            start, end = match.span()
            if start < end:
                yield start, end

"""Reading CSS for what a browser would drop, with tinycss2. Whether a property or a value exists is not looked at.

There is no list of properties here: every list is older than the browsers, and would call new properties faults.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import tinycss2

# Rules that hold other rules, and rules that hold declarations. What other rules hold is their own affair.
_HOLD_RULES = frozenset({"media", "supports", "layer", "container", "scope", "starting-style", "keyframes"})
_HOLD_DECLARATIONS = frozenset({"font-face", "page", "property", "counter-style", "view-transition", "position-try"})
_PREFIX = re.compile(r"-(?:webkit|moz|o|ms)-")
# int() refuses more than 4,300 digits; a number with a point is never made an int. As long as before: places stay.
_LONG_NUMBER = re.compile(r"[0-9]{1000,}+")
_BRACKETS = ("}", "]", ")")
_END = "\n}"
"""A last bracket that closes nothing, unless something was left open."""

Place = tuple[int, int]


def read(text: str) -> list[tuple[Place, str]]:
    """List the faults as ((line, column), code), both from 1, in the order of the text; work grows with its length.

    Codes are the kinds of tinycss2 (`invalid`, `bad-string`, `bad-url`, `eof-in-string`, `eof-in-url`, and the bracket
    that closes nothing), and `eof-in-block` or `eof-in-comment` where something that was opened is never closed.
    A fault that only a meaning would show is not seen: a missing semicolon makes one long value, which is well formed.
    """
    plain = _LONG_NUMBER.sub(lambda found: "1." + found.group()[2:], text)
    tokens = tinycss2.parse_component_value_list(plain + _END)
    last = tokens.pop()
    found = dict(_left_open(last))
    if last.type != "error" or last.kind != "}":
        tokens.append(last)
    for error in (*_broken_tokens(tokens), *_broken_rules(tokens)):
        found.setdefault((error.source_line, error.source_column), getattr(error, "kind", "invalid"))
    lines = len(re.findall(r"\r\n|[\r\n\f]", text)) + 1
    return sorted((place, code) for place, code in found.items() if place[0] <= lines)


def _left_open(last: Any) -> Iterator[tuple[Place, str]]:
    if last.type == "comment":
        yield (last.source_line, last.source_column), "eof-in-comment"
    elif last.type != "error":
        yield (last.source_line, last.source_column), "eof-in-block"


def _broken_tokens(tokens: Iterable[Any]) -> Iterator[Any]:
    waiting = list(tokens)
    while waiting:
        token = waiting.pop()
        if token.type == "error":
            yield token
        waiting.extend(getattr(token, "content", None) or getattr(token, "arguments", None) or ())


def _broken_rules(tokens: list[Any]) -> Iterator[Any]:
    # A stack of its own: blocks can be nested more deeply than Python can call.
    waiting = [(tokens, False)]
    while waiting:
        content, in_style = waiting.pop()
        parse = tinycss2.parse_blocks_contents if in_style else tinycss2.parse_stylesheet
        # A stray bracket is noted already; left in, it would be a second fault of the rule that follows.
        sound = [token for token in content if token.type != "error" or token.kind not in _BRACKETS]
        for rule in parse(sound, skip_comments=True, skip_whitespace=True):
            if rule.type == "error" or _means_nothing(rule):
                yield rule
            if rule.type == "qualified-rule":
                waiting.append((rule.content, True))
            elif rule.type == "at-rule" and rule.content is not None:
                name = _PREFIX.sub("", rule.lower_at_keyword, count=1)
                if name in _HOLD_RULES or name in _HOLD_DECLARATIONS:
                    waiting.append((rule.content, in_style or name in _HOLD_DECLARATIONS))


def _means_nothing(rule: Any) -> bool:
    """Whether every browser drops it: no selector has a semicolon or is empty, only `--names` may have no value."""
    if rule.type == "qualified-rule":
        return any(part == ";" for part in rule.prelude) or not _is_something(rule.prelude)
    if rule.type == "declaration":
        return not rule.name.startswith("--") and not _is_something(rule.value)
    return False


def _is_something(tokens: Iterable[Any]) -> bool:
    return any(token.type not in ("whitespace", "comment") for token in tokens)

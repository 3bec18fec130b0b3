"""Patterns of challenge authors: RE2 takes them or says why not, and no pattern and no text makes them slow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.patterns import LONGEST, MOST_MATCHES, PatternError, compile_pattern, matches

# From public write-ups of denial of service by regular expression; each takes `re` more than four seconds.
EXPLOSIVE = [
    ("^(a+)+$", "a", "!"),
    ("^(.*)*x$", "a", ""),
    (r"^(\d+)*[^\d]$", "1", ""),
    (r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@)$", "a", "!"),
    (r"^\s+x|\s+y$", " ", "z"),
    ("a.*?c|a", "a", ""),
    ("(a|aa)+$", "a", "!"),
]


@pytest.mark.parametrize("pattern", ["x*", "^", "$", r"\b", r"\B", "a|", r"x*|^", r"a|\b", r"\Bx*", "a??", "(?m)^x?$",
                                     "()", "a{0}", r"\A", r"\z", "(a|b*)", "(?s).*"])  # fmt: skip
def test_a_pattern_that_can_match_nothing_is_refused(pattern):
    with pytest.raises(PatternError, match="nothing at all"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a", r"\bfoo\b", "^x", "x$", "x+", "(?:a|b)c?", r"\b49(?:[.,]00)?\s?€", "您的+"])
def test_a_pattern_that_always_matches_something_is_taken(pattern):
    assert compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [("(", "missing"), (r"(a)\1", "escape"), ("(?=a)", "perl"), ("(?<!a)b", "perl"), ("a{1001}", "repetition"),
     ("a" * (LONGEST + 1), "longer"), ("[z-a]", "range"), ("*a", "repetition"), ("((a{100}){100}){100}", ""),
     ("\ud800", "surrogate")],
)  # fmt: skip
def test_a_pattern_that_re2_does_not_take_says_why(pattern, reason):
    with pytest.raises(PatternError, match=f"(?i){reason}"):
        compile_pattern(pattern)


@pytest.mark.parametrize(("pattern", "piece", "end"), EXPLOSIVE)
def test_no_pattern_explodes(pattern, piece, end):
    compile_pattern(pattern)
    start = time.process_time()

    found = list(matches(piece * 100_000 + end, [pattern]))

    # Not a measure: `re` would need longer than the universe has existed.
    assert time.process_time() - start < 30
    assert len(found) <= MOST_MATCHES


@pytest.mark.parametrize("text", ["é😀 Ben", "\ud800\udfff Ben", "\x00\u202eBen", "您的 Ben", "e\u0301 Ben"])
def test_places_are_code_points_of_the_text_as_written(text):
    [(start, end)] = matches(text, ["ben"])

    assert text[start:end] == "Ben"


@given(
    pattern=st.text(alphabet="ab.*+?|()[]^$\\bBdw{}1,- ", max_size=12),
    text=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab 1\n\ud800")), max_size=60),
)
def test_any_pattern_that_is_taken_finds_places_with_something_in_them(pattern, text):
    try:
        compile_pattern(pattern)
    except PatternError:
        return

    places = list(matches(text, [pattern]))

    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)

"""What holds for every kind of check and any text: no fall, the same facts twice, places inside it, linear work."""

import json
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.checks import ANY, MAX_RANGES, Check, CheckKind, Note, near_copy, run
from grading.phrases import PhraseList
from tests.work import lines_run

LOCALES = ("en", "es", "pt-BR", "ro", "ru", "zh-Hans")
FIELD = ("text",)
WORDS = {ANY: ("Ben", "30 days", "thirty day*", "закрыт*", "您的"), "es": ("cuenta",)}
PATTERNS = {ANY: (r"\b49(?:[.,]00)?\s?(?:EUR|€)", r"a.*?c|a", r"\b15[:.h]30\b")}
ORDER = ("t1", "t2", "t3", "t4")
OF_KIND = {
    CheckKind.LENGTH: Check("length", CheckKind.LENGTH, FIELD, low=3, high=20),
    CheckKind.PLACEHOLDER: Check("placeholder", CheckKind.PLACEHOLDER, FIELD),
    CheckKind.NAME: Check("name", CheckKind.NAME, FIELD, phrases=WORDS),
    CheckKind.SAYS: Check("says", CheckKind.SAYS, FIELD, phrases=WORDS, patterns=PATTERNS),
    CheckKind.LEAK: Check("leak", CheckKind.LEAK, FIELD, patterns=PATTERNS),
    CheckKind.QUESTIONS: Check("questions", CheckKind.QUESTIONS, FIELD, high=1),
    CheckKind.PHRASES: Check("phrases", CheckKind.PHRASES, FIELD, word_list=PhraseList.HOOPS, phrases=WORDS),
    CheckKind.PARTS: Check("parts", CheckKind.PARTS, ("text", "other")),
    CheckKind.ORDER: Check("order", CheckKind.ORDER, FIELD, order=ORDER, swaps=(("t1", "t2"),)),
    CheckKind.LANGUAGE: Check("language", CheckKind.LANGUAGE, FIELD),
    CheckKind.HTML: Check("html", CheckKind.HTML, FIELD),
    CheckKind.CSS: Check("css", CheckKind.CSS, FIELD),
    CheckKind.PICTURES: Check("pictures", CheckKind.PICTURES, FIELD),
    CheckKind.LINK: Check("link", CheckKind.LINK, FIELD),
}
ODD = "[]{}<>_X?？%'’\"-.;:&#@/!*\\\u200f\u202e\x00\ud800\udfff\u0301\r\n\f\t 天İßé½ﬁ😀"
PIECES = (
    "<div>", "</div>", "<p", "<a href='?a=1&copy=2'>", "<table>", "<tr>", "<td>", "<svg>", "</svg>", "<title>", "<!--",
    "-->", "<img alt>", "<img>", "<script>", "</script>", "<b>", "</b>", "<![CDATA[", "&amp", "&#1;", "@media x", "{",
    "}", "a{color:red}", "/*", "*/", "url(", "'", '"', "Ben ", "30 days ", "49 EUR ", "15:30", "t1 ", "t2 ", "t3 ",
    "t4 ", "call us ", "no need to ", "Dear customer ", "您的账户已经关闭", "это ваша вина ", "¿Por qué? ",
    "http://x/?a=1 ",
)  # fmt: skip
WILD = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from(ODD)), max_size=200),
    st.lists(st.sampled_from((*PIECES, *ODD)), max_size=60).map("".join),
)


def look(check, text, locale="en"):
    [fact] = run([check], {"text": text}, locale)
    return fact


def test_there_is_a_check_of_every_kind():
    assert set(OF_KIND) == set(CheckKind)


@pytest.mark.parametrize("kind", CheckKind)
@given(text=WILD, locale=st.sampled_from((*LOCALES, "xx", "")))
def test_any_text_gives_the_same_fact_twice_with_places_inside_it(kind, text, locale):
    fact = look(OF_KIND[kind], text, locale)

    assert fact == look(OF_KIND[kind], text, locale)
    assert (fact.check, fact.kind) == (kind.value, kind)
    assert isinstance(fact.note, Note)
    assert len(fact.where) <= MAX_RANGES
    assert all(0 <= start < end <= len(text) for start, end in fact.where)
    assert all(one[1] <= next_one[0] for one, next_one in zip(fact.where, fact.where[1:], strict=False))


@pytest.mark.parametrize("kind", CheckKind)
@given(text=WILD)
def test_what_was_seen_can_be_stored_and_quotes_nothing(kind, text):
    secret = "Zzyzx\ud800\x00"

    fact = look(OF_KIND[kind], text + secret)

    stored = json.dumps(fact.as_json(), ensure_ascii=False)
    stored.encode("utf-8")
    assert "Zzyzx" not in stored
    assert json.loads(stored) == fact.as_json()


@pytest.mark.parametrize("kind", CheckKind)
@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u200f", "\x00"])
def test_a_text_of_nothing_is_never_a_fault(kind, blank):
    assert look(OF_KIND[kind], blank).note in {
        Note.EMPTY,
        Note.NOT_FOUND,
        Note.INCOMPLETE,
        Note.WITHIN,
    }


REPEATED = (
    "a", "?", "[", "{{", "<a", "_", "X", "%a", "\u0301", "天", "30 ", "\ud800", "\u202e", "? ", "\x00", "&", "&a;",
    "<", "</p>", "<div>", "<a>", "<b><p>", "<b id=1>", "<table>", "<table><tr><td>", "<table>x", "<i><hr>", "<svg>",
    "<svg><title>", "<p a=1 ", "<p a b", "<!--", "--!", "<li>", "<nobr>", "<select>", "<button>", "<img>", "\r\n",
    "{", "}", "(", "a{", "@media x{", "a;", "a{b;}", "@a ", "/*", "/**/", "url(", '"', "\\", "a{b ", "t1 ", "Ben ",
    "not call us ", "49 EUR ", "<textarea></", "<script><!--", "<!doctype ", "&#1", "1", ".",
)  # fmt: skip
SMALL = 4_000 if os.environ.get("WINNOW_SWEEP") else 1_000
# The same work for each character, and what happens once.
GROWTH, ONCE = 2.6, 4_000


@pytest.mark.parametrize("kind", CheckKind)
def test_work_grows_linearly_with_the_length_of_the_answer(kind):
    look(OF_KIND[kind], "".join(REPEATED))

    for piece in REPEATED:
        small, large = (
            lines_run(lambda text=(piece * size)[:size]: look(OF_KIND[kind], text)) for size in (SMALL, 2 * SMALL)
        )
        assert large <= GROWTH * small + ONCE, piece


@pytest.mark.parametrize("opening", ["<!--", "<p a=", "<p a='", "<p ", "<", "<!doctype ", "<textarea></", "&#", "&#x"])
def test_one_endless_piece_of_html_is_linear_work(opening):
    check = OF_KIND[CheckKind.HTML]

    small, large = (
        lines_run(lambda size=size: look(check, opening + "1&-"[: 1 + size % 3] * size)) for size in (999, 1998)
    )

    assert large <= GROWTH * small + ONCE


@pytest.mark.parametrize(
    "text",
    ["<div>" * 20_000, "<a>" * 33_000, "<b id=1><p>" * 9_000, "<table><tr><td>" * 6_600, "<p " + "a=1 " * 25_000,
     "&#" + "1" * 99_998, "\ud800" * 100_000, "x\x00" * 50_000, "<" * 100_000],
)  # fmt: skip
def test_a_hundred_thousand_characters_of_html_give_a_count(text):
    fact = look(OF_KIND[CheckKind.HTML], text)

    assert fact.note is Note.FAULTS
    assert fact.seen["count"] >= len(fact.seen["faults"]) >= 1
    assert look(OF_KIND[CheckKind.PICTURES], text).note is Note.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "{" * 50_000,
        "@media x{" * 11_000,
        "a{" * 50_000,
        "(" * 100_000,
        "}" * 100_000,
        "a{b:" + "1" * 99_000,
        "\\" * 99_999,
    ],
)
def test_a_hundred_thousand_characters_of_css_give_a_count(text):
    fact = look(OF_KIND[CheckKind.CSS], text)

    assert fact.note is Note.FAULTS
    assert fact.seen["count"] >= len(fact.seen["faults"]) >= 1


def test_near_copies_are_linear_work_for_each_pair():
    def pair(size):
        rng = random.Random(size)
        words = [f"w{rng.randrange(5_000)}" for _ in range(size)]
        return " ".join(words), " ".join(words[::2])

    def work(size):
        answer, other = pair(size)
        return lines_run(lambda: near_copy(answer, {"a": other, "b": answer}))

    small, large = work(500), work(1_000)

    assert large <= GROWTH * small

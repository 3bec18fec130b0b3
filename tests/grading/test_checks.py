"""Checks tell facts about any text, in the same words every time, and never fall over."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.checks import Check, CheckKind, Note, count_words, run
from grading.folding import find, fold
from grading.phrases import PHRASES, PhraseList

LOCALES = ("en", "es", "pt-BR", "ro", "ru", "zh-Hans")
EVERY_KIND = (
    Check("words", CheckKind.LENGTH, ("reply",), low=3, high=20),
    Check("placeholder", CheckKind.PLACEHOLDER, ("reply",)),
    Check("name", CheckKind.NAME, ("reply",), phrases={"en": ("Ben",), "ru": ("Бен",), "zh-Hans": ("Ben",)}),
    Check("kept", CheckKind.SAYS, ("reply",), phrases={"en": ("30 days", "thirty days"), "zh-Hans": ("30天",)}),
    Check("leak", CheckKind.LEAK, ("reply",), phrases={"en": ("dr@larkdental.example",)}),
    Check("questions", CheckKind.QUESTIONS, ("reply",), high=1),
    Check("hoops", CheckKind.PHRASES, ("reply",), word_list=PhraseList.HOOPS),
    Check("parts", CheckKind.PARTS, ("reply", "note")),
)
WILD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("[]{}<>_X?？%'’-.\u200f\u202e\x00\ud800\u0301 \nBen30天İßé"),
    ),
    max_size=300,
)


def look(text, locale="en", checks=EVERY_KIND):
    return {fact.check: fact for fact in run(checks, {"reply": text}, locale)}


def seen_in(text, fact):
    return [text[start:end] for start, end in fact.where]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Hi, please close my account - Ben", 6),
        ("don't e-mail\nme\tplease", 4),
        ("Cafe\u0301 crème", 2),
        ("Закройте, пожалуйста", 2),
        ("您的账户已经关闭", 6),  # eight characters, three of which count as two words
        ("Ben您好", 3),
        ("\u202eabc\u200f def", 2),
        ("...---!!!", 0),
        ("你好，世界。", 3),
    ],
)
def test_words_are_counted_in_any_script(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "note"),
    [("", "empty"), (" \n\u200b", "empty"), ("One two", "short"), ("One two three", "within"), ("a " * 21, "long")],
)
def test_length_is_compared_with_what_the_challenge_expects(text, note):
    assert look(text)["words"].note == note


@pytest.mark.parametrize(
    "left",
    ["[NAME]", "[Your Name]", "{{name}}", "{name}", "<name>", "<customer name>", "XXX", "____", "%NAME%", "【姓名】",
     "Dear Customer", "valued customer"],
)  # fmt: skip
def test_a_placeholder_that_was_left_is_found_where_it_stands(left):
    text = f"Hello {left} and goodbye"

    fact = look(text)["placeholder"]

    assert fact.note is Note.FOUND
    assert seen_in(text, fact) == [left]


@pytest.mark.parametrize(
    "text",
    ["Hi Ben, love xxx", "see [our page](https://x.example)", "[1] and <3 and 2 < 5 > 4", "a_b", "{}", "50% off"],
)
def test_what_only_looks_like_a_placeholder_is_left_alone(text):
    assert look(text)["placeholder"].note is Note.NOT_FOUND


@pytest.mark.parametrize("text", ["Hi Ben!", "Thanks, BEN", "Ben, you", "BÉN", "Ben您好", "for Ben's sake"])
def test_the_name_counts_wherever_it_stands(text):
    assert look(text)["name"].note is Note.FOUND


@pytest.mark.parametrize("text", ["the benefits", "Reuben wrote", "Bens", ""])
def test_a_name_inside_a_longer_word_does_not_count(text):
    assert look(text)["name"].note is Note.NOT_FOUND


def test_phrases_ignore_case_accents_line_breaks_and_curly_apostrophes():
    text = "We   keep it for THIRTY\n  days. Don’t forget: aqui\u0301."

    assert list(find(fold(text), ["thirty days"])) == [(17, 30)]
    assert list(find(fold(text), ["don't", "aquí"])) == [(32, 37), (46, 51)]


def test_a_star_lets_the_last_word_go_on():
    text = "exporting, exported, reexport, export"

    assert [text[a:b] for a, b in find(fold(text), ["export*"])] == ["exporting", "exported", "export"]


def test_a_leak_is_found_exactly():
    text = "It is registered to Dr@LarkDental.example."

    assert seen_in(text, look(text)["leak"]) == ["Dr@LarkDental.example"]
    assert look("It is registered to someone else.")["leak"].note is Note.NOT_FOUND


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Why?", 1),
        ("Really?! Why??", 2),
        ("¿Por qué? 为什么？", 2),
        ("See x.example/p?id=7", 0),
        ("لماذا؟", 1),
        ("", 0),
    ],
)
def test_questions_are_counted_and_addresses_are_not_questions(text, count):
    assert look(text)["questions"].seen == count


def test_a_language_without_a_word_list_is_unknown_and_not_zero():
    fact = look("¿30 días?", locale="es")["kept"]

    assert (fact.note, fact.seen) == (Note.NO_LIST, None)


def test_missing_parts_are_named():
    fact = look("text")["parts"]

    assert (fact.note, fact.seen) == (Note.INCOMPLETE, ["note"])


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", list(PhraseList))
def test_every_phrase_of_every_language_finds_itself(name, locale):
    phrases = PHRASES[name][locale]

    lost = [phrase for phrase in phrases if not list(find(fold(f"… {phrase.rstrip('*')} …"), [phrase]))]

    assert phrases
    assert lost == []
    assert len({fold(phrase).text for phrase in phrases}) == len(phrases)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_list_has_every_language(locale):
    assert all(locale in lists for lists in PHRASES.values())


@given(text=WILD, locale=st.sampled_from((*LOCALES, "xx")))
def test_any_text_gives_the_same_facts_twice_with_ranges_inside_it(text, locale):
    facts = run(EVERY_KIND, {"reply": text}, locale)

    assert facts == run(EVERY_KIND, {"reply": text}, locale)
    assert [fact.check for fact in facts] == [check.key for check in EVERY_KIND]
    for fact in facts:
        assert all(0 <= start < end <= len(text) for start, end in fact.where)
        assert list(fact.where) == sorted(fact.where)
        assert json.loads(json.dumps(fact.as_json())) == fact.as_json()
        # What is stored must be storable: no lone surrogate, no NUL, nothing quoted from the answer.
        json.dumps(fact.as_json(), ensure_ascii=False).encode("utf-8")


@given(before=WILD, after=WILD)
def test_a_phrase_that_stands_alone_is_found_in_any_surroundings(before, after):
    text = f"{before} \n thirty days \n {after}"

    found = look(text)["kept"]

    assert found.seen >= 1

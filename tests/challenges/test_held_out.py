"""Answers that no list was tuned on: they fit their challenges, and the published tables are what the checks do."""

from collections import Counter

import pytest

from app.locales import LOCALES
from app.services import catalog
from docs import held_out
from grading.checks import Check, CheckKind

LIBRARY = catalog.load_all(catalog.SHIPPED)
ANSWERS = held_out.answers()
ANSWER = held_out.Answer("some/01.en", "some", "en", {}, {})


def reading(kind, is_there, is_seen):
    return held_out.Reading(ANSWER, Check("key", kind, ("reply",)), is_there, is_seen)


@pytest.mark.parametrize("one", ANSWERS, ids=lambda one: one.name)
def test_an_answer_has_the_fields_of_its_challenge_and_a_truth_for_each_judged_check(one):
    challenge = LIBRARY.get(one.slug, 1)

    looked_at = {name for check in challenge.checks for name in check.fields}

    assert looked_at <= set(one.answers)
    assert all(isinstance(text, str) for text in one.answers.values())
    assert set(one.truth) == {check.key for check in challenge.checks if check.kind in held_out.JUDGED}
    assert all(isinstance(value, bool) for value in one.truth.values())


def test_each_challenge_has_six_and_every_language_about_as_many():
    per_challenge = Counter(one.slug for one in ANSWERS)
    per_locale = Counter(one.locale for one in ANSWERS)

    assert set(per_challenge) == {challenge.slug for challenge in LIBRARY.challenges}
    assert set(per_challenge.values()) == {6}
    assert set(per_locale) == set(LOCALES)
    assert all(per_locale[locale] >= 8 for locale in LOCALES)


def test_no_held_out_answer_is_an_example():
    texts = {text for challenge in LIBRARY.challenges for one in challenge.examples for text in one.answers.values()}

    assert not {text for one in ANSWERS for text in one.answers.values() if text.strip()} & texts


def test_the_page_says_what_the_checks_do_today():
    text = held_out.PAGE.read_text("utf-8")

    assert text == held_out.page(text, LIBRARY, ANSWERS), "run: .venv/bin/python -m docs.held_out"


def test_precision_is_of_what_was_raised_and_recall_of_what_is_there():
    says = CheckKind.SAYS
    found = [
        *[reading(says, True, True)] * 3,
        reading(says, False, True),
        *[reading(says, True, False)] * 2,
        *[reading(says, False, False)] * 4,
    ]

    assert held_out.Count.of(found).cells() == ("10", "5", "3", "1", "2", "75 %", "60 %")
    assert held_out.Count.of(found).short() == "3/4 · 3/5"
    assert held_out.Count.of([]).cells() == ("0", "0", "0", "0", "0", "–", "–")


def test_a_fault_is_what_there_is_to_see_where_the_truth_says_that_all_is_well():
    whole = LIBRARY.get("vague-bug", 1)
    well = next(one for one in ANSWERS if one.name == "vague-bug/01.en")

    seen = {one.check.key: (one.is_there, one.is_seen) for one in held_out.readings(LIBRARY, [well])}

    assert [seen[check.key] for check in whole.checks if check.kind in held_out.SEEN] == [(False, False)] * 3


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no marks"):
        held_out.page("# A page", LIBRARY, ANSWERS)

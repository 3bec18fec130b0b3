"""Every challenge that ships loads, speaks six languages, and its examples are true to its checks."""

import pytest

from app.locales import LOCALES
from app.services import catalog
from app.services.catalog_types import DRAFT, ExampleKind
from grading.checks import run

LIBRARY = catalog.load_all(catalog.SHIPPED)
EXAMPLES = [(challenge, example) for challenge in LIBRARY.challenges for example in challenge.examples]
NAMES = [f"{challenge.name} {example.name}" for challenge, example in EXAMPLES]


def test_nothing_that_ships_has_a_fault():
    assert [str(fault) for fault in LIBRARY.faults] == []
    assert LIBRARY.get("close-my-account", 1) is not None


@pytest.mark.parametrize("row", catalog.table(LIBRARY), ids=lambda row: f"{row.challenge}-{row.locale}")
def test_candidates_can_read_everything_in_every_language(row):
    assert row.for_candidates
    assert row.has_guide or row.locale != "en"


@pytest.mark.parametrize("challenge", LIBRARY.challenges, ids=lambda one: one.name)
def test_nothing_in_another_language_hides_that_it_is_unreviewed(challenge):
    for locale in LOCALES[1:]:
        assert challenge.briefs[locale].review
        assert challenge.rubrics[locale].review
    assert all(example.review for example in challenge.examples if example.locale != "en")


@pytest.mark.parametrize("challenge", LIBRARY.challenges, ids=lambda one: one.name)
def test_examples_run_from_weak_to_excellent_in_two_languages_or_more(challenge):
    shares = [catalog.share(challenge, example) for example in challenge.examples]

    assert len(shares) >= 6
    assert min(shares) < 0.34
    assert max(shares) > 0.9
    assert len({example.locale for example in challenge.examples}) >= 2


@pytest.mark.parametrize("challenge", LIBRARY.challenges, ids=lambda one: one.name)
def test_the_typical_chatbot_answer_is_there_and_stays_below_the_line(challenge):
    assert any(example.kind is ExampleKind.CHATBOT for example in challenge.examples)
    assert catalog.warnings(challenge) == []


@pytest.mark.parametrize(("challenge", "example"), EXAMPLES, ids=NAMES)
def test_the_checks_see_in_an_example_what_its_file_says(challenge, example):
    notes = {fact.check: fact.note.value for fact in run(challenge.checks, example.answers, example.locale)}

    assert example.facts
    assert {key: notes[key] for key in example.facts} == dict(example.facts)


def test_ben_has_twelve_examples_and_three_for_the_start_page():
    challenge = LIBRARY.get("close-my-account", 1)

    assert len(challenge.examples) >= 12
    assert [example.quality for example in catalog.showcase(challenge, "en")] == ["poor", "chatbot", "excellent"]
    assert catalog.showcase(challenge, "ro") == catalog.showcase(challenge, "en")


def test_ben_is_judged_as_agreed():
    challenge = LIBRARY.get("close-my-account", 1)

    weights = {criterion.key: criterion.weight for criterion in challenge.criteria}

    assert weights == {"action": 3, "consequences": 2, "no_hoops": 2, "tone": 2, "language": 1}
    assert [criterion.key for criterion in challenge.criteria if criterion.is_optional] == ["language"]
    assert challenge.points == 30
    assert catalog.text_for(challenge, "en").value.messages[0].text == "Hi, please close my account - Ben"


def test_a_draft_translation_says_so_when_it_is_shown():
    challenge = LIBRARY.get("close-my-account", 1)

    assert challenge.briefs["ru"].review == DRAFT
    assert catalog.text_for(challenge, "ru").is_draft
    assert not catalog.text_for(challenge, "en").is_draft

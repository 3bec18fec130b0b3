"""Facts are shown by field, those worth a look first, and none is left out."""

from __future__ import annotations

import pytest

from app.services import catalog, facts
from grading import checks

TONE = catalog.load(catalog.SHIPPED / "tone-across-cultures" / "v1")
BEN = catalog.load(catalog.SHIPPED / "close-my-account" / "v1")


def seen(challenge, example):
    return [fact.as_json() for fact in checks.run(challenge.checks, example.answers, example.locale)]


@pytest.mark.parametrize("challenge", [TONE, BEN], ids=lambda one: one.slug)
def test_every_fact_is_shown_once(challenge):
    found = seen(challenge, challenge.examples[0])

    shown = [fact for group in facts.grouped(challenge, found, "en") for fact in (*group.notable, *group.usual)]

    assert sorted(fact["check"] for fact in shown) == sorted(fact["check"] for fact in found)


def test_three_replies_are_three_groups_in_the_order_of_the_page():
    groups = facts.grouped(TONE, seen(TONE, TONE.examples[0]), "en")

    labels = [TONE.briefs["en"].labels[name].label for name in TONE.fields]
    assert [group.label for group in groups if group.label] == labels


def test_one_reply_needs_no_heading():
    assert {group.label for group in facts.grouped(BEN, seen(BEN, BEN.examples[0]), "en")} == {""}


def test_what_is_as_the_challenge_would_have_it_can_be_folded():
    [poor] = [one for one in BEN.examples if one.name == "01-poor.en"]

    group = facts.grouped(BEN, seen(BEN, poor), "en")[-1]

    assert "closed" in {fact["check"] for fact in group.notable}
    assert "blame" in {fact["check"] for fact in group.usual}


def test_few_facts_are_not_folded():
    few = seen(BEN, BEN.examples[0])[: facts.FEW]

    assert all(group.usual == () for group in facts.grouped(BEN, few, "en"))

"""An order while it is being made: nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.services import orders

ITEMS = ("t1", "t2", "t3", "t4")
chosen = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, len(ITEMS)))


@given(chosen)
def test_every_choice_survives_being_kept(places):
    assert orders.places(orders.text(places, ITEMS), ITEMS) == places


@given(st.permutations(ITEMS))
def test_a_finished_order_is_kept_as_its_items(order):
    text = " ".join(order)

    assert orders.text(orders.places(text, ITEMS), ITEMS) == text


@given(st.text())
def test_any_text_gives_an_order_that_is_stable(text):
    once = orders.text(orders.places(text, ITEMS), ITEMS)

    assert orders.text(orders.places(once, ITEMS), ITEMS) == once


def test_items_with_a_place_come_first_and_the_others_as_they_are():
    assert orders.by_place({"t4": 1, "t2": 3}, ITEMS) == ["t4", "t2", "t1", "t3"]
    assert orders.shared_places({"t1": 2, "t2": 2, "t3": 1}) == [2]

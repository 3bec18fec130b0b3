"""How far an order is from the agreed one, by Kendall's tau distance; allowed swaps cost nothing."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.checks import Check, CheckKind, Note, run
from grading.order import distance

KEY = tuple(f"t{n}" for n in range(1, 8))
ORDERS = st.permutations(KEY)
SWAPS = st.lists(st.sampled_from(list(combinations(KEY, 2))), max_size=6, unique=True)


@given(given_order=ORDERS, swaps=SWAPS)
def test_the_distance_is_a_part_of_the_pairs_that_count(given_order, swaps):
    swapped, pairs = distance(given_order, KEY, swaps)

    assert pairs == 21 - len(swaps)
    assert 0 <= swapped <= pairs


@given(order=ORDERS, swaps=SWAPS)
def test_an_order_is_as_agreed_with_itself_and_as_far_as_can_be_from_its_reverse(order, swaps):
    pairs = distance(order, order, swaps)[1]

    assert distance(order, order, swaps) == (0, pairs)
    assert distance(order[::-1], order, swaps) == (pairs, pairs)


@given(one=ORDERS, other=ORDERS, third=ORDERS, swaps=SWAPS)
def test_it_is_a_distance(one, other, third, swaps):
    assert distance(one, other, swaps) == distance(other, one, swaps)
    there = distance(one, other)[0]
    assert there <= distance(one, third)[0] + distance(third, other)[0]
    assert (there == 0) == (list(one) == list(other))


@given(order=ORDERS, at=st.integers(0, 5))
def test_one_swap_of_neighbours_costs_one_and_an_allowed_one_costs_nothing(order, at):
    turned = [*order[:at], order[at + 1], order[at], *order[at + 2 :]]

    assert distance(turned, order) == (1, 21)
    assert distance(turned, order, [(order[at], order[at + 1])]) == (0, 20)
    assert distance(turned, order, [(order[at + 1], order[at])]) == (0, 20)


@pytest.mark.parametrize("given_order", [["t1"], ["t1", "t1"], ["t1", "x"], []])
def test_other_items_are_refused(given_order):
    with pytest.raises(ValueError, match="same items"):
        distance(given_order, ["t1", "t2"])


@pytest.mark.parametrize(
    ("text", "note", "seen"),
    [
        ("t1 t2 t3", Note.AS_AGREED, {"swapped": 0, "pairs": 2}),
        ("t2\nt1  t3", Note.AS_AGREED, {"swapped": 0, "pairs": 2}),
        ("t3 t2 t1", Note.DIFFERS, {"swapped": 2, "pairs": 2}),
        ("t1 t2", Note.INCOMPLETE, None),
        ("t1 t2 t2", Note.INCOMPLETE, None),
        ("t1 t2 t3 t3", Note.INCOMPLETE, None),
        ("t1 t2 T3", Note.INCOMPLETE, None),
        (" \n", Note.EMPTY, None),
    ],
)
def test_the_fact_says_how_many_pairs_stand_the_other_way_round(text, note, seen):
    check = Check("order", CheckKind.ORDER, ("queue",), order=("t1", "t2", "t3"), swaps=(("t2", "t1"),))

    [fact] = run([check], {"queue": text}, "en")

    assert (fact.note, fact.seen) == (note, seen)

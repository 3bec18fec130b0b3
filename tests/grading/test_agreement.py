from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.agreement import Disagreement, needs_third

WEIGHTS = {"action": 3, "tone": 1, "clarity": 1}


def reading(action, tone, clarity):
    return {"action": action, "tone": tone, "clarity": clarity}


def test_readers_one_level_apart_on_the_same_side_need_no_third():
    assert needs_third([reading(3, 2, 1), reading(2, 3, 2)], WEIGHTS, Fraction(1, 2)) is None


def test_two_levels_apart_open_a_third_review_in_rubric_order():
    found = needs_third([reading(3, 1, 3), reading(1, 1, 1)], WEIGHTS, None)

    assert found == Disagreement(criteria=("action", "clarity"), straddles_line=False)


def test_scores_on_both_sides_of_the_line_open_a_third_review():
    found = needs_third([reading(2, 2, 2), reading(2, 2, 1)], WEIGHTS, Fraction(2, 3))

    assert found == Disagreement(criteria=(), straddles_line=True)


def test_a_score_on_the_line_stands_above_it():
    on_the_line, above = reading(2, 2, 2), reading(2, 3, 2)

    assert needs_third([on_the_line, above], WEIGHTS, Fraction(2, 3)) is None


def test_a_role_without_a_line_is_never_straddled():
    assert needs_third([reading(2, 2, 2), reading(1, 1, 1)], WEIGHTS, None) is None


def test_cannot_judge_and_not_yet_rated_differ_from_nothing():
    assert needs_third([reading(3, 3, 3), reading(3, None, 3)], WEIGHTS, Fraction(1, 2)) is None
    assert needs_third([reading(3, 3, 3), {"action": 3}], WEIGHTS, Fraction(1, 2)) is None
    assert needs_third([reading(3, 3, 3), reading(None, None, None)], WEIGHTS, Fraction(1, 2)) is None


def test_an_unfinished_reading_already_shows_criteria_that_lie_apart():
    found = needs_third([reading(3, 3, 3), {"action": 0}], WEIGHTS, Fraction(1, 2))

    assert found == Disagreement(criteria=("action",), straddles_line=False)


def test_any_two_of_many_readers_can_disagree():
    found = needs_third([reading(2, 2, 2), reading(3, 2, 2), reading(1, 2, 2)], WEIGHTS, None)

    assert found == Disagreement(criteria=("action",), straddles_line=False)


def test_fewer_than_two_readers_cannot_disagree():
    assert needs_third([], WEIGHTS, Fraction(1, 2)) is None
    assert needs_third([reading(0, 3, 0)], WEIGHTS, Fraction(1, 2)) is None


@pytest.mark.parametrize(
    ("readings", "weights", "line"),
    [
        ([reading(4, 0, 0)], WEIGHTS, None),
        ([{"humour": 2}], WEIGHTS, None),
        ([], {"action": 0}, None),
        ([], WEIGHTS, Fraction(3, 2)),
        ([], WEIGHTS, Fraction(-1, 2)),
    ],
)
def test_values_off_the_scale_are_refused(readings, weights, line):
    with pytest.raises(ValueError, match=r".+"):
        needs_third(readings, weights, line)


LEVEL = st.none() | st.integers(0, 3)
READING = st.builds(reading, LEVEL, LEVEL, LEVEL)


@settings(deadline=None)
@given(st.lists(READING, max_size=4), st.none() | st.fractions(0, 1), st.randoms(use_true_random=False))
def test_the_order_of_readers_never_matters(readings, line, random):
    shuffled = random.sample(readings, len(readings))

    assert needs_third(shuffled, WEIGHTS, line) == needs_third(readings, WEIGHTS, line)


@settings(deadline=None)
@given(READING, st.none() | st.fractions(0, 1))
def test_readers_who_agree_never_need_a_third(same, line):
    assert needs_third([same, same], WEIGHTS, line) is None

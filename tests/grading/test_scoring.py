import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.scoring import NOT_JUDGED, application_score, challenge_score, criterion_score

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "scoring.json").read_text(encoding="utf-8"))
CHALLENGES = [case for case in VECTORS["cases"] if "ratings" in case]
APPLICATIONS = [case for case in VECTORS["cases"] if "application" in case]


def exact(text):
    return NOT_JUDGED if text == "NOT_JUDGED" else None if text is None else Fraction(text)


@pytest.mark.parametrize("case", CHALLENGES)
def test_published_challenges_score_as_published(case):
    settled = case.get("settled", {})

    criteria = {key: criterion_score(levels, settled.get(key)) for key, levels in case["ratings"].items()}

    assert criteria == {key: exact(text) for key, text in case["criterion"].items()}
    assert challenge_score(case["weights"], criteria) == exact(case["challenge"])


@pytest.mark.parametrize("case", APPLICATIONS)
def test_published_applications_score_as_published(case):
    given_ = case["application"]
    challenges = {key: exact(text) for key, text in given_["challenges"].items()}

    score = application_score(given_["weights"], challenges, given_.get("due", list(given_["weights"])))

    assert score == exact(case["score"])


def test_an_unrated_criterion_is_none_and_one_nobody_could_judge_is_not():
    assert criterion_score([]) is None
    assert criterion_score([None, None]) is NOT_JUDGED
    assert criterion_score([0, None]) == 0


def test_a_settled_level_wins_even_where_nobody_could_judge():
    assert criterion_score([None, None], settled=0) == 0
    assert criterion_score([3, 0, 3], settled=1) == 1


@pytest.mark.parametrize("levels", [[4], [-1], [1.5], [True], ["2"], [2, 9]])
def test_levels_outside_the_scale_are_refused(levels):
    with pytest.raises(ValueError, match="level"):
        criterion_score(levels)


@pytest.mark.parametrize("settled", [4, -1, 2.0, False])
def test_settled_levels_outside_the_scale_are_refused(settled):
    with pytest.raises(ValueError, match="level"):
        criterion_score([1, 2], settled)


def test_a_wrong_reading_is_refused_even_under_a_settled_level():
    with pytest.raises(ValueError, match="level"):
        criterion_score([7], settled=1)


def test_a_criterion_missing_from_the_readings_leaves_the_challenge_unknown():
    assert challenge_score({"action": 3, "tone": 1}, {"action": Fraction(3)}) is None


def test_a_challenge_that_nobody_could_judge_has_no_score():
    assert challenge_score({"action": 3, "tone": 1}, {"action": NOT_JUDGED, "tone": NOT_JUDGED}) is None
    assert challenge_score({"action": 3, "tone": 0}, {"action": NOT_JUDGED, "tone": Fraction(2)}) is None


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 2}, {"a": 0.5}, {"a": True}, {"a": "1"}])
def test_weights_that_are_negative_inexact_or_all_zero_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        challenge_score(weights, {})
    with pytest.raises(ValueError, match="weight"):
        application_score(weights, {}, [])


def test_unknown_criteria_and_challenges_are_refused():
    with pytest.raises(ValueError, match="tone"):
        challenge_score({"action": 1}, {"action": Fraction(1), "tone": None})
    with pytest.raises(ValueError, match="widget"):
        application_score({"close": 1}, {"widget": Fraction(1)}, ["close"])
    with pytest.raises(ValueError, match="widget"):
        application_score({"close": 1}, {"close": Fraction(1)}, ["close", "widget"])


def test_scores_outside_their_scale_are_refused():
    with pytest.raises(ValueError, match="0 to 3"):
        challenge_score({"action": 1}, {"action": Fraction(7, 2)})
    with pytest.raises(ValueError, match="0 to 1"):
        application_score({"close": 1}, {"close": Fraction(3, 2)}, [])


def test_an_application_with_nothing_due_yet_has_no_score():
    assert application_score({"close": 1}, {}, []) is None
    assert application_score({"close": 1, "talk": 0}, {"talk": Fraction(1)}, ["talk"]) is None


def test_a_due_challenge_not_handed_in_leaves_the_application_unknown():
    assert application_score({"close": 2, "widget": 1}, {"close": Fraction(1)}) is None


def test_a_challenge_that_is_scored_but_not_due_does_not_count():
    challenges = {"close": Fraction(1, 2), "widget": Fraction(1)}

    assert application_score({"close": 1, "widget": 1}, challenges, ["close"]) == Fraction(1, 2)


LEVELS = st.lists(st.none() | st.integers(0, 3), max_size=6)
SCORES = st.none() | st.just(NOT_JUDGED) | st.fractions(0, 3, max_denominator=30)
WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=1).filter(lambda w: any(w.values()))


@settings(deadline=None)
@given(LEVELS, st.randoms(use_true_random=False))
def test_the_order_of_readers_never_matters(levels, random):
    shuffled = random.sample(levels, len(levels))

    assert criterion_score(shuffled) == criterion_score(levels)


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_challenge_scores_stay_bounded_exact_order_free_and_unknown_while_incomplete(weights, data):
    criteria = {key: data.draw(SCORES) for key in weights}
    backwards = dict(reversed(criteria.items()))

    score = challenge_score(weights, criteria)

    assert score == challenge_score(dict(reversed(weights.items())), backwards)
    if None in criteria.values():
        assert score is None
    else:
        assert score is None or (isinstance(score, Fraction) and 0 <= score <= 1)


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_a_better_criterion_never_lowers_the_challenge(weights, data):
    criteria = {key: data.draw(st.fractions(0, 2, max_denominator=6)) for key in weights}
    raised = data.draw(st.sampled_from(sorted(weights)))

    better = challenge_score(weights, {**criteria, raised: criteria[raised] + 1})

    assert better >= challenge_score(weights, criteria)


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_application_scores_stay_between_their_challenges_and_unknown_while_one_is(weights, data):
    challenges = {key: data.draw(st.none() | st.fractions(0, 1, max_denominator=30)) for key in weights}
    due = data.draw(st.sets(st.sampled_from(sorted(weights))))

    score = application_score(weights, challenges, due)

    counted = [challenges[key] for key in due if weights[key]]
    if not counted or any(challenges[key] is None for key in due):
        assert score is None
    else:
        assert min(counted) <= score <= max(counted)

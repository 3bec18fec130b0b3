import json
import unicodedata
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.rubric import Criterion, Rubric, fingerprint

ANCHORS = ("Ignores it", "Sees it", "Does it", "Does it well")


def criterion(key="action", weight=2, anchors=ANCHORS, optional=False):
    return Criterion(key, weight, key.title(), f"What {key} means", anchors, optional)


def test_a_rubric_gives_its_weights_in_reading_order():
    rubric = Rubric((criterion("tone", 1), criterion("action", 3)))

    assert list(rubric.weights.items()) == [("tone", 1), ("action", 3)]


def test_a_rubric_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        criterion().weight = 5


def test_two_criteria_of_one_key_are_refused():
    with pytest.raises(ValueError, match="action"):
        Rubric((criterion("action"), criterion("action")))


@pytest.mark.parametrize("criteria", [(), (criterion(weight=0),)])
def test_a_rubric_that_weighs_nothing_is_refused(criteria):
    with pytest.raises(ValueError, match="weights"):
        Rubric(criteria)


@pytest.mark.parametrize("anchors", [ANCHORS[:3], (*ANCHORS, "more"), list(ANCHORS), ("", "b", "c", "d"), (1, 2, 3, 4)])
def test_anything_but_four_written_anchors_is_refused(anchors):
    with pytest.raises(ValueError, match="anchor"):
        criterion(anchors=anchors)


def test_an_anchor_of_spaces_is_empty():
    with pytest.raises(ValueError, match="anchor"):
        criterion(anchors=("a", " \n", "c", "d"))


@pytest.mark.parametrize("weight", [-1, 0.5, True, "2"])
def test_a_weight_that_is_not_a_whole_number_is_refused(weight):
    with pytest.raises(ValueError, match="weight"):
        criterion(weight=weight)


def test_a_criterion_without_a_key_is_refused():
    with pytest.raises(ValueError, match="key"):
        criterion(key=" ")


def test_optional_criteria_can_be_left_out():
    rubric = Rubric((criterion("action"), criterion("css", 1, optional=True), criterion("push", 1, optional=True)))

    smaller = rubric.without(["css"])

    assert list(smaller.weights) == ["action", "push"]
    assert rubric.without([]) == rubric


@pytest.mark.parametrize("key", ["action", "unheard-of"])
def test_only_optional_criteria_can_be_left_out(key):
    with pytest.raises(ValueError, match=key):
        Rubric((criterion("action"), criterion("css", optional=True))).without([key])


def test_leaving_out_all_that_weighs_is_refused():
    with pytest.raises(ValueError, match="weights"):
        Rubric((criterion("action", 0), criterion("css", optional=True))).without(["css"])


def test_a_fingerprint_is_the_sha256_of_canonical_json():
    # printf '%s' '{"a":[1,null,true],"b":"é"}' | sha256sum
    expected = "052bf4934febe2a267bfd9576365d3d358f728ecdddce6230c56986a01730cf1"

    assert fingerprint({"b": "é", "a": [1, None, True]}) == expected


def test_a_fingerprint_keeps_text_as_it_was_written():
    composed = unicodedata.normalize("NFC", "é")
    decomposed = unicodedata.normalize("NFD", "é")

    assert fingerprint(composed) != fingerprint(decomposed)


def test_the_order_of_a_list_is_part_of_its_fingerprint():
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])


@pytest.mark.parametrize("content", [float("nan"), float("inf"), "\ud800"])
def test_values_that_json_in_utf8_cannot_hold_are_refused(content):
    with pytest.raises(ValueError, match=r".+"):
        fingerprint([content])


def test_what_is_not_json_is_refused():
    with pytest.raises(TypeError):
        fingerprint({"a": object()})


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_a_fingerprint_survives_storage_as_json(content):
    assert fingerprint(json.loads(json.dumps(content))) == fingerprint(content)


@settings(deadline=None)
@given(st.dictionaries(TEXT, JSON))
def test_a_fingerprint_ignores_the_order_of_keys(content):
    assert fingerprint(dict(reversed(content.items()))) == fingerprint(content)

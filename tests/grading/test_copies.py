"""Near-copies are found by their wording, whatever the order; what everybody quotes never counts."""

import random
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grading.copies import ALIKE, FEWEST_COMMON, FEWEST_WORDS, SHINGLE, SKETCH, near_copy, sketch
from grading.folding import fold
from grading.wording import count_words

WORDS = st.lists(st.sampled_from([f"word{n}" for n in range(60)]), min_size=60, max_size=120)
ANYTHING = st.text(max_size=400)


def varied(seed, count=60):
    return " ".join(f"w{random.Random(seed + n).randrange(10**6)}" for n in range(count))


@given(one=WORDS, other=WORDS, cut=st.integers(0, 60))
def test_the_share_is_the_same_from_both_sides(one, other, cut):
    first, second = " ".join(one), " ".join([*one[:cut], *other[cut:]])

    there, back = near_copy(first, {"x": second}), near_copy(second, {"x": first})

    assert [copy.share for copy in there] == [copy.share for copy in back]
    assert all(ALIKE <= copy.share <= 1 for copy in there)


@given(words=WORDS)
def test_an_answer_is_wholly_like_itself(words):
    text = " ".join(words)
    assume(len({tuple(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)}) >= 36)

    [copy] = near_copy(text, {"itself": text})

    assert copy.share == 1.0
    assert copy.where == ((0, len(text)),)


@given(words=WORDS, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_others_does_not_matter(words, shuffled):
    answer = " ".join(words)
    others = {f"o{n}": " ".join([*words[: 60 - n], *varied(n, 10).split()]) for n in range(8)}
    turned = list(others.items())
    shuffled.shuffle(turned)

    assert near_copy(answer, others) == near_copy(answer, dict(turned))


@given(text=ANYTHING, other=ANYTHING)
def test_any_text_can_be_compared(text, other):
    for copy in near_copy(text * 3, {"other": other, "same": text * 3}, [other]):
        assert all(0 <= start < end <= len(text) * 3 for start, end in copy.where)
    assert sketch(text * 3) == sketch(text * 3)


def test_what_everybody_quotes_never_counts():
    prompt = varied(1, 150)
    first, second = f"{prompt} {varied(500, 60)}", f"{prompt} {varied(900, 60)}"

    assert near_copy(first, {"x": second}, []) != []
    assert near_copy(first, {"x": second}, [prompt]) == []
    assert near_copy(prompt, {"x": prompt}, [prompt]) == []
    assert sketch(prompt, [prompt]) == ()


def test_a_few_words_beside_a_quotation_are_too_few():
    prompt = varied(1, 80)
    answer = f"{prompt} thank you very much for your message to us today"

    assert near_copy(answer, {"x": answer}, [prompt]) == []


@given(words=st.lists(st.sampled_from("abcdefgh"), max_size=FEWEST_WORDS - 1))
def test_short_answers_are_never_compared(words):
    text = " ".join(words)

    assert near_copy(text, {"same": text}) == []
    assert sketch(text) == ()


def test_chinese_is_compared_by_its_characters():
    text = (
        "您的账户已经关闭，您不需要再做任何事情。之后不会再扣费，三十号之前您仍然可以使用。"
        "您的数据会保留三十天，然后彻底删除；如果需要副本，回复这封邮件，我马上发给您。"
    )
    other = "您好！" + text.replace("仍然", "还") + "谢谢。"

    assert count_words(text) >= FEWEST_WORDS
    [copy] = near_copy(text, {"x": other})

    assert copy.share > 0.7
    assert len(copy.where) == 2


def test_a_copied_passage_is_one_place_and_says_the_shared_words():
    shared = "We keep your data for thirty days, and then it is gone; until then — just ask for a copy. "
    filler = varied(7, 40)
    answer = f"{varied(3, 8)} {shared.upper()} {filler}"

    [copy] = near_copy(answer, {"x": f"{shared} {filler}"})

    assert len(copy.where) == 1
    start, end = copy.where[0]
    assert fold(answer[start:end]).text == fold(f"{shared.strip()} {filler}").text.removesuffix(".")


@pytest.mark.parametrize("mark", ["\n\n", " — ", ", ", "  "])
def test_punctuation_and_lines_do_not_hide_a_copy(mark):
    text = varied(5)

    [copy] = near_copy(text, {"x": text.replace(" ", mark)})

    assert copy.share == 1.0


def test_a_sketch_is_small_rising_and_the_same_in_every_process():
    text = varied(11, 200)
    code = f"from grading.copies import sketch; print(sketch({text!r}))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found.strip() == str(sketch(text))
    assert len(sketch(text)) == SKETCH
    assert list(sketch(text)) == sorted(set(sketch(text)))
    assert all(0 <= number < 2**63 for number in sketch(text))


@given(seed=st.integers(0, 10**6), kept=st.integers(70, 100))
def test_answers_that_are_much_alike_share_a_part_of_their_sketches(seed, kept):
    words = varied(seed, 100).split()
    one, other = " ".join(words), " ".join([*words[:kept], *varied(seed + 5_000, 100 - kept).split()])

    alike = near_copy(one, {"x": other})

    assert not alike or set(sketch(one)) & set(sketch(other))


def test_strangers_share_no_part_of_their_sketches():
    assert not set(sketch(varied(1, 100))) & set(sketch(varied(10_000, 100)))


def test_the_same_words_under_another_question_have_other_hashes():
    text = varied(11, 200)

    there, here = sketch(text, about="a/reply"), sketch(text, about="b/reply")

    assert len(there) == len(here) == SKETCH
    assert not set(there) & set(here)
    assert sketch(text, about="a/reply") == there


@given(seed=st.integers(0, 10**6), kept=st.integers(0, 100))
def test_answers_worth_a_look_share_enough_of_their_sketches_to_be_compared(seed, kept):
    words = varied(seed, 100).split()
    one, other = " ".join(words), " ".join([*words[:kept], *varied(seed + 5_000, 100 - kept).split()])

    alike = near_copy(one, {"x": other})

    assert not alike or len(set(sketch(one)) & set(sketch(other))) >= FEWEST_COMMON


def test_the_share_is_exact():
    words = varied(5, 60).split()

    [copy] = near_copy(" ".join(words), {"x": " ".join([*words, "more"])})

    assert copy.share == Fraction(56, 57)

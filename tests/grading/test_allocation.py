import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.allocation import pick, position

ROOT = Path(__file__).parent.parent.parent


def test_the_least_loaded_read_first():
    assert pick({1: 5, 2: 0, 3: 3, 4: 9}, 2, "answer 1") == (2, 3)


def test_fewer_graders_than_asked_for_all_read():
    assert pick({1: 5, 2: 0}, 3, "answer 1") == (2, 1)
    assert pick({}, 2, "answer 1") == ()
    assert pick({1: 0}, 0, "answer 1") == ()


def test_ties_are_not_broken_by_id():
    firsts = Counter(pick(dict.fromkeys(range(1, 5), 0), 1, f"answer {number}")[0] for number in range(400))

    assert set(firsts) == {1, 2, 3, 4}
    assert min(firsts.values()) > 60  # 100 each on average; the seeds are fixed, so is the result


def test_assigning_one_after_another_levels_the_load():
    load = dict.fromkeys(range(7), 0)

    for number in range(50):
        for grader in pick(load, 2, f"answer {number}"):
            load[grader] += 1

    assert sum(load.values()) == 100
    assert max(load.values()) - min(load.values()) <= 1


@pytest.mark.parametrize(("load", "readers"), [({1: 0}, -1), ({1: -1}, 1)])
def test_negative_numbers_are_refused(load, readers):
    with pytest.raises(ValueError, match="negative"):
        pick(load, readers, "answer 1")


def test_the_choice_and_the_order_are_the_same_in_every_process():
    code = (
        "from grading.allocation import pick, position; "
        "assert pick({1: 0, 2: 0, 3: 0}, 2, 'a') == %r; assert position(7, 'close', 12) == %r"
    )
    here = pick({1: 0, 2: 0, 3: 0}, 2, "a"), position(7, "close", 12)

    there = subprocess.run([sys.executable, "-c", code % here], cwd=ROOT, env={"PYTHONHASHSEED": "5"}, check=False)

    assert there.returncode == 0


def test_each_grader_and_each_question_has_an_order_of_its_own():
    def order(grader, question):
        return sorted(range(100), key=lambda answer: position(grader, question, answer))

    orders = [order(1, "close"), order(2, "close"), order(1, "widget"), list(range(100))]

    assert len({tuple(each) for each in orders}) == 4


def test_numbers_that_read_alike_side_by_side_are_kept_apart():
    assert position(1, "close", 11) != position(11, "close", 1)
    assert position(1, "1:close", 1) != position(1, "close", 11)


@settings(deadline=None)
@given(st.integers(1), st.text(st.characters(exclude_categories=["Cs"])), st.integers(1))
def test_a_position_fits_a_database_integer(grader, question, answer):
    assert 0 <= position(grader, question, answer) < 2**62


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 99), st.integers(0, 5)), st.integers(0, 6), st.text("abc123"))
def test_a_choice_is_repeatable_order_free_distinct_and_never_passes_over_the_less_loaded(load, readers, seed):
    chosen = pick(load, readers, seed)

    assert chosen == pick(dict(reversed(load.items())), readers, seed)
    assert len(chosen) == len(set(chosen)) == min(readers, len(load))
    left = [load[grader] for grader in load if grader not in chosen]
    assert not chosen or not left or max(load[grader] for grader in chosen) <= min(left)

"""The recount sees every kind of loss and doubling; else a clean run would prove nothing."""

from __future__ import annotations

import pytest

from chaos import recount
from chaos.plan import Person
from chaos.recount import Row

CROWD = [Person(0), Person(1, has_second=True)]
LINES = [
    {"person": 0, "device": 0, "key": "k0", "code": "c0"},
    {"person": 1, "device": 0, "key": "k1", "code": "c1"},
    {"person": 1, "device": 1, "key": "k2", "code": "c2"},
]
ROWS = [Row((0, 0), "k0", "c0", True, 1), Row((1, 0), "k1", "c1", True, 1), Row((1, 1), "k2", "c2", True, 1)]


def test_what_holds_is_counted_as_holding():
    verdict = recount.judge(CROWD, LINES, ROWS)

    assert (verdict.submitted, verdict.acknowledged, verdict.checked) == (3, 3, 3)
    assert (verdict.lost, verdict.doubled) == (0, 0)


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        (None, "missing"),
        (Row((0, 0), "k0", "c0", False, 1), "missing"),
        (Row((0, 0), "other", "c0", True, 1), "missing"),
        (Row((1, 0), "k0", "c0", True, 1), "missing"),
        (Row((0, 0), "k0", "c0", True, 0), "unchecked"),
    ],
    ids=["no row", "other words", "other key", "another person's", "no facts"],
)
def test_what_was_acknowledged_and_is_not_there_in_full_is_lost(row, lost):
    verdict = recount.judge(CROWD, LINES, ROWS[1:] + ([row] if row else []))

    assert verdict.lost == 1
    assert getattr(verdict, lost) == 1


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([*ROWS, Row((0, 0), "k9", "c9", True, 1)], LINES),
        ([*ROWS, Row(None, "k9", "c9", False, 1)], LINES),
        (ROWS, [*LINES, {"person": 0, "device": 0, "key": "k0", "code": "c9"}]),
    ],
    ids=["a second row", "nobody's row", "two receipts of one form"],
)
def test_what_is_there_twice_is_doubled(rows, lines):
    assert recount.judge(CROWD, lines, rows).doubled == 1


def test_the_second_click_of_one_form_is_one_submission():
    verdict = recount.judge(CROWD, [*LINES, LINES[0]], ROWS)

    assert (verdict.acknowledged, verdict.lost, verdict.doubled) == (3, 0, 0)

"""The arithmetic of the benchmark: ratios, the share of others, and when it judges. No servers."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from bench import slots, yardsticks
from bench.slots import Goal, Result, Ticks

HALF = Goal("pages", "page", "bare page", hold=0.5, source="test")


def test_things_take_turns_and_each_round_keeps_its_own_numbers():
    turns, told = [], []

    def slot(name: str, done: float):
        return lambda: (turns.append(name), done)[1]

    rounds = slots.interleave({"page": slot("page", 30.0), "bare page": slot("bare page", 60.0)}, 2, told.append)

    assert turns == ["page", "bare page", "page", "bare page"]
    assert told == [1, 2]
    assert rounds == [{"page": 30.0, "bare page": 60.0}] * 2


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    quiet, slow, odd = {"page": 60, "bare page": 100}, {"page": 24, "bare page": 40}, {"page": 10, "bare page": 100}

    result = slots.compare(HALF, [quiet, slow, odd])

    assert result.ratios == (0.6, 0.6, 0.1)
    assert result.ratio == 0.6


@pytest.mark.parametrize(("ratios", "holds"), [((0.5,), True), ((0.499,), False), ((0.4, 0.5, 0.9), True)])
def test_a_goal_holds_when_the_median_reaches_it_unrounded(ratios, holds):
    assert Result(HALF, ratios).holds is holds


def test_others_are_what_was_busy_and_not_ours():
    before = Ticks(total=1_000, busy=400, ours=100)
    after = Ticks(total=2_000, busy=1_200, ours=700)

    assert slots.ext(before, after) == pytest.approx(0.2)


@pytest.mark.parametrize("after", [Ticks(total=1_000, busy=400, ours=100), Ticks(total=1_100, busy=450, ours=160)])
def test_a_share_is_never_negative_nor_divided_by_nothing(after):
    assert slots.ext(Ticks(total=1_000, busy=400, ours=100), after) == 0.0


def write_process(proc: Path, pid: int, parent: int, used: tuple[int, int, int, int]) -> None:
    folder = proc / str(pid)
    folder.mkdir()
    columns = ["S", str(parent), *["0"] * 9, *map(str, used), "20"]
    (folder / "stat").write_text(f"{pid} (a name) with (brackets) {' '.join(columns)}\n")


def test_the_counters_are_those_of_all_cores_and_of_our_family(tmp_path):
    (tmp_path / "stat").write_text("cpu  50 5 20 900 25 3 2 10 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
    write_process(tmp_path, 10, 1, (4, 3, 2, 1))
    write_process(tmp_path, 11, 10, (20, 0, 0, 0))
    write_process(tmp_path, 12, 11, (0, 30, 0, 0))
    write_process(tmp_path, 13, 1, (500, 0, 0, 0))

    ticks = slots.ticks(pid=10, proc=tmp_path)

    assert ticks == Ticks(total=1_015, busy=90, ours=60)


def test_a_machine_without_counters_is_not_known(tmp_path):
    assert slots.ticks(pid=10, proc=tmp_path) is None


@pytest.mark.parametrize(
    ("ratio", "share", "status", "words"),
    [
        (0.6, 0.05, 0, "Every goal holds"),
        (0.4, 0.10, 1, "Below the goal: pages"),
        (0.4, 0.11, 0, "Not judged: others used 11%"),
        (0.4, None, 0, "Not judged"),
    ],
)
def test_it_judges_only_on_a_quiet_machine(ratio, share, status, words):
    found, sentence = slots.verdict([Result(HALF, (ratio,))], share)

    assert found == status
    assert words in sentence


def test_the_bare_page_weighs_ten_kilobytes(tmp_path):
    path = tmp_path / "page.sqlite"
    yardsticks.prepare(path)

    app = yardsticks.page_app(str(path))
    answer = app.test_client().get("/")
    app.extensions["engine"].dispose()

    assert yardsticks.TITLE in answer.text
    assert len(answer.data) == pytest.approx(10_240, rel=0.05)


def test_the_bare_insert_keeps_what_it_was_sent(tmp_path):
    path = tmp_path / "insert.sqlite"
    yardsticks.prepare(path)

    app = yardsticks.insert_app(str(path))
    answer = app.test_client().post("/", data={"body": "Hi Ben"})
    app.extensions["engine"].dispose()

    assert answer.status_code == 201
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT body FROM answer").fetchall() == [("Hi Ben",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)

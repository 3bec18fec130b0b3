"""Faults for real, short and seeded: people hand in over HTTP while processes are killed. `make chaos` is longer."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from chaos import plan, run, subjects
from chaos.plan import Database, Plan, Victim
from chaos.recount import receipts

# Seconds after the last submission in which the control may catch up; it never does.
CONTROL_WAITS = 5.0

# A web master takes longest to come back; `make chaos` kills it as well.
QUICK_TO_HEAL = (Victim.QUEUE, Victim.FLUSH, Victim.WEB_WORKER, Victim.WORKER, Victim.TICK)
# In its crowd somebody's network is slow and somebody's connection is reset.
SEED = 5

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]


@pytest.fixture
def home():
    """A short path, because sockets lie inside."""
    with tempfile.TemporaryDirectory(prefix="winnow-chaos-") as folder:
        yield Path(folder)


def test_nothing_acknowledged_is_lost_or_doubled_while_processes_are_killed(home):
    chosen = Plan(submissions=60, kills=5, seed=SEED, only=QUICK_TO_HEAL)
    people = plan.crowd(chosen)
    assert any(person.is_slow for person in people)
    assert any(person.torn_after is not None for person in people)
    assert any(person.has_link for person in people)
    assert any(person.has_file for person in people)

    outcome = run.play(subjects.WINNOW, chosen, home, print)

    assert outcome.holds, (outcome.verdict, outcome.problem, outcome.seconds_after_last_kill)
    kills = [json.loads(line) for line in (home / "kills.jsonl").read_text().splitlines()]
    assert sorted(kill["killed"] for kill in kills) == sorted(victim.value for victim in QUICK_TO_HEAL)
    lines = receipts(home / "receipts.jsonl")
    assert len({(line["person"], line["device"]) for line in lines}) == 60
    assert len(lines) == 60 + 12, "every second click has an acknowledgement of its own"
    assert b"20 applications are scored under version 2" in (home / "rescore.log").read_bytes()


@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="only where PostgreSQL is tested")
def test_nor_while_the_database_server_crashes(home):
    only = (Victim.DATABASE, Victim.WORKER)

    outcome = run.play(
        subjects.WINNOW, Plan(submissions=60, kills=4, seed=SEED, database=Database.POSTGRESQL, only=only), home, print
    )

    assert outcome.holds, (outcome.verdict, outcome.problem, outcome.seconds_after_last_kill)
    assert outcome.kills[Victim.DATABASE.value] == 2


@pytest.mark.skipif("WINNOW_SWEEP" not in os.environ, reason="half a minute: make sweep, and make chaos-control")
def test_the_same_count_sees_what_a_design_with_the_queue_alone_loses(home):
    chosen = Plan(submissions=100, kills=6, seed=SEED, only=(Victim.FLUSH, Victim.WORKER))

    outcome = run.play(subjects.CONTROL, chosen, home, print, CONTROL_WAITS)

    assert outcome.verdict.acknowledged == 100
    assert outcome.verdict.unchecked > 0
    assert not outcome.holds

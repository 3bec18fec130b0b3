"""The plan of a chaos run: by seed, the right number of everything, every victim in turn."""

from __future__ import annotations

from collections import Counter

import pytest

from chaos import plan
from chaos.plan import BadPlan, Database, Plan, Victim


def test_everybody_together_hands_in_as_often_as_was_asked():
    people = plan.crowd(Plan(submissions=1_000))

    assert sum(person.devices for person in people) == 1_000
    assert sum(person.is_double for person in people) == 200
    assert sum(person.has_second for person in people) == 50
    assert not any(person.is_double and person.has_second for person in people)
    assert 0 < sum(person.is_slow for person in people) < 60
    assert 0 < sum(person.torn_after is not None for person in people) < 60
    assert sum(person.has_link for person in people) == sum(person.has_file for person in people) == 28


def test_one_seed_gives_one_plan_and_another_seed_another():
    first, again, other = (Plan(seed=seed) for seed in (1, 1, 2))

    assert plan.strikes(first) == plan.strikes(again) != plan.strikes(other)
    assert plan.crowd(first) == plan.crowd(again) != plan.crowd(other)


@pytest.mark.parametrize("database", Database)
def test_every_victim_falls_about_as_often_and_the_kills_go_on_to_the_end(database):
    chosen = Plan(submissions=10_000, kills=30, database=database)
    strikes = plan.strikes(chosen)
    fallen = Counter(strike.victim for strike in strikes)

    assert len(strikes) == 30
    assert set(fallen) == set(chosen.victims)
    assert max(fallen.values()) - min(fallen.values()) <= 1
    assert (Victim.DATABASE in fallen) is (database is Database.POSTGRESQL)
    assert [strike.after for strike in strikes] == sorted(strike.after for strike in strikes)
    assert strikes[-1].after == 9_950


@pytest.mark.parametrize(
    "settings", [{"SUBMISSIONS": "many"}, {"SUBMISSIONS": "3"}, {"KILLS": "-1"}, {"DATABASE": "mysql"}], ids=str
)
def test_a_setting_that_makes_no_sense_is_one_line(settings):
    with pytest.raises(BadPlan, match="CHAOS_"):
        Plan.from_settings(settings)


def test_settings_left_out_have_their_defaults():
    chosen = Plan.from_settings({"SEED": "7", "DATABASE": "postgresql"})

    assert (chosen.submissions, chosen.kills, chosen.seed) == (10_000, 30, 7)
    assert chosen.database is Database.POSTGRESQL

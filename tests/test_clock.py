import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock

ROOT = Path(__file__).parent.parent
VECTORS = json.loads((Path(__file__).parent / "vectors" / "time.json").read_text(encoding="utf-8"))
at = datetime.fromisoformat


def by_id(rows):
    return [pytest.param(row, id=row["id"]) for row in rows]


@pytest.fixture(params=["Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"])
def machine_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def check_deadline(row):
    local = at(row["local"])
    if row["kind"] == "gap":
        with pytest.raises(clock.WallTimeSkipped) as refused:
            clock.deadline_utc(row["zone"], local)
        assert refused.value.next_valid > local
        clock.deadline_utc(row["zone"], refused.value.next_valid)
    else:
        assert clock.deadline_utc(row["zone"], local) == at(row["utc"])
    stored = clock.stored_deadline_utc(row["zone"], local)
    assert stored == at(row["utc"])
    assert clock.shown(stored, row["zone"], stored).local.strftime("%Y-%m-%d %H:%M:%S %z") == row["shown_local"]


@pytest.mark.parametrize("row", by_id(VECTORS["deadlines"]))
def test_published_deadlines_are_read_and_shown_as_published(row):
    check_deadline(row)


def test_deadlines_do_not_depend_on_the_zone_of_the_machine(machine_zone):
    for row in VECTORS["deadlines"]:
        check_deadline(row)
    for row in VECTORS["extensions"]:
        check_extension(row)
    for row in VECTORS["windows"]:
        check_window(row)
    assert abs(clock.now().timestamp() - time.time()) < 60


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [  # research rows beyond the extract: folds, abolished summer times, whole days
        ("Pacific/Apia", "2026-01-15T23:59:59", "2026-01-15T10:59:59Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T15:15:00Z"),
        ("Africa/Cairo", "2023-07-01T23:59:59", "2023-07-01T20:59:59Z"),
        ("Africa/Cairo", "2026-10-29T23:30:00", "2026-10-29T21:30:00Z"),
        ("America/Ciudad_Juarez", "2026-07-01T23:59:59", "2026-07-02T05:59:59Z"),
        ("Europe/London", "2026-10-25T01:30:00", "2026-10-25T01:30:00Z"),
        ("Asia/Tehran", "2022-07-01T12:00:00", "2022-07-01T07:30:00Z"),
        ("Asia/Almaty", "2024-02-29T12:00:00", "2024-02-29T06:00:00Z"),
    ],
)
def test_deadlines_follow_the_rules_of_their_place(zone, local, utc):
    assert clock.deadline_utc(zone, at(local)) == at(utc)


@pytest.mark.parametrize(
    ("zone", "local", "next_valid", "stored"),
    [
        ("Pacific/Apia", "2011-12-30T00:00:00", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-31T00:00:00", "2011-12-30T22:00:00Z"),
        ("Pacific/Apia", "2011-12-30T23:59:59.999999", "2011-12-31T00:00:00", "2011-12-31T09:59:59.999999Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-04T02:30:00", "2026-10-03T15:45:00Z"),
        ("Africa/Cairo", "2026-04-24T00:00:00", "2026-04-24T01:00:00", "2026-04-23T22:00:00Z"),
        ("America/New_York", "2026-03-08T02:30:00", "2026-03-08T03:00:00", "2026-03-08T07:30:00Z"),
        ("America/Santiago", "2026-09-06T00:30:00", "2026-09-06T01:00:00", "2026-09-06T04:30:00Z"),
        ("Pacific/Chatham", "2026-09-27T02:50:00", "2026-09-27T03:45:00", "2026-09-26T14:05:00Z"),
        ("Antarctica/Troll", "2026-03-29T02:00:00", "2026-03-29T03:00:00", "2026-03-29T02:00:00Z"),
    ],
)
def test_a_skipped_time_is_refused_with_the_next_that_exists(zone, local, next_valid, stored):
    with pytest.raises(clock.WallTimeSkipped) as refused:
        clock.deadline_utc(zone, at(local))

    assert refused.value.next_valid == at(next_valid)
    assert refused.value.next_valid.tzinfo is None
    assert clock.stored_deadline_utc(zone, at(local)) == at(stored)


def test_an_alias_gives_the_same_instants_as_its_new_name():
    local = at("2026-07-01T12:00:00")

    assert clock.deadline_utc("Europe/Kiev", local) == clock.deadline_utc("Europe/Kyiv", local)


def test_the_fold_that_a_form_cannot_know_is_ignored():
    local = at("2026-11-01T01:30:00")

    assert clock.deadline_utc("America/New_York", local) == clock.deadline_utc(
        "America/New_York", local.replace(fold=1)
    )


def test_a_wall_time_with_a_zone_of_its_own_is_refused():
    for read in (clock.deadline_utc, clock.stored_deadline_utc):
        with pytest.raises(ValueError, match="wall time"):
            read("Europe/Paris", at("2026-07-01T12:00:00+02:00"))


@pytest.mark.parametrize("local", ["0001-01-01T00:00:00", "0001-06-01T23:00:00", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
def test_times_at_the_ends_of_the_calendar_are_refused(zone, local):
    with pytest.raises(clock.TimeRefused):
        clock.deadline_utc(zone, at(local))


def check_extension(row):
    start = clock.deadline_utc(row["zone"], at(row["deadline_local"]))
    assert clock.add_days(start, row["extend_days"], row["zone"]) == at(row["expect_utc"])


@pytest.mark.parametrize("row", by_id(VECTORS["extensions"]))
def test_published_extensions_keep_the_hour_on_the_wall(row):
    check_extension(row)


def test_an_extension_into_a_repeated_hour_gives_the_later_one():
    start = clock.deadline_utc("America/New_York", at("2026-10-31T01:30:00"))

    assert clock.add_days(start, 1, "America/New_York") == at("2026-11-01T06:30:00Z")


def test_an_extension_onto_a_day_that_never_was_moves_past_it():
    start = clock.deadline_utc("Pacific/Apia", at("2011-12-29T12:00:00"))

    moved = clock.add_days(start, 1, "Pacific/Apia")

    assert clock.shown(moved, "Pacific/Apia", moved).local.replace(tzinfo=None) == at("2011-12-31T12:00:00")


@pytest.mark.parametrize("days", [10**7, -(10**6), 10**12])
def test_an_extension_past_the_calendar_is_refused(days):
    with pytest.raises(clock.TimeRefused):
        clock.add_days(at("2026-01-01T00:00:00Z"), days, "UTC")


def test_days_are_not_added_to_a_time_without_a_zone():
    with pytest.raises(clock.TimeRefused):
        clock.add_days(at("2026-01-01T00:00:00"), 1, "UTC")


def check_window(row):
    duration = timedelta(minutes=row["duration_min"])
    multiplier = 1 + Fraction(row["extra_time_pct"], 100)

    end = clock.cutoff(at(row["started_utc"]), duration, multiplier, at(row["closes_utc"]), timedelta())

    hard = end + timedelta(seconds=row["grace_s"])
    received = at(row["received_utc"])
    assert hard == at(row["hard_cutoff_utc"])
    assert ("on_time" if received <= end else "grace" if received <= hard else "late") == row["expect"]


@pytest.mark.parametrize("row", by_id(VECTORS["windows"]))
def test_published_windows_close_as_published(row):
    check_window(row)


def test_without_a_personal_timer_only_the_window_and_its_extension_count():
    start, close = at("2026-11-01T09:00:00Z"), at("2026-11-05T12:00:00Z")

    assert clock.cutoff(start, None, 1, close, timedelta(days=2)) == at("2026-11-07T12:00:00Z")
    assert clock.cutoff(start, None, 3, close, timedelta()) == close


def test_a_personal_timer_runs_in_elapsed_time_across_a_clock_change():
    start = at("2026-11-01T01:30:00").replace(tzinfo=ZoneInfo("America/New_York"))  # the first 01:30

    end = clock.cutoff(start, timedelta(hours=2), 1, at("2026-11-02T00:00:00Z"), timedelta())

    assert end == at("2026-11-01T07:30:00Z")
    assert end.tzinfo is UTC


def test_extra_time_is_exact_and_rounds_up():
    start, close = at("2026-11-01T09:00:00Z"), at("2026-11-05T12:00:00Z")

    end = clock.cutoff(start, timedelta(microseconds=10), Fraction(4, 3), close, timedelta())

    assert end - start == timedelta(microseconds=14)


@pytest.mark.parametrize(
    ("duration", "multiplier", "extra"),
    [
        (timedelta(hours=1), Fraction(1, 2), timedelta()),
        (timedelta(hours=1), 0, timedelta()),
        (timedelta(hours=-1), 1, timedelta()),
        (None, 1, timedelta(seconds=-1)),
        (timedelta(hours=1), 10**15, timedelta()),
        (None, 1, timedelta.max),
    ],
)
def test_a_cutoff_that_takes_time_away_or_never_comes_is_refused(duration, multiplier, extra):
    with pytest.raises(clock.TimeRefused):
        clock.cutoff(at("2026-11-01T09:00:00Z"), duration, multiplier, at("2026-11-05T12:00:00Z"), extra)


@pytest.mark.parametrize(
    ("start", "close"),
    [("2026-11-01T09:00:00", "2026-11-05T12:00:00Z"), ("2026-11-01T09:00:00Z", "2026-11-05T12:00:00")],
)
def test_a_cutoff_needs_instants(start, close):
    with pytest.raises(clock.TimeRefused):
        clock.cutoff(at(start), timedelta(hours=1), 1, at(close), timedelta())


@pytest.mark.parametrize("row", [pytest.param(row, id=ascii(row["key"])[:30]) for row in VECTORS["zone_keys"]])
def test_published_zone_names_are_taken_or_refused(row):
    if row["accept"]:
        assert clock.zone(row["key"]).key == row["key"]
    else:
        with pytest.raises(clock.UnknownZone):
            clock.zone(row["key"])


@pytest.mark.parametrize(
    "name",
    [
        "MST",
        "HST",
        "GMT0",
        "GMT+0",
        "GMT-0",
        "UTC+3",
        "-03:00",
        "Z",
        "posix/UTC",
        "right/Europe/London",
        "zone.tab",
        "tzdata.zi",
        "Europe",
        "Europe/",
        "/Europe/London",
        "./UTC",
        "Europe/../UTC",
        "..",
        " UTC",
        "UTC\n",
        "utc",
        "Europe/Londres",
        "Europe\\London",
        "\x00",
        "\ud800",
        "Europe/London\x00.txt",
        "__init__.py",
        "%00",
        "🕰",
    ],
)
def test_what_names_no_place_is_refused(name):
    with pytest.raises(clock.UnknownZone):
        clock.zone(name)


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("aeunrot/._-+GMTU0123", max_size=20))
def test_any_text_is_a_zone_or_a_refusal(name):
    try:
        assert clock.zone(name).key == name
    except clock.UnknownZone as refused:
        assert refused.suggestion is None or refused.suggestion.casefold() == name.casefold()


@pytest.mark.parametrize("name", ["Asia/Calcutta", "America/Buenos_Aires", "US/Pacific", "Etc/UTC", "GMT", "Japan"])
def test_older_names_that_browsers_send_are_kept(name):
    assert clock.zone(name).key == name


def test_the_right_spelling_is_offered():
    with pytest.raises(clock.UnknownZone) as refused:
        clock.zone("europe/london")

    assert refused.value.suggestion == "Europe/London"


def test_every_function_refuses_an_unknown_zone():
    instant = at("2026-01-01T00:00:00Z")

    for act in (
        lambda: clock.deadline_utc("EST", at("2026-01-01T00:00:00")),
        lambda: clock.stored_deadline_utc("EST", at("2026-01-01T00:00:00")),
        lambda: clock.add_days(instant, 1, "EST"),
        lambda: clock.shown(instant, "EST", instant),
    ):
        with pytest.raises(clock.UnknownZone):
            act()


def test_the_present_is_an_instant_in_utc():
    assert clock.now().tzinfo is UTC


def test_the_zone_data_is_the_pinned_package_and_no_older_copy(tmp_path):
    (tmp_path / "Europe").mkdir()
    fake = tmp_path / "Europe" / "London"
    packaged = Path(sys.modules["tzdata"].__file__).parent / "zoneinfo" / "Asia" / "Tokyo"
    fake.write_bytes(packaged.read_bytes())
    code = (
        "from zoneinfo import ZoneInfo; from datetime import datetime; early = ZoneInfo('Europe/London'); "
        "from app import clock; moment = datetime.fromisoformat('2026-07-01T12:00:00'); "
        "print(early.utcoffset(moment), clock.deadline_utc('Europe/London', moment).hour)"
    )
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path), "TZ": "Asia/Tokyo"}

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert result.stdout.split() == ["9:00:00", "11"]


def test_the_version_of_the_zone_data_is_known():
    assert clock.tzdata_version() == sys.modules["tzdata"].IANA_VERSION


def test_the_list_of_zones_has_utc_first_and_regions_together():
    choices = clock.zone_choices(at("2026-07-01T12:00:00Z"))

    regions = [choice.region for choice in choices]
    assert [choice.name for choice in choices[:2]] == ["UTC", "Etc/GMT+12"]
    assert len([1 for one, other in pairwise(regions) if one != other]) == len(set(regions)) - 1
    assert len({(choice.region, choice.place) for choice in choices}) == len(choices)


def test_the_list_of_zones_names_places_and_no_aliases():
    choices = {choice.name: choice for choice in clock.zone_choices(at("2026-07-01T12:00:00Z"))}

    assert {"Europe/Kyiv", "Europe/Stockholm", "Asia/Kolkata", "America/Argentina/Buenos_Aires"} <= choices.keys()
    assert not {"Europe/Kiev", "Asia/Calcutta", "EST", "US/Pacific", "Etc/UTC", "GMT", "Etc/GMT-3"} & choices.keys()
    assert all(clock.zone(name) for name in choices)
    assert choices["America/Argentina/Buenos_Aires"].place == "Buenos Aires, Argentina"
    assert (choices["Asia/Kathmandu"].offset, choices["Asia/Kathmandu"].offset_minutes) == ("UTC+05:45", 345)


def test_the_list_of_zones_follows_the_season():
    summer, winter = (
        {choice.name: choice.offset_minutes for choice in clock.zone_choices(at(moment))}
        for moment in ("2026-07-01T12:00:00Z", "2026-01-01T12:00:00Z")
    )

    assert (summer["Europe/Berlin"], winter["Europe/Berlin"]) == (120, 60)
    assert (summer["America/Sao_Paulo"], winter["America/Sao_Paulo"]) == (-180, -180)


@pytest.mark.parametrize(
    ("zone", "place", "offset", "local"),
    [
        ("America/Sao_Paulo", "Sao Paulo", "UTC−03:00", "2026-07-01 09:00"),
        ("Asia/Kathmandu", "Kathmandu", "UTC+05:45", "2026-07-01 17:45"),
        ("America/St_Johns", "St Johns", "UTC−02:30", "2026-07-01 09:30"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "UTC−03:00", "2026-07-01 09:00"),
        ("UTC", "UTC", "UTC+00:00", "2026-07-01 12:00"),
        ("Etc/UTC", "UTC", "UTC+00:00", "2026-07-01 12:00"),
        ("Etc/GMT+12", "Anywhere on Earth", "UTC−12:00", "2026-07-01 00:00"),
        ("Etc/GMT-5", "UTC+05:00", "UTC+05:00", "2026-07-01 17:00"),
        ("Europe/Kiev", "Kiev", "UTC+03:00", "2026-07-01 15:00"),
    ],
)
def test_a_shown_time_has_everything_a_page_says(zone, place, offset, local):
    shown = clock.shown(at("2026-07-01T14:00:00+02:00"), zone, at("2026-06-29T08:00:00Z"))

    assert (shown.place, shown.offset, shown.local.strftime("%Y-%m-%d %H:%M")) == (place, offset, local)
    assert (shown.iso, shown.utc) == ("2026-07-01T12:00:00Z", at("2026-07-01T12:00:00Z"))
    assert shown.utc.tzinfo is UTC
    assert shown.left == timedelta(days=2, hours=4)


def test_an_old_local_time_is_shown_with_its_seconds():
    shown = clock.shown(at("1960-01-01T00:00:00Z"), "Africa/Monrovia", at("1960-01-01T00:00:00Z"))

    assert shown.offset == "UTC−00:44:30"


def test_time_left_is_elapsed_time_and_negative_when_it_has_passed():
    new_york = ZoneInfo("America/New_York")
    evening = at("2026-10-31T20:00:00").replace(tzinfo=new_york)
    next_evening = at("2026-11-01T20:00:00").replace(tzinfo=new_york)

    assert clock.shown(next_evening, "UTC", evening).left == timedelta(hours=25)
    assert clock.shown(evening, "UTC", next_evening).left == timedelta(hours=-25)


@pytest.mark.parametrize(
    ("instant", "moment"),
    [("2026-01-01T00:00:00", "2026-01-01T00:00:00Z"), ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00")],
)
def test_a_time_without_a_zone_is_never_shown(instant, moment):
    with pytest.raises(clock.TimeRefused):
        clock.shown(at(instant), "UTC", at(moment))


@cache
def transitions(name):
    """The instants from 2020 to 2030 at which a zone's clocks change, found by looking at every day."""
    place = clock.zone(name)

    def offset(instant):
        return instant.astimezone(place).utcoffset()

    found = []
    days = [at("2020-01-01T00:00:00Z") + timedelta(days=count) for count in range(11 * 366)]
    for low, high in pairwise(days):
        if offset(low) != offset(high):
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
    return found


ZONES = sorted(choice.name for choice in clock.zone_choices(at("2026-01-01T00:00:00Z")))
MIDDLE = None


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from([-1, 0, 1, MIDDLE]), st.integers(0, 99))
def test_storing_showing_and_reading_again_never_makes_a_deadline_earlier(name, seconds, number):
    changes = transitions(name) or [at("2026-01-01T00:00:00Z")]
    change = changes[number % len(changes)]
    meant = change + timedelta(seconds=seconds or 0)
    wall = meant.astimezone(clock.zone(name)).replace(tzinfo=None)
    if seconds is MIDDLE:  # of the skipped or of the repeated wall time, between the offsets on both sides
        jump = (change - timedelta(seconds=1)).astimezone(clock.zone(name)).replace(tzinfo=None) - wall
        wall += (jump + timedelta(seconds=1)) / 2

    check_never_earlier(name, wall, meant)


def check_never_earlier(name, wall, meant):
    stored = clock.stored_deadline_utc(name, wall)
    shown = clock.shown(stored, name, meant)
    again = clock.deadline_utc(name, shown.local.replace(tzinfo=None))

    assert again >= stored >= meant
    assert at(shown.iso) == stored


# Every zone in the sweep, one in thirty here.
@pytest.mark.parametrize("name", ZONES if os.environ.get("WINNOW_SWEEP") else ZONES[::30])
def test_around_every_change_of_a_zone_nothing_is_ever_earlier(name):
    for change in transitions(name):
        for meant in (change + timedelta(seconds=seconds) for seconds in (-3600, -1801, -1, 0, 1, 1799, 3599)):
            check_never_earlier(name, meant.astimezone(clock.zone(name)).replace(tzinfo=None), meant)

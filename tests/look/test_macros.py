"""What the components say, without a browser."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, get_template_attribute
from markupsafe import Markup


def say(site: Flask, macro: str, *values: object, lang: str = "en", **named: object) -> str:
    """Render one macro as a page in `lang` would."""
    with site.test_request_context(f"/?lang={lang}"):
        return str(get_template_attribute("_macros.html", macro)(*values, **named))


def words(html: str) -> str:
    return " ".join(Markup(re.sub(r"\{#.*?#\}", "", html)).striptags().split())


def moment(zone: str, place: str, offset: str, left: timedelta) -> SimpleNamespace:
    utc = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)
    local = utc.astimezone(ZoneInfo(zone))
    return SimpleNamespace(iso=utc.isoformat(), local=local, place=place, offset=offset, utc=utc, left=left)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (
            moment("America/Sao_Paulo", "São Paulo", "UTC−03:00", timedelta(days=2, hours=4, minutes=59)),
            "Fri 12 Mar 2027, 18:00 São Paulo (UTC−03:00) · 21:00 UTC · in 2 days 4 hours",
        ),
        (
            moment("Asia/Manila", "Manila", "UTC+08:00", timedelta(hours=-3, minutes=-5)),
            "Sat 13 Mar 2027, 05:00 Manila (UTC+08:00) · Fri 12 Mar, 21:00 UTC · 3 hours 5 minutes ago",
        ),
        (moment("UTC", "UTC", "UTC+00:00", timedelta(seconds=40)), "Fri 12 Mar 2027, 21:00 UTC · now"),
    ],
)
def test_a_time_names_the_place_utc_and_how_long_from_now(site: Flask, shown: SimpleNamespace, text: str) -> None:
    assert words(say(site, "time", shown)) == text


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=6), "in 6 days"),
        (timedelta(days=29, hours=23, minutes=59), "in 29 days 23 hours"),
        (timedelta(hours=23, minutes=59, seconds=59), "in 23 hours 59 minutes"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(0), "now"),
    ],
)
def test_what_is_left_is_never_rounded_up(site: Flask, left: timedelta, text: str) -> None:
    assert words(say(site, "left", "2027-03-12T21:00:00+00:00", left)) == text


def test_two_unnamed_answers_look_the_same_but_for_their_code(site: Flask) -> None:
    one, other = say(site, "code_avatar", "K7Q-2M"), say(site, "code_avatar", "B3X-9T")

    assert one.replace("K7Q-2M", "").replace(">K7<", "><") == other.replace("B3X-9T", "").replace(">B3<", "><")


def test_a_message_is_shown_as_text(site: Flask) -> None:
    html = say(site, "message", "<b>Ben</b>", "ben@example.com", "<i>hi</i>", "<script>alert(1)</script>")

    assert "<script>" not in html and "<i>" not in html and "<b>Ben" not in html


def test_cannot_judge_is_apart_from_level_zero(site: Flask) -> None:
    criterion = SimpleNamespace(key="tone", name="Tone", meaning="", anchors=("a", "b", "c", "d"))

    zero, cannot, none = (say(site, "levels", criterion, chosen) for chosen in (0, "cannot", None))

    assert re.findall(r'value="(\w+)"[^>]*checked', zero) == ["0"]
    assert re.findall(r'value="(\w+)"[^>]*checked', cannot) == ["cannot"]
    assert "checked" not in none


def test_an_unknown_score_is_not_a_zero(site: Flask) -> None:
    assert "svg" not in say(site, "score_bar", None, "Tone")
    assert 'width="0"' in say(site, "score_bar", 0, "Tone").replace('width="0.0"', 'width="0"')


def test_a_nested_region_keeps_the_colour_of_its_root(site: Flask) -> None:
    assert "region-emea" in say(site, "region_tag", "EMEA-DACH", "DACH")
    assert say(site, "region_tag", "LATAM", "Latin America") == say(site, "region_tag", "LATAM", "Latin America")
    assert re.search(r"region-spare-[123]", say(site, "region_tag", "LATAM", "Latin America"))

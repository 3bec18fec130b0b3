"""How somebody came: cleaned, first and last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.services import touches

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def landing(referrer=None, path="/jobs", **query):
    return touches.landing(path, query, referrer, NOW)


def test_a_landing_keeps_codes_and_the_host():
    found = landing("www.Board.example", src="aB3-_", utm_source="board", utm_medium="cpc", utm_campaign=" spring ")

    assert (found.token, found.utm_source, found.utm_medium, found.utm_campaign) == ("aB3-_", "board", "cpc", "spring")
    assert found.referrer == "www.board.example"


def test_a_landing_that_says_nothing_is_known_as_such():
    assert not landing().says_where_from
    assert landing("board.example").says_where_from
    assert landing(src="x").says_where_from


@pytest.mark.parametrize("token", ["", "a b", "a\n", "a" * 65, "<script>", "é", "a/b", "a\x00"])
def test_a_token_that_is_not_ours_is_left_out(token):
    assert landing(src=token).token is None


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\u202eb", "a\x1b[31m", "a\u200bb", "\ud800"])
def test_characters_that_cannot_be_read_are_refused(text):
    assert landing(utm_source=text).utm_source is None


@pytest.mark.parametrize("host", ["a b", "ä.example", "a" * 121, "a\nb", "<b>", "[::1"])
def test_a_host_that_is_none_is_left_out(host):
    assert landing(host).referrer is None


@given(some.text(), some.text(), some.text(max_size=300))
def test_whatever_strangers_write_fits_and_comes_back(path, host, text):
    found = touches.landing(path, {"src": text, "utm_source": text, "utm_campaign": text}, host, NOW)

    assert touches.from_json(touches.as_json(found)) == found
    assert len(found.path) <= 120
    assert all(len(value) <= 60 for value in (found.utm_source, found.utm_campaign) if value)
    assert not any(
        letter < " " for value in (found.path, found.utm_source, found.referrer) if value for letter in value
    )

"""When a request came: once, and from a proxy's word only where a proxy is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import arrivals, clock

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


EARLIER = NOW - timedelta(seconds=30)


@pytest.mark.parametrize(
    "written",
    [
        f"t={seconds(EARLIER)}",
        f"t={seconds(EARLIER)}.000",
        seconds(EARLIER),
        f"{seconds(EARLIER)}.000000",
        f"t={seconds(EARLIER)}000",
        f"{seconds(EARLIER)}000",
        f"t={seconds(EARLIER)}000000",
        f" t={seconds(EARLIER)}.0 ",
    ],
)
def test_the_moment_of_a_proxy_is_read_in_each_unit(written):
    assert arrivals.believed(written, NOW) == EARLIER


def test_fractions_are_kept():
    assert arrivals.believed(f"t={seconds(EARLIER)}.25", NOW) == EARLIER + timedelta(milliseconds=250)
    assert arrivals.believed(f"t={seconds(EARLIER)}250.5", NOW) == EARLIER + timedelta(microseconds=250_500)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "t=",
        "yesterday",
        "t=-1763812800",
        "t=1e9",
        "t=12345",
        "t=١٧٦٣٨١٢٨٠٠",
        f"t={seconds(EARLIER)}, t={seconds(EARLIER)}",
        f"t={seconds(NOW + timedelta(seconds=1))}",
        f"t={seconds(NOW - timedelta(seconds=301))}",
        "9" * 16,
        "t=99999999999999999999",
    ],
)
def test_what_is_missing_malformed_future_or_old_is_not_believed(written):
    assert arrivals.believed(written, NOW) == NOW


def test_five_minutes_ago_is_still_believed():
    assert arrivals.believed(f"t={seconds(NOW - timedelta(minutes=5))}", NOW) == NOW - timedelta(minutes=5)


@given(st.text(max_size=40))
def test_no_header_moves_a_moment_out_of_its_five_minutes(written):
    assert NOW - arrivals.LONGEST_AGO <= arrivals.believed(written, NOW) <= NOW


@pytest.mark.parametrize(("proxies", "is_believed"), [(0, False), (1, True)])
def test_only_a_trusted_proxy_is_believed(ctx, monkeypatch, proxies, is_believed):
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], proxies=proxies))
    before = clock.now() - timedelta(seconds=60)
    with ctx.test_request_context(headers={"X-Request-Start": f"t={seconds(before)}"}):
        ctx.full_dispatch_request()

        took = clock.now() - arrivals.received_at()

    assert (took > timedelta(seconds=59)) is is_believed

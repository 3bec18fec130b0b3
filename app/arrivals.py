"""When a request came: once, at its start, so that a slow upload is not late.

Our web processes take the whole of a request in before they work on it, and say when its first byte came (`web.py`). A
proxy that does the same knows an earlier moment and says it in X-Request-Start; it is believed only behind proxies that
WINNOW_PROXIES counts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app, g, request, request_started

from app import clock

HEADER = "X-Request-Start"
ENVIRON = "winnow.began_at"
"""Where the web process writes when the first byte came, as an aware datetime."""

LONGEST_AGO = timedelta(minutes=5)
# "t=1763800000.123": seconds (nginx's ${msec}), milliseconds (Heroku) or microseconds (Apache's %t) since 1970.
_WRITTEN = re.compile(r"(?:t=)?(\d{10,16})(?:\.(\d{1,6}))?", re.ASCII)
_PER_SECOND = {10: 1, 13: 1_000, 16: 1_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def init_app(app: Flask) -> None:
    """Note the moment before anything else is done with a request."""
    request_started.connect(_note, app)


def _note(_sender: Flask, **_: object) -> None:
    began_at: datetime = request.environ.get(ENVIRON) or clock.now()
    is_behind_proxy = current_app.config["WINNOW"].proxies > 0
    g.arrived_at = believed(request.headers.get(HEADER), began_at) if is_behind_proxy else began_at


def received_at() -> datetime:
    """When the request that is being answered came."""
    arrived_at: datetime = g.arrived_at
    return arrived_at


def believed(written: str | None, now: datetime) -> datetime:
    """The moment in the header, or `now` where it is missing, malformed, in the future or over five minutes ago."""
    said = _read(written) if written else None
    return said if said is not None and timedelta() <= now - said <= LONGEST_AGO else now


def _read(written: str) -> datetime | None:
    found = _WRITTEN.fullmatch(written.strip())
    whole, fraction = found.groups() if found else ("", None)
    per_second = _PER_SECOND.get(len(whole))
    if per_second is None:
        return None
    microseconds = int(whole) * (1_000_000 // per_second)
    if fraction:
        microseconds += int(fraction.ljust(6, "0")) // per_second
    return _EPOCH + timedelta(microseconds=microseconds)

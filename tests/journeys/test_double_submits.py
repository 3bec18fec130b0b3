"""Handing in twice at the same moment, against real processes: everybody's two answers are one receipt.

Sixty people here, two thousand with WINNOW_SWEEP. And what the web processes say about themselves.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import clock, create_app, launcher, tokens
from app.extensions import db
from app.models import Attempt, Heartbeat, Outage, Submission
from bench import client, product, servers
from bench.product import Visitor
from config import Config
from tests.conftest import SECRET, fresh_database
from tests.invariants import assert_invariants

PEOPLE = 2_000 if os.environ.get("WINNOW_SWEEP") else 60
AT_ONCE = 10
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@dataclass(frozen=True)
class Site:
    """Two web processes on one socket, the application beside them, and the people who have started."""

    app: Flask
    settings: dict[str, str]
    folder: Path
    visitors: list[Visitor]

    def serving(self):
        """Run the web processes."""
        settings = {**self.settings, "SECRET_KEY": SECRET}
        return servers.serving("web", "app:create_app()", self.folder, 2, launcher.WORKER_CLASS, settings)


@pytest.fixture(params=[2])
def site(request, tmp_path, queue_url) -> Iterator[Site]:
    """A database of its own with people at work."""
    server = os.environ.get("TEST_DATABASE_URL")
    url = fresh_database(server, f"winnow_double_{WORKER}") if server else f"sqlite:///{tmp_path / 'winnow.sqlite'}"
    settings = {"WINNOW_HOME": str(tmp_path), "REDIS_URL": queue_url, "DATABASE_URL": url}
    app = create_app(Config.from_environ({**settings, "SECRET_KEY": SECRET}))
    with app.app_context():
        opening = product.open_first(app)
        started = [product.start(opening, number).invitation.application_id for number in range(request.param)]
        db.session.commit()
    # Each in a context of its own, as browsers are: else they would share the token of the first form.
    visitors = [product.visit(app, application_id) for application_id in started]
    with app.app_context():
        yield Site(app, settings, tmp_path, visitors)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def location(answer: bytes) -> bytes:
    """Where a 303 leads; what was answered instead otherwise."""
    head = answer.partition(b"\r\n\r\n")[0]
    found = [line[10:] for line in head.split(b"\r\n") if line.lower().startswith(b"location: ")]
    return found[0] if head.startswith(b"HTTP/1.1 303") and found else answer[:300]


def press_twice(place: Path, request: bytes) -> tuple[bytes, bytes]:
    """Two connections that send the same form at the same moment."""
    gate = threading.Barrier(2)

    def press() -> bytes:
        gate.wait(30)
        return location(client.ask(place, request))

    with ThreadPoolExecutor(2) as fingers:
        first, second = fingers.submit(press), fingers.submit(press)
        return first.result(), second.result()


def form(visitor: Visitor, **changes: str) -> bytes:
    fields = {"csrf_token": visitor.csrf_token, "key": tokens.fresh(), "revision": "0", "answer-reply": product.REPLY}
    return client.post(product.SUBMIT, fields | changes, visitor.cookie)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("site", [PEOPLE], indirect=True)
def test_everybody_who_presses_twice_has_one_receipt(site):
    with site.serving() as place, ThreadPoolExecutor(AT_ONCE) as crowd:
        pairs = list(crowd.map(lambda visitor: press_twice(place, form(visitor, is_final="y")), site.visitors))

    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    codes = {b"/my/receipts/" + code.encode() for (code,) in db.session.query(Submission.code)}
    assert {first for first, _second in pairs} == codes
    assert len(codes) == PEOPLE
    assert_invariants()


def test_id15_ten_at_once_are_ten_versions_of_which_one_stands(site):
    visitor = site.visitors[0]
    requests = [form(visitor, **{"answer-reply": f"Version {number}"}) for number in range(10)]
    with site.serving() as place, ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda request: client.ask(place, request), requests))

    # Each but the first says that other words were saved meanwhile, and shows both; none is lost or doubled.
    taken = [answer for answer in answers if answer.startswith(b"HTTP/1.1 303")]
    refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 409")]
    numbers = sorted(number for (number,) in db.session.query(Submission.number))
    assert len(taken) + len(refused) == 10
    assert numbers == list(range(1, len(taken) + 1))
    assert db.session.query(Attempt).filter(Attempt.submission_count == len(taken)).count() == 1


def test_the_web_says_that_it_is_there_and_notes_how_long_it_was_away(site):
    with site.serving():
        first = db.session.query(Heartbeat).one().beat_at
    away_since = clock.now() - timedelta(minutes=7)
    db.session.query(Heartbeat).update({"beat_at": away_since})
    db.session.commit()

    with site.serving() as place:
        page = client.ask(place, client.get(product.WORKSPACE, site.visitors[0].cookie)).decode()

    db.session.expire_all()
    outage = db.session.query(Outage).one()
    assert first < outage.ended_at
    assert outage.began_at == away_since
    assert "We were away for" in page

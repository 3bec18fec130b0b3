"""What runs after the reader has the page."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from flask import Flask

from app import afterwards, clock
from app.extensions import db
from app.models import Region
from app.services import company


@pytest.fixture
def pages(ctx):
    """Ask for a page that does something later; gives the answer before and after it was closed."""

    def ask(function):
        with ctx.test_request_context("/"):
            ctx.preprocess_request()
            afterwards.later(function)
            return ctx.process_response(ctx.make_response("words"))

    return ask


def test_it_runs_when_the_answer_is_closed_and_not_before(pages):
    calls = []
    answer = pages(lambda: calls.append(1))
    assert calls == []

    answer.close()

    assert calls == [1]


def test_it_writes_in_a_transaction_of_its_own(pages):
    answer = pages(lambda: company.found("Example", clock.now()))

    answer.close()
    db.session.rollback()

    assert company.get() is not None


def test_what_goes_wrong_is_logged_and_leaves_nothing_behind(pages, monkeypatch):
    log = Mock()
    monkeypatch.setattr(afterwards, "log", log)

    def half_done():
        company.found("Example", clock.now())
        raise ValueError("half done")

    pages(half_done).close()

    assert log.error.call_args.args == ("afterwards_failed",)
    assert db.session.query(Region).count() == 0


def test_the_app_is_known_there(pages, ctx):
    seen: list[Flask] = []

    pages(lambda: seen.append(db.session.get_bind() and ctx)).close()

    assert seen == [ctx]

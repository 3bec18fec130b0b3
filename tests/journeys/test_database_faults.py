"""The database takes nothing while a candidate writes and hands in: what they see, and that it ends in one receipt."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect
from sqlalchemy import event

from app.extensions import db, reading
from app.models import Attempt, Submission
from tests import factories as make
from tests.journeys.test_candidate_journey import SAVED, accessible, apply, nothing_sticks_out, opening_of, phone, start

__all__ = ["phone"]
pytestmark = pytest.mark.browser
LONG = make.GOOD_REPLY + "\n\n" + "And some more, so that it needs room. " * 120


@contextmanager
def every_connection(live, prepare):
    """Each connection for writing is made anew and prepared like this for as long as the block lasts."""
    with live.app.app_context():
        engine = db.engine
    event.listen(engine, "connect", prepare)
    engine.dispose()
    yield
    event.remove(engine, "connect", prepare)
    engine.dispose()


def full_disk(live):
    """SQLite may not take another page, and none is free."""
    with live.app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("tests/chaos fills the disk of SQLite only")
        with closing(sqlite3.connect(db.engine.url.database)) as database:
            database.execute("VACUUM")

    def fill(connection, _record):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    return every_connection(live, fill)


def read_only(live):
    """The database answers and may not be written, as after a failed disk or a failover."""

    def forbid(connection, _record):
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("SET default_transaction_read_only = on")
            connection.commit()

    return every_connection(live, forbid)


def stored(live):
    """What was handed in; read only, as the fault allows."""
    with live.app.app_context(), reading():
        return [entry.answers for entry in db.session.query(Submission)]


FAULTS = pytest.mark.parametrize(("fault", "status"), [(full_disk, 507), (read_only, 503)], ids=["full", "read-only"])


@FAULTS
def test_the_form_stands_on_the_page_again_and_ends_in_one_receipt(live, phone, fault, status):
    apply(phone, opening_of(live))
    start(phone)
    hand_in = phone.get_by_role("button", name="Hand in")

    with fault(live):
        phone.get_by_label("Your reply to Ben").fill(LONG)
        for button in (hand_in, phone.get_by_role("button", name="Send again")):
            with phone.expect_response(lambda answer: answer.request.is_navigation_request()) as answered:
                button.click()
            assert answered.value.status == status
            expect(phone.get_by_role("heading", name="We cannot save right now")).to_be_visible()
            expect(phone.get_by_text("And some more, so that it needs room.")).to_be_visible()
        nothing_sticks_out(phone)
        accessible(phone)
        nothing_stored = stored(live)
    phone.get_by_role("button", name="Send again").click()

    expect(phone.get_by_role("heading", name="Your answer has arrived")).to_be_visible()
    assert nothing_stored == []
    assert stored(live) == [{"reply": LONG}]
    assert phone.evaluate("Object.keys(localStorage)") == []


def test_words_typed_meanwhile_survive_a_reload_and_are_saved_later(live, phone):
    apply(phone, opening_of(live))
    start(phone)
    field, state = phone.get_by_label("Your reply to Ben"), phone.locator("[data-save-state]")

    with read_only(live):
        field.fill("Written while nothing could be saved")
        expect(state).to_contain_text("kept in this browser")
        phone.reload()
        expect(field).to_have_value("Written while nothing could be saved")
    field.press_sequentially(".")

    expect(state).to_have_text(SAVED)
    with live.app.app_context():
        assert db.session.query(Attempt).one().draft == {"reply": "Written while nothing could be saved."}

"""A full disk, a read-only file and a locked database: a clear page, the words kept, nothing half-written."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import InternalError

from app import create_app, extensions
from app.extensions import db
from chaos import people
from chaos.plan import Person
from chaos.wire import Answer
from config import Config

WORKSPACE, SUBMIT = f"/my/{people.SLUG}/answer", f"/my/{people.SLUG}/submit"

WORDS = Person(0).words(0) + "\n" + "And some more, so that it needs room. " * 100
TABLES = ("submission", "work", "mail", "audit_event")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data folder with one person who has started, and their link."""
    home = tmp_path_factory.mktemp("faults")
    (link,) = people.prepare({"WINNOW_HOME": str(home)}, 1, lambda _line: None)
    with closing(sqlite3.connect(home / "winnow.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home, link


class Desk:
    """The person's browser, with the form open and the words typed; `app` can be replaced beneath it."""

    def __init__(self, home, link):
        self.home = home
        self.app = self.new_app()
        self.browser = self.app.test_client()
        page = self.browser.get(link)
        self.browser.post(link, data={"csrf_token": self.fields_of(page, "csrf_token")["csrf_token"]})
        page = self.browser.get(WORKSPACE)
        self.form = self.fields_of(page, "csrf_token", "key", "revision") | {"answer-reply": WORDS}

    def new_app(self, **settings):
        app = create_app(Config.from_environ({"WINNOW_HOME": str(self.home), "REDIS_URL": "unix:///none", **settings}))
        self.close()
        self.app = app
        return app

    def close(self):
        if hasattr(self, "app"):
            with self.app.app_context():
                for engine in db.engines.values():
                    engine.dispose()

    def fields_of(self, page, *names):
        answer = Answer(page.status_code, {}, page.get_data(as_text=True))
        return {name: answer.field(name) for name in names}

    def rows(self):
        with closing(sqlite3.connect(self.home / "winnow.sqlite")) as database:
            return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}

    def sends(self, form=None):
        return self.browser.post(SUBMIT, data=form or self.form)

    def saves_by_script(self):
        headers = {"X-CSRFToken": self.form["csrf_token"]}
        json = {"answers": {"reply": WORDS}, "revision": int(self.form["revision"])}
        return self.browser.post(f"/my/{people.SLUG}/draft", json=json, headers=headers)


@pytest.fixture
def desk(made, tmp_path):
    """Everyone gets a copy of the folder."""
    home, link = made
    for name in ("winnow.sqlite", "secret-key"):
        (tmp_path / name).write_bytes((home / name).read_bytes())
    desk = Desk(tmp_path, link)
    yield desk
    desk.close()


@contextmanager
def full_disk(desk):
    """SQLite may not take another page."""

    def fill(connection, _record):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with desk.app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", fill)
    yield
    event.remove(engine, "connect", fill)
    engine.dispose()


@contextmanager
def read_only_file(desk):
    """The file can be read and not written, as after a failed disk or a wrong restore."""
    place = f"sqlite:///file:{desk.home / 'winnow.sqlite'}?mode=ro&uri=true"
    broken = desk.new_app(DATABASE_URL=place)
    desk.browser.application = broken
    yield
    desk.browser.application = desk.new_app()


@contextmanager
def locked_database(desk):
    """Somebody else holds the write lock for longer than anybody waits."""
    desk.browser.application = desk.new_app()
    with closing(sqlite3.connect(desk.home / "winnow.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


FAULTS = pytest.mark.parametrize(
    ("fault", "status"),
    [(full_disk, 507), (read_only_file, 503), (locked_database, 503)],
    ids=["full disk", "read-only file", "locked database"],
)


@FAULTS
def test_the_words_stand_on_the_page_and_the_same_form_can_be_sent_again(desk, fault, status, monkeypatch):
    monkeypatch.setattr(extensions, "SQLITE_BUSY_SECONDS", 0.2)
    before = desk.rows()

    with fault(desk):
        answer = desk.sends()
    page = answer.get_data(as_text=True)
    nothing_written = desk.rows() == before
    again = desk.fields_of(answer, *desk.form)
    healed = [desk.sends(again), desk.sends(again)]

    assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) > 0
    assert "We cannot save right now" in page
    assert "Your words are here" in page
    assert WORDS.splitlines()[2] in page
    assert nothing_written
    assert again["key"] == desk.form["key"]
    assert [one.status_code for one in healed] == [303, 303]
    assert desk.rows()["submission"] == 1


@FAULTS
def test_the_script_is_told_to_try_again_and_the_draft_stays_in_the_browser(desk, fault, status, monkeypatch):
    """`autosave.js` keeps its copy until the server has said "saved", and tries again after any 5xx."""
    monkeypatch.setattr(extensions, "SQLITE_BUSY_SECONDS", 0.2)

    with fault(desk):
        answer = desk.saves_by_script()
    healed = desk.saves_by_script()

    assert (answer.status_code, healed.status_code) == (status, 200)
    assert "Retry-After" in answer.headers


def test_a_page_without_words_says_it_too(desk, monkeypatch):
    monkeypatch.setattr(extensions, "SQLITE_BUSY_SECONDS", 0.2)

    with locked_database(desk):
        answer = desk.browser.post("/my/withdraw", data={"csrf_token": desk.form["csrf_token"]})

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert not re.search("<blockquote", answer.get_data(as_text=True))


@pytest.mark.parametrize(("code", "status"), [("25006", 503), ("XX000", 500)])
def test_a_server_that_is_only_to_be_read_is_no_mistake_of_ours(desk, monkeypatch, code, status):
    """After a failover PostgreSQL raises an internal error; any other internal error is unexpected."""
    cause = Exception("cannot execute INSERT in a read-only transaction")
    cause.sqlstate = code

    def refuse(*_args, **_kwargs):
        raise InternalError("INSERT", {}, cause)

    monkeypatch.setattr("app.services.submissions.submit", refuse)

    assert desk.sends().status_code == status

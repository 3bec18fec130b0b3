"""What every test may ask for: the app, a database that forgets, a client, signing in, and running the work."""

from __future__ import annotations

import contextvars
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from hypothesis import settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url

from app import clock, create_app, jobs, setup, valkey
from app import queue as bells
from app.demo import data as demo_company
from app.extensions import READ, db
from app.models import User, Work, WorkState
from app.services import staff
from config import Config, queue_socket

# The suite tries the same examples on every run; `make sweep` tries many more, and others each time.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("sweep", max_examples=2_000, deadline=None)
settings.load_profile("sweep" if os.environ.get("WINNOW_SWEEP") else "suite")

SECRET = "only-for-tests-0123456789-abcdefghijklmnop"

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for the whole run."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def queue_url(home: Path) -> Iterator[str]:
    """A real queue server of our own, never one that happens to answer."""
    with valkey.running(home / "queue", queue_socket(home)) as url:
        yield url


def fresh_database(server: str, name: str, template: str | None = None) -> str:
    """Create a database on a PostgreSQL server, replacing an older one; gives its address.

    It is called as the database that `server` names, with `name` behind, so that two people who name two databases can
    test on one server. It is empty, or a copy of the one whose address is `template`.
    """
    url = make_url(server.replace("postgres://", "postgresql://"))
    name = f"{url.database}_{name}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        copy = f' TEMPLATE "{make_url(template).database}"' if template else ""
        connection.execute(text(f'CREATE DATABASE "{name}"{copy}'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], str]:
    """`new_database(name)` gives the address of a database that is ready to serve, in place of an older `name`.

    SQLite, or PostgreSQL on the server that TEST_DATABASE_URL names. The migrations run and the shipped challenges are
    published once for each test process; each database is a copy of that one.
    """
    folder = tmp_path_factory.mktemp("databases")
    server = os.environ.get("TEST_DATABASE_URL")

    def new(name: str, template: str | None = None) -> str:
        if server:
            return fresh_database(server, f"{name}_{worker_id}", template)
        for older in folder.glob(f"{name}.sqlite*"):
            older.unlink()
        if template:
            shutil.copy(folder / "ready.sqlite", folder / f"{name}.sqlite")
        return f"sqlite:///{folder / f'{name}.sqlite'}"

    ready = new("ready")
    _make_ready(Config(home=folder, secret_key=SECRET, database_url=ready, redis_url="unix:///nowhere"))
    return lambda name: new(name, ready)


def _make_ready(config: Config) -> None:
    with create_app(config).app_context():
        setup.migrate_database()
        staff.ensure_roles()
        setup.publish_challenges()
        let_go()


def let_go() -> None:
    """Close every connection of the current app, so that its database can be copied or removed."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


@pytest.fixture(scope="session")
def app(home: Path, new_database: Callable[[str], str], queue_url: str) -> Iterator[Flask]:
    """The application, its schema made by the migrations, with the shipped challenges published."""
    with _site(home, new_database("test"), queue_url) as site:
        yield site


@pytest.fixture(scope="session")
def demo_app(home: Path, new_database: Callable[[str], str], queue_url: str) -> Iterator[Flask]:
    """The application with the demo company, written once for every test that asks for `demo`."""
    with _site(home, new_database("demo"), queue_url) as site:
        with site.app_context():
            demo_company.build(clock.now())
            db.session.commit()
        yield site


@contextmanager
def _site(home: Path, database_url: str, queue_url: str) -> Iterator[Flask]:
    site = create_app(
        Config(home=home, secret_key=SECRET, database_url=database_url, redis_url=queue_url, testing=True)
    )
    site.config["WTF_CSRF_ENABLED"] = False
    site.test_client_class = Browser
    yield site
    with site.app_context():
        let_go()


class Browser(FlaskClient):
    """A client whose every request has an app context and a session of its own, as on a real server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request: what the test has written is committed before, and read anew after."""
        if not has_app_context():  # a redirect that is being followed
            return super().open(*args, **kwargs)
        db.session.commit()
        answer = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return answer


@pytest.fixture
def ctx(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An app context in which everything written is forgotten afterwards: one transaction, savepoints inside.

    The database is empty, or has the demo company where the test asks for `demo`.
    """
    site: Flask = request.getfixturevalue("demo_app" if "demo" in request.fixturenames else "app")
    with site.app_context():
        writing, reading = db.engines[None], db.engines[READ]
        connection = writing.connect()
        outer = connection.begin()
        db.engines[None] = db.engines[READ] = connection  # type: ignore[assignment]
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield site
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()
            db.engines[None], db.engines[READ] = writing, reading
            db.session.configure(join_transaction_mode="conditional_savepoint")


@pytest.fixture
def demo(ctx: Flask) -> Flask:
    """`ctx` with the demo company as it is just after it was written, its work not yet done."""
    return ctx


@pytest.fixture
def client(ctx: Flask) -> FlaskClient:
    """A browser without a sign-in."""
    return ctx.test_client()


@pytest.fixture
def sign_in(ctx: Flask) -> Callable[[User], FlaskClient]:
    """A browser in which this member of staff is signed in."""

    def signed_in(user: User) -> FlaskClient:
        browser = ctx.test_client()
        token = staff.open_session(user, clock.now())
        db.session.commit()
        with browser.session_transaction() as session:
            session.update({"_user_id": user.fs_uniquifier, "_fresh": True, "staff": token})
        return browser

    return signed_in


@pytest.fixture
def run_work(ctx: Flask) -> Callable[[], int]:
    """Do all due work as the workers would; fails the test if a piece of work did not succeed."""

    def run() -> int:
        db.session.commit()
        done = 0
        while now_done := sum(jobs.drain_work(name) for name in sorted(set(bells.CLASS_OF.values()))):
            done += now_done
        failed = db.session.query(Work).filter((Work.state == WorkState.FAILED) | Work.reason.is_not(None)).all()
        unexpected = [(work.key, work.reason) for work in failed if work.kind not in ("assign", "third")]
        assert not unexpected, unexpected
        return done

    return run


@pytest.fixture
def count_queries() -> Callable[[], object]:
    """`with count_queries() as statements:` collects the SQL statements of the block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")):
                statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


@pytest.fixture(scope="session")
def worker_id() -> str:
    """The name of this test process where several run beside each other."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """Chromium from the system; never downloaded by us. Under CI its absence is a failure, elsewhere a loud skip."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium. Install the system's chromium package or set CHROMIUM.")
        pytest.skip("NO BROWSER TESTS: there is no Chromium. Install the chromium package or set CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()

"""Installations of their own, with a database of the kind that the suite runs on, and one backup to read from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url

from app import clock, create_app, jobs, setup
from app.backup import database, taking
from app.backup.taking import Taken
from app.extensions import db
from app.models import FrozenPage, Likeness, LinkState
from app.services import audit, company, staff
from config import Config
from tests import factories as make
from tests.conftest import SECRET, fresh_database

LOGO = bytes(range(256))


@contextmanager
def serving(config: Config) -> Iterator[Flask]:
    """The application of an installation, inside its context; lets go of the database afterwards."""
    app = create_app(config)
    with app.app_context():
        try:
            yield app
        finally:
            database.close()


def config_for(home: Path, url: str) -> Config:
    return Config(home=home, secret_key=SECRET, database_url=url, redis_url="unix:///nowhere", testing=True)


@pytest.fixture(scope="session")
def new_config(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Callable[..., Config]]:
    """`new_config()` gives the settings of a new installation: `sqlite=True` wants a file, `like` copies a database."""
    server = os.environ.get("TEST_DATABASE_URL")
    made: list[str] = []

    def new(sqlite: bool = False, like: Config | None = None) -> Config:
        home = tmp_path_factory.mktemp("installation")
        if sqlite or not server:
            return config_for(home, f"sqlite:///{home / 'winnow.sqlite'}")
        template = like.database_url if like else None
        url = fresh_database(server, f"backup_{worker_id}_{len(made)}", template)
        made.append(str(make_url(url).database))
        return config_for(home, url)

    yield new
    if server:
        with psycopg.connect(server, autocommit=True) as connection:
            for name in made:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def template(new_config: Callable[..., Config]) -> Config:
    """An installation with a company, an answer, a sealed audit trail, odd values and two files; only to be copied."""
    config = new_config()
    with serving(config):
        upgrade()
        staff.ensure_roles()
        setup.publish_challenges()
        fill(config)
    return config


@pytest.fixture(scope="session")
def live(template: Config, new_config: Callable[..., Config]) -> Callable[[], Config]:
    """`live()` gives a copy of the template that a test may change."""

    def new() -> Config:
        config = new_config(like=template)
        shutil.copytree(template.home, config.home, dirs_exist_ok=True)
        return config

    return new


def fill(config: Config) -> None:
    """Rows with everything that could be written differently by two databases."""
    submission = make.make_submission(answers={"reply": 'Привет, 你好 \U0001f600 "quoted" \\ \x7f\u2028'})
    opening = submission.attempt.invitation.application.opening
    record = company.get()
    assert record is not None
    record.logo, record.logo_type = LOGO, "image/png"
    # A row that refers to a later one.
    first, *_, last = sorted(company.regions(), key=lambda region: region.id)
    first.parent_id = last.id
    odd = {"b": 1, "a": None, "aa": [0.1, -0.0, 1.0, 1e16, 1.5e300, 1e-7, 12345678901234567890], "é": True, "": {}}
    submission.attempt.draft = odd
    for field in ("reply", "Reply", "éa", "z"):
        db.session.add(
            FrozenPage(
                submission_id=submission.id,
                field=field,
                state=LinkState.ALIVE,
                body=LOGO * 40,
                size=len(LOGO) * 40,
                fetched_at=clock.now(),
            )
        )
    # Two answers alike: hashes of 63 bits.
    for reply in (make.GOOD_REPLY, make.REWORDED_REPLY):
        make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))), {"reply": reply})
    db.session.commit()
    while jobs.drain_work("slow"):
        pass
    assert db.session.query(Likeness).count() == 1
    audit.seal(clock.now())
    db.session.commit()
    folder = config.home / "files" / "ab"
    folder.mkdir(parents=True)
    (folder / "one.png").write_bytes(LOGO)
    (folder.parent / "two words.pdf").write_bytes(b"")


@pytest.fixture(scope="session")
def taken(live: Callable[[], Config]) -> Taken:
    """A backup that tests read and copy, never change."""
    config = live()
    with serving(config):
        return taking.take(config)

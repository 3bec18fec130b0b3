"""Migrations: one head, reversible, in step with the models, on whichever database the suite runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, text

from app import clock, create_app, setup
from app.extensions import db
from app.models import Work, WorkState
from app.processes import CannotStart
from app.services import catalog, publishing
from config import Config
from tests import factories as make
from tests.conftest import SECRET, fresh_database

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


@pytest.fixture
def empty(tmp_path, worker_id):
    """The application on an empty database of its own."""
    server = os.environ.get("TEST_DATABASE_URL")
    url = fresh_database(server, f"migrations_{worker_id}") if server else f"sqlite:///{tmp_path / 'm.sqlite'}"
    app = create_app(
        Config(home=tmp_path, secret_key=SECRET, database_url=url, redis_url="unix:///nowhere", testing=True)
    )
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head():
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1


def test_up_down_up_ends_where_the_models_are(empty):
    upgrade()
    first = tables()
    downgrade(revision="base")
    gone = tables()
    upgrade()

    check()

    assert gone == set()
    assert tables() == first == set(db.metadata.tables)


def test_a_second_upgrade_changes_nothing(empty):
    setup.migrate_database()

    setup.migrate_database()

    assert setup.is_up_to_date()


def test_a_database_newer_than_the_code_is_refused_in_one_line(empty):
    setup.migrate_database()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20990101_the_future'"))

    with pytest.raises(CannotStart, match="newer than this code"):
        setup.migrate_database()


def test_an_unreachable_database_is_one_clear_line(tmp_path):
    url = "postgresql://nobody@127.0.0.1:9/none"
    app = create_app(
        Config(home=tmp_path, secret_key=SECRET, database_url=url, redis_url="unix:///nowhere", testing=True)
    )

    with app.app_context(), pytest.raises(CannotStart, match="does not answer") as refusal:
        setup.migrate_database()

    assert "\n" not in str(refusal.value)


def test_constraints_hold_what_the_models_promise(empty):
    setup.migrate_database()
    names = {constraint["name"] for table in tables() for constraint in inspect(db.engine).get_check_constraints(table)}

    assert {"ck_rating_level_on_scale", "ck_assignment_lease_while_claimed", "ck_work_lease_while_running"} <= names
    assert {"ck_application_stage", "ck_work_workstate"} <= names


def test_answers_that_were_final_before_are_compared_after_the_upgrade(empty):
    upgrade()
    publishing.publish(catalog.load(catalog.SHIPPED / "close-my-account" / "v1"), clock.now())
    opening = make.make_opening()
    first, second = (make.make_attempt(make.make_invitation(make.make_application(opening))) for _ in range(2))
    make.make_submission(first, is_final=False)
    final = make.make_submission(first)
    make.make_submission(second, is_final=False)
    db.session.commit()
    downgrade(revision="20261122_rescoring")
    before = db.session.query(Work).filter_by(kind="sketch").count()
    db.session.rollback()

    upgrade()

    work = db.session.query(Work).filter_by(kind="sketch").one()
    assert before == 0
    assert (work.key, work.state, work.attempt) == (f"sketch:{final.id}", WorkState.PENDING, 0)
    assert work.next_at <= clock.now()
